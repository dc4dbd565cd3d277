"""Time to live: documents whose time is over are deleted, as changes like any other, so that triggers are told.

What `fieldOverrides` with `ttl: true` name is looked through from time to time. Only a time counts: a document whose
field is missing or holds something else lives for ever. Production deletes within 24 hours, and tells the triggers so
(https://firebase.google.com/docs/firestore/ttl); here it happens at the next look.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from firewarden.firestore.documents import DocumentPath
from firewarden.firestore.encoding import bounds_of_type, encode
from firewarden.firestore.field_paths import FieldPath
from firewarden.firestore.query.intervals import behind
from firewarden.firestore.query.scanning import IndexedField, ScanIndex
from firewarden.firestore.status import StatusError
from firewarden.firestore.writes import Write
from firewarden.server.auth import SYSTEM
from firewarden.server.committing import commit
from firewarden.server.database import ServedDatabase
from firewarden.server.waiting import Patience, WouldBlock


def delete_expired(database: ServedDatabase, *, seconds: float) -> int:
    """Delete every document whose time is over; returns how many. What a transaction has read stays a while longer."""
    # Only definitions from a file have any.
    expiring: Sequence[tuple[str, FieldPath]] = getattr(database.available, "expiring", ())
    expired = [path for group, field in expiring for path in _expired(database, group, field)]
    return sum(_deleted(database, path, seconds) for path in dict.fromkeys(expired))


def _expired(database: ServedDatabase, group: str, field: FieldPath) -> Iterator[DocumentPath]:
    now = database.now()
    index = ScanIndex(group, group=True, fields=(IndexedField(field),))
    first, _ = bounds_of_type(now)
    for entry in database.documents.snapshot(None).scan(index, (), first, behind(encode(now))):
        yield entry.document.path


def _deleted(database: ServedDatabase, path: DocumentPath, seconds: float) -> bool:
    try:
        commit(database, SYSTEM, [Write(path)], seconds=seconds, patience=Patience())
    except (WouldBlock, StatusError):
        return False
    database.ledger.expired(SYSTEM, path)
    return True
