"""Whether what concurrent transactions saw and did can be explained by some order of them, one after the other.

The direct serialization graph of Adya ("Weak Consistency", 1999, section 3): an edge from a transaction to every one
that must come after it, because it wrote over (ww), read (wr) or would have spoilt (rw) a version; and because it
began when the other was acknowledged already (real time). Without a cycle there is such an order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

Value = int | None
"""What a document holds; None is no document."""


@dataclass(frozen=True, slots=True)
class Predicate:
    """The documents whose value is at least this."""

    least: int

    def matches(self, value: Value) -> bool:
        """Whether a document is found."""
        return value is not None and value >= self.least


@dataclass(slots=True)
class Read:
    """Documents and who wrote what was seen of them (None: nothing was there); or what a predicate found."""

    time: int
    seen: Mapping[str, str | None]
    predicate: Predicate | None = None


@dataclass(slots=True)
class Transaction:
    """One attempt. `begun` and `ended` are real time, as the client saw it; only a committed one has a `time`."""

    name: str
    begun: int
    ended: int = 0
    time: int | None = None
    reads: list[Read] = field(default_factory=list)
    writes: dict[str, Value] = field(default_factory=dict)
    abort: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """A document from `time` on; nobody wrote the first."""

    time: int
    writer: str | None
    value: Value


Versions = Mapping[str, Sequence[Version]]


def violations(history: Sequence[Transaction], documents: Sequence[str]) -> list[str]:
    """What no serial order explains, in words; empty if all is well."""
    committed = {each.name: each for each in history if each.time is not None}
    versions = _versions(committed.values(), documents)
    found = list(_wrong_reads(history, versions))
    try:
        TopologicalSorter(_predecessors(committed, versions)).prepare()
    except CycleError as error:
        found.append(f"no serial order: {' -> '.join(error.args[1])}")
    return found


def final(history: Sequence[Transaction], documents: Sequence[str]) -> dict[str, str | None]:
    """Who wrote what every document must hold in the end."""
    committed = [each for each in history if each.time is not None]
    last = {path: each[-1] for path, each in _versions(committed, documents).items()}
    return {path: None if each.value is None else each.writer for path, each in last.items()}


def _versions(committed: Iterable[Transaction], documents: Sequence[str]) -> Versions:
    found: dict[str, list[Version]] = {path: [Version(-1, None, None)] for path in documents}
    for time, each in sorted(((one.time or 0, one) for one in committed), key=lambda pair: pair[0]):
        for path, value in each.writes.items():
            if value is None and found[path][-1].value is None:
                continue  # to delete what is not there changes nothing
            found[path].append(Version(time, each.name, value))
    return found


def _wrong_reads(history: Sequence[Transaction], versions: Versions) -> Iterator[str]:
    """Reads that are not the state at the time that the server gave them."""
    for transaction in history:
        for read in transaction.reads:
            expected = _expected(read, versions)
            if expected != dict(read.seen):
                yield f"{transaction.name} at {read.time}: saw {dict(read.seen)}, there was {expected}"


def _expected(read: Read, versions: Versions) -> dict[str, str | None]:
    if read.predicate is None:
        return {path: _shown(versions[path][_at(versions[path], read.time)]) for path in read.seen}
    at = {path: each[_at(each, read.time)] for path, each in versions.items()}
    return {path: _shown(each) for path, each in at.items() if read.predicate.matches(each.value)}


def _shown(version: Version) -> str | None:
    return None if version.value is None else version.writer


def _at(versions: Sequence[Version], time: int) -> int:
    """The number of the version that held at a time."""
    return max(number for number, each in enumerate(versions) if each.time <= time)


def _predecessors(committed: Mapping[str, Transaction], versions: Versions) -> dict[str, set[str]]:
    before: dict[str, set[str]] = {name: set() for name in committed}
    for first, then in _edges(committed, versions):
        if first is not None and then is not None and first != then:
            before[then].add(first)
    return before


def _edges(committed: Mapping[str, Transaction], versions: Versions) -> Iterator[tuple[str | None, str | None]]:
    for each in versions.values():
        yield from ((one.writer, other.writer) for one, other in pairwise(each))  # ww
    for name, transaction in committed.items():
        for read in transaction.reads:
            for path in read.seen if read.predicate is None else versions:
                yield from _of_read(name, read, versions[path])
    everyone = sorted(committed.values(), key=lambda one: one.begun)
    for one in everyone:
        yield from ((one.name, other.name) for other in everyone if one.ended < other.begun)


def _of_read(name: str, read: Read, versions: Sequence[Version]) -> Iterator[tuple[str | None, str | None]]:
    """The version read was made before, and what changes it comes after. Of a predicate only what it notices counts."""
    at = _at(versions, read.time)
    if read.predicate is None or read.predicate.matches(versions[at].value):
        yield versions[at].writer, name  # wr
        yield name, versions[at + 1].writer if at + 1 < len(versions) else None  # rw
        return
    noticed = [number for number, each in enumerate(versions) if read.predicate.matches(each.value)]
    yield next((versions[number + 1].writer for number in reversed(noticed) if number < at), None), name
    yield name, next((versions[number].writer for number in noticed if number > at), None)
