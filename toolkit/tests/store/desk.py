"""A store with a database, and short ways to write into it and read from it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

from firewarden.firestore.documents import DatabaseName, DocumentPath, StoredDocument
from firewarden.firestore.query.scanning import IndexedField, Mode, ScanIndex
from firewarden.firestore.wire.values import encode_fields
from firewarden.store import Change, Database, Store, StoreSnapshot
from firewarden.values import NANOS_PER_SECOND, Timestamp

NAME: Final = DatabaseName("demo-store")
START: Final = 1_700_000_000
"""When desks open, in seconds."""


@dataclass
class Desk:
    """A database to work with; every commit is a second after the one before unless its time is given."""

    store: Store
    name: DatabaseName = NAME
    seconds: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def database(self) -> Database:
        return self.store.database(self.name)

    def time(self) -> Timestamp:
        return after_start(next(self.seconds))

    def put(self, **documents: Mapping[str, Any] | None) -> Timestamp:
        """Commit documents by path (with `__` for the slash); None deletes."""
        return self.commit({path.replace("__", "/"): fields for path, fields in documents.items()})

    def commit(self, documents: Mapping[str, Mapping[str, Any] | None], *, at: float | None = None) -> Timestamp:
        time = self.time() if at is None else after_start(at)
        self.database.commit([self.change(path, fields, time) for path, fields in documents.items()], time=time)
        return time

    def change(self, text: str, fields: Mapping[str, Any] | None, time: Timestamp) -> Change:
        path = path_of(text)
        if fields is None:
            return Change(path, None, None, None)
        before = self.database.snapshot().document(path)
        return Change(path, encode_fields(fields), time if before is None else before.create_time, time)

    def document(self, text: str) -> StoredDocument:
        found = self.database.snapshot().document(path_of(text))
        assert found is not None, text
        return found

    def fields(self, text: str, at: Timestamp | None = None) -> Mapping[str, Any] | None:
        return fields_of(self.database.snapshot(at), text)

    def names(self, index: ScanIndex, at: Timestamp | None = None, **options: Any) -> list[str]:
        """The documents in the order of an index."""
        return names_of(self.database.snapshot(at), index, **options)


def fields_of(snapshot: StoreSnapshot, text: str) -> Mapping[str, Any] | None:
    found = snapshot.document(path_of(text))
    return None if found is None else found.fields


def names_of(
    snapshot: StoreSnapshot,
    index: ScanIndex,
    *,
    parent: str = "",
    low: bytes = b"",
    high: bytes | None = None,
    reverse: bool = False,
) -> list[str]:
    found = snapshot.scan(index, path_of(parent), low, high, reverse=reverse)
    return ["/".join(entry.document.path) for entry in found]


def index_on(collection: str | None, *fields: str, group: bool = False, name: Mode = Mode.ASCENDING) -> ScanIndex:
    """An index: `n` ascending, `-n` descending, `n[]` contains."""
    return ScanIndex(collection, group, tuple(map(_field, fields)), name)


def path_of(text: str) -> DocumentPath:
    return tuple(text.split("/")) if text else ()


def after_start(seconds: float) -> Timestamp:
    return Timestamp(START * NANOS_PER_SECOND + int(seconds * NANOS_PER_SECOND))


def _field(text: str) -> IndexedField:
    mode = Mode.DESCENDING if text.startswith("-") else Mode.CONTAINS if text.endswith("[]") else Mode.ASCENDING
    return IndexedField(tuple(text.strip("-[]").split(".")), mode)
