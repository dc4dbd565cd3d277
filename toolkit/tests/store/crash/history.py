"""The history that a writer commits: a function of seed and number, so that whoever knows these knows every state."""

import random
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from firewarden.firestore.documents import DatabaseName, DocumentPath
from firewarden.firestore.wire.values import encode_fields
from firewarden.store import Change
from firewarden.values import Timestamp
from toolkit.tests.store.desk import index_on

NAME: Final = DatabaseName("demo-crash")
HEAD: Final[DocumentPath] = ("log", "head")
"""Holds the number of the last commit."""
INDEXES: Final = (index_on("data", "n", "text"), index_on("below", "n", group=True), index_on(None, group=True))
WINDOW_SECONDS: Final = 0.1
"""Commits are a millisecond apart: a hundred of them can be read back."""
_DOCUMENTS: Final = 60

State = dict[DocumentPath, Mapping[str, Any]]


def backup_of(file: Path) -> Path:
    """Where the last backup of a data file is."""
    return file.with_suffix(".backup")


def time_of(number: int) -> Timestamp:
    """When a commit happens."""
    return Timestamp((1_700_000_000_000 + number) * 1_000_000)


@cache
def fields_by_path(seed: int, number: int) -> Mapping[DocumentPath, Mapping[str, Any] | None]:
    """What a commit makes of some documents; None deletes."""
    chance = random.Random(f"{seed} {number}")
    changed: dict[DocumentPath, Mapping[str, Any] | None] = {HEAD: {"n": number}}
    for _ in range(chance.choice((1, 1, 2, 5, 40))):
        path: DocumentPath = ("data", f"{chance.randrange(_DOCUMENTS)}")
        if chance.random() < 0.3:
            path = (*path, "below", f"{chance.randrange(3)}")
        fields = {"n": number, "text": "x" * chance.choice((10, 300, 3_000))}
        changed[path] = None if chance.random() < 0.2 else fields
    return changed


def changes(seed: int, number: int) -> list[Change]:
    """The commit with a number. Every document is as if made anew, so that no state is needed."""
    time = time_of(number)
    return [
        Change(path, None, None, None) if fields is None else Change(path, encode_fields(fields), time, time)
        for path, fields in fields_by_path(seed, number).items()
    ]


def states(seed: int) -> Iterator[State]:
    """The documents after 0, 1, 2, … commits; each the same dictionary, changed."""
    state: State = {}
    number = 0
    while True:
        yield state
        number += 1
        for path, fields in fields_by_path(seed, number).items():
            if fields is None:
                state.pop(path, None)
            else:
                state[path] = fields
