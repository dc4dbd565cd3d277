"""What a client does whose write was not taken: it comes again, as the SDKs of browsers and phones do by themselves."""

import time
from collections.abc import Callable

from google.api_core.exceptions import Aborted, DeadlineExceeded, PermissionDenied, ServiceUnavailable

TRIES = 20
PAUSE_S = 0.5
PASSING = (Aborted, DeadlineExceeded, ServiceUnavailable, PermissionDenied)
"""What may pass. The last is how Google's emulator answers where its rules wait for a lock in vain.

See https://github.com/firebase/firebase-tools/issues/10518. What is really denied stays so.
"""


def write_until_taken(write: Callable[[], object], *, is_taken: Callable[[], bool] = lambda: False) -> None:
    """Write, again where that may help; `is_taken` says that it was written and only the answer got lost."""
    for left in reversed(range(TRIES)):
        try:
            write()
        except PASSING:
            if not left:
                raise
            time.sleep(PAUSE_S)
            if is_taken():
                return
        else:
            return
