"""Reading what several indexes have in common: each skips to what the others have reached (a zig-zag merge)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from firewarden.firestore.documents import DocumentPath, StoredDocument
from firewarden.firestore.encoding import inverted
from firewarden.firestore.query.intervals import Interval, Position, behind, flipped
from firewarden.firestore.query.plans import Branch, Scan
from firewarden.firestore.query.scanning import Entry, Snapshot
from firewarden.firestore.query.statistics import Statistics

_STEPS = 8
"""Entries that are passed one by one before an index is entered anew."""

Found = tuple[bytes, StoredDocument]
"""What an index holds behind its prefix, in bytes that sort in the order of reading, and the document."""


def scanned(branch: Branch, parent: DocumentPath, snapshot: Snapshot, statistics: Statistics) -> Iterator[Found]:
    """What all scans of a branch hold alike, in the order of reading."""
    readers = [_Reader(each, branch.spans, parent, snapshot, statistics) for each in branch.scans]
    if len(readers) == 1:
        yield from readers[0].all()
        return
    target = b""
    while (found := _agreed(readers, target)) is not None:
        yield found
        target = found[0] + b"\x00"


def _agreed(readers: Sequence[_Reader], target: bytes) -> Found | None:
    """The first entry at or behind a position that all readers have."""
    agreed = 0
    while True:
        for reader in readers:
            found = reader.reach(target)
            if found is None:
                return None
            agreed = agreed + 1 if found[0] == target else 1
            target = found[0]
            if agreed == len(readers):
                return found


class _Reader:
    """One index, between the spans of its branch."""

    def __init__(
        self, scan: Scan, spans: Sequence[Interval], parent: DocumentPath, snapshot: Snapshot, statistics: Statistics
    ) -> None:
        self._scan = scan
        self._spans = spans
        self._parent = parent
        self._snapshot = snapshot
        self._statistics = statistics
        self._ahead = self._from(b"")
        self._current: Found | None = None

    def all(self) -> Iterator[Found]:
        """Everything."""
        return self._ahead

    def reach(self, target: bytes) -> Found | None:
        """The first entry at or behind a position; None at the end."""
        steps = 0
        while self._current is None or self._current[0] < target:
            if steps == _STEPS:
                self._ahead = self._from(target)
            steps += 1
            self._current = next(self._ahead, None)
            if self._current is None:
                return None
        return self._current

    def _from(self, target: bytes) -> Iterator[Found]:
        for span in self._spans:
            if span.high is None or target < span.high:
                yield from self._read(Interval(max(span.low, target), span.high))

    def _read(self, span: Interval) -> Iterator[Found]:
        scan, start = self._scan, len(self._scan.prefix)
        low, high = keys(span, scan)
        for key, document in self._entries(low, high):
            self._statistics.entries += 1
            rest = key[start:]
            yield (inverted(rest) if scan.reverse else rest), document

    def _entries(self, low: bytes, high: Position) -> Iterator[Entry]:
        return self._snapshot.scan(self._scan.index, self._parent, low, high, reverse=self._scan.reverse)


def keys(span: Interval, scan: Scan) -> tuple[bytes, Position]:
    """The keys of an interval; those of an index that is read backwards are inverted."""
    low, high = (flipped(span.high) or b"", flipped(span.low)) if scan.reverse else span
    return scan.prefix + low, behind(scan.prefix) if high is None else scan.prefix + high
