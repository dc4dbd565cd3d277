"""What a client must be told of single documents, from the state it knows to the one that is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from firewarden.firestore.documents import DocumentPath, StoredDocument


class Step(NamedTuple):
    """One document of a target: was the client told that it is in it, and is it now (`now`)?

    What is not in it any more may still exist.
    """

    path: DocumentPath
    was_in: bool
    now: StoredDocument | None
    exists: bool


class Pending:
    """Steps that were not told yet: one for each document, however often it changes, so that a slow client costs
    no more than its target holds."""

    __slots__ = ("_steps",)

    def __init__(self) -> None:
        self._steps: dict[DocumentPath, Step] = {}

    def add(self, step: Step) -> None:
        """The next step of a document. One that leads back to where nothing was is none."""
        path, _, now, exists = step
        earlier = self._steps.get(path)
        if earlier is not None:
            step = Step(path, earlier.was_in, now, exists)
        if step.was_in or now is not None:
            self._steps[path] = step
        elif earlier is not None:
            del self._steps[path]

    def take(self) -> Sequence[Step]:
        """All of them, in the order in which the documents first changed; they are told now."""
        taken = list(self._steps.values())
        self._steps = {}
        return taken

    def __bool__(self) -> bool:
        return bool(self._steps)


def growth(steps: Iterable[Step]) -> int:
    """How many more documents there are after the steps."""
    return sum((step.now is not None) - step.was_in for step in steps)


Result = Mapping[DocumentPath, StoredDocument]
"""The documents of a target, in its order."""


def difference(old: Result, new: Result, exists: Callable[[DocumentPath], bool]) -> Iterator[Step]:
    """The steps from one result to another; `exists` tells of documents that left whether they are still there."""
    for path in old:
        if path not in new:
            yield Step(path, was_in=True, now=None, exists=exists(path))
    for path, document in new.items():
        known = old.get(path)
        if known is None or known.update_time != document.update_time or known.create_time != document.create_time:
            yield Step(path, was_in=known is not None, now=document, exists=True)
