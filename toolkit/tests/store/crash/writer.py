"""Commits one number after the other into a file, and says each when it is done, until it is killed.

Arguments: the file, the seed, the file of acknowledgements, and how many of a thousand commits are acknowledged before
they are done, which is wrong: it shows that a loss would be found.
"""

import os
import random
import sys
from pathlib import Path

from firewarden.store import Store
from toolkit.tests.store.crash.history import HEAD, INDEXES, NAME, WINDOW_SECONDS, changes, time_of


def main(file: str, seed: str, acknowledgements: str, early_per_mille: str) -> None:
    """Write until killed."""
    chance = random.Random()
    log = os.open(acknowledgements, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    database = Store(Path(file), window_seconds=WINDOW_SECONDS).database(NAME)
    head = database.snapshot().document(HEAD)
    number = 0 if head is None else head.fields["n"]
    for index in INDEXES:
        database.ensure_index(index)
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


if __name__ == "__main__":
    main(*sys.argv[1:])
