"""Rules that are read again whenever their file changes, as long as a server runs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from firewarden.cli.rules_files import read_rules
from firewarden.errors import FirewardenError
from firewarden.firestore.status import StatusError
from firewarden.server.rulesets import Rulesets

_LOOK_EVERY_S = 0.5


@contextmanager
def followed(
    file: Path,
    rulesets: Rulesets,
    guard: threading.RLock,
    *,
    report: Callable[[str], None],
    database: str | None = None,
) -> Iterator[None]:
    """Hold these rules where no others are put, and the new ones whenever the file has changed.

    With `database` they hold in the databases of that id only.

    Raises for rules that do not compile at the start; later the ones before stay, and `report` is told why. So it is
    while the file is not there: editors write by removing it.
    """
    known = _stamp(file)
    _put(file, rulesets, guard, database)
    stop = threading.Event()

    def follow(known: _Stamp) -> None:
        while not stop.wait(_LOOK_EVERY_S):
            stamp = _stamp(file)
            if stamp in (known, None):
                continue
            known = stamp
            try:
                _put(file, rulesets, guard, database)
                report(f"{file}: in force")
            except FirewardenError as error:
                report(f"{error.message}\nThe rules before stay in force.")

    thread = threading.Thread(target=follow, args=(known,), name="firewarden-rules", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _put(file: Path, rulesets: Rulesets, guard: threading.RLock, database: str | None) -> None:
    text = read_rules(file)
    try:
        with guard:
            rulesets.put_default([{"name": file.name, "content": text}], database=database)
    except StatusError:
        from firewarden.rules import RulesetInvalid, check  # noqa: PLC0415 - servers without rules start without them

        raise RulesetInvalid(check(text), text, str(file)) from None


_Stamp = tuple[int, int, int] | None


def _stamp(file: Path) -> _Stamp:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
