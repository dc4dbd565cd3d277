"""How an operator's script ends: every refusal has one clear line that says what stays, and nothing is half-silent."""

import sys
from collections.abc import Callable

from google.api_core.exceptions import GoogleAPICallError, RetryError
from google.auth.exceptions import GoogleAuthError

from firestore_target import Refused

COULD_NOT_RUN = 2


def ended(script: str, run: Callable[[], int], *, done: str) -> int:
    """What `run` returns, or COULD_NOT_RUN and why; `done` says in a word what is not taken back."""
    try:
        return run()
    except Refused as refusal:
        print(f"{script}: {refusal}", file=sys.stderr)
    except (GoogleAPICallError, RetryError, GoogleAuthError) as error:
        print(f"{script}: Firestore refused: {error}; what was {done} stays, run it again", file=sys.stderr)
    except KeyboardInterrupt:
        print(f"{script}: stopped; what was {done} stays, run it again to go on", file=sys.stderr)
    return COULD_NOT_RUN
