"""Commits one number after the other into a file, and says each when it is done, until it is killed.

Now and then it removes past versions, empties the log into the file, and writes a backup; what it is at, it says in
another file. Arguments: the data file, the seed, the file of acknowledgements, the file that says what it is at, and
how many of a thousand commits are acknowledged before they are done, which is wrong: it shows that a loss would be
found.
"""

import os
import random
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from firewarden.store import Store
from toolkit.tests.store.crash.history import HEAD, INDEXES, NAME, WINDOW_SECONDS, backup_of, changes, time_of


def main(file: str, seed: str, acknowledgements: str, at: str, early_per_mille: str) -> None:
    """Write until killed."""
    chance = random.Random()
    log = os.open(acknowledgements, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    activity = os.open(at, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    store = Store(Path(file), window_seconds=WINDOW_SECONDS)
    database = store.database(NAME)
    head = database.snapshot().document(HEAD)
    number = 0 if head is None else head.fields["n"]
    for index in INDEXES:
        database.ensure_index(index)
    os.pwrite(activity, _COMMITTING, 0)
    parent = os.getppid()
    while os.getppid() == parent:  # a writer whose rounds were broken off ends too
        number += 1
        line = f"{number}\n".encode()
        is_early = chance.randrange(1_000) < int(early_per_mille)
        if is_early:
            os.write(log, line)
        database.commit(changes(int(seed), number), time=time_of(number))
        if not is_early:
            os.write(log, line)
        if number % 20 == 0:
            # Reading the past stores entries of past versions, which a kill must not leave half done either.
            list(database.snapshot(time_of(number - 5)).scan(chance.choice(INDEXES), (), b"", None))
        if number % 10 == 0:
            name = chance.choice(tuple(_CARE))
            os.pwrite(activity, name.ljust(_NAME_BYTES).encode(), 0)
            _CARE[name](store, number)
            os.pwrite(activity, _COMMITTING, 0)


def _vacuum(store: Store, number: int) -> None:
    store.vacuum(now=time_of(number))


def _checkpoint(store: Store, _number: int) -> None:
    store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


def _backup(store: Store, _number: int) -> None:
    path = backup_of(Path(str(store.path)))
    path.unlink(missing_ok=True)
    store.backup(path)


_CARE: Final[Mapping[str, Callable[[Store, int], Any]]] = {
    "vacuum": _vacuum,
    "checkpoint": _checkpoint,
    "backup": _backup,
}
_NAME_BYTES: Final = 12
_COMMITTING: Final = b"commit".ljust(_NAME_BYTES)


if __name__ == "__main__":
    main(*sys.argv[1:])
