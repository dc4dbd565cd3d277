"""Documents as they are stored: a name, the fields as bytes, and two times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from firewarden.firestore.wire.values import decode_fields, decode_some
from firewarden.values import Timestamp

DocumentPath = tuple[str, ...]
"""A document by its segments below `/documents`: `("events", "e1")`; the root itself is ()."""

Fields = Mapping[str, Any]
"""The values of a document by name: None, bool, int, float, `Timestamp`, str, bytes, `Reference`, `LatLng`, list,
dict or `Vector`."""


class DatabaseName(NamedTuple):
    """A database: what transactions, rules and indexes are kept apart by."""

    project: str
    database: str = "(default)"

    def __str__(self) -> str:
        return f"projects/{self.project}/databases/{self.database}"


class StoredDocument:
    """A document at some time. `data` is a serialised `google.firestore.v1.Document` that has nothing but fields."""

    __slots__ = ("_fields", "create_time", "data", "path", "update_time")

    def __init__(self, path: DocumentPath, data: bytes, create_time: Timestamp, update_time: Timestamp) -> None:
        self.path = path
        self.data = data
        self.create_time = create_time
        self.update_time = update_time
        self._fields: dict[str, Any] | None = None

    def some(self, names: Sequence[str]) -> Mapping[str, Any]:
        """At least these fields, as far as they are there; to decode only them costs less."""
        return decode_some(self.data, names) if self._fields is None else self._fields

    @property
    def fields(self) -> dict[str, Any]:
        """The decoded fields; not to be changed."""
        if self._fields is None:
            self._fields = decode_fields(self.data)
        return self._fields
