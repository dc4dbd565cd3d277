"""Names of documents as indexes end with them: ids within one collection, whole paths where collections are mixed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from firewarden.firestore.documents import DocumentPath
from firewarden.firestore.encoding import encode_id, encode_path
from firewarden.firestore.query.intervals import EVERYTHING, Interval, Position, behind

_END_OF_PATH = b"\x00\x00"
_BEHIND_PATH = b"\x00\x01"


@dataclass(frozen=True, slots=True)
class CollectionNames:
    """The names of the documents that a query may find; `parent` and `collection` are the query's."""

    parent: DocumentPath
    collection: str | None
    is_group: bool

    @property
    def below_parent(self) -> tuple[Interval, ...]:
        """The encoded paths of everything below the parent, without itself."""
        if not self.parent:
            return EVERYTHING
        start = b"".join(map(encode_id, self.parent))
        return (Interval(start + _BEHIND_PATH, behind(start)),)

    def encoded(self, path: DocumentPath) -> bytes:
        """A path as paths are sorted."""
        return encode_path(path)

    def intervals(self, paths: Iterable[Interval]) -> tuple[Interval, ...]:
        """Intervals of encoded paths as intervals of names as they stand in the index."""
        found = []
        for each in paths:
            low, high = self.position(each.low), self.position(each.high)
            if low is not None and (high is None or low < high):
                found.append(Interval(low, high))
        return tuple(found)

    def position(self, path: Position) -> Position:
        """A position among encoded paths as one among names."""
        if self.is_group or self.collection is None or path is None:
            return path
        start = b"".join(map(encode_id, (*self.parent, self.collection)))
        if path.startswith(start):
            # A name ends where the path goes on: what lies below a document comes behind the document itself.
            return path[len(start) :].removesuffix(_END_OF_PATH)
        return b"" if path < start else None
