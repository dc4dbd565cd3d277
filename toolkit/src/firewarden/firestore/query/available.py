"""Which indexes a database has, the automatic ones and those defined for it: what planning asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from firewarden.firestore.query.scanning import IndexedField, ScanIndex

if TYPE_CHECKING:
    from firewarden.firestore.query.vector_indexes import VectorIndex


class Available(Protocol):
    """The indexes that may be used as if they had always been there; they never change."""

    def __hash__(self) -> int:
        """Answers are remembered."""
        ...

    def composites(self, collection: str, *, group: bool) -> Sequence[ScanIndex]:
        """The composite indexes of a collection, or with `group` of all collections of that name together."""
        ...

    def has_single(self, collection: str, field: IndexedField, *, group: bool) -> bool:
        """Whether a field is indexed by itself in this mode."""
        ...

    def vectors(self, collection: str, *, group: bool) -> Sequence[VectorIndex]:
        """The vector indexes of a collection, or with `group` of all collections of that name together."""
        ...


class Automatic:
    """What a database has if nothing is defined: every field of every collection by itself, no collection groups."""

    def composites(self, collection: str, *, group: bool) -> Sequence[ScanIndex]:
        """None."""
        del collection, group
        return ()

    def has_single(self, collection: str, field: IndexedField, *, group: bool) -> bool:
        """All of them."""
        del collection, field
        return not group

    def vectors(self, collection: str, *, group: bool) -> Sequence[VectorIndex]:
        """None."""
        del collection, group
        return ()


AUTOMATIC: Available = Automatic()
