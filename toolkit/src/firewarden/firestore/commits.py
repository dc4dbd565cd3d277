"""What the writes of one commit leave of the documents: all of them at one time, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from firewarden.firestore.documents import DatabaseName, DocumentPath, StoredDocument
from firewarden.firestore.preconditions import check_precondition
from firewarden.firestore.sizes import check_document
from firewarden.firestore.wire.values import encode_fields
from firewarden.firestore.writes import Write, apply
from firewarden.limits import Limits
from firewarden.values import Timestamp


class Changed(NamedTuple):
    """A document that is not what it was; None is no document."""

    path: DocumentPath
    before: StoredDocument | None
    after: StoredDocument | None


class WriteResult(NamedTuple):
    """What one write came to: when its document last changed (None: it is gone), and the transforms' results."""

    update_time: Timestamp | None
    transform_results: tuple[Any, ...] = ()


class Outcome(NamedTuple):
    """The documents that change, and the result of every write in order."""

    changes: tuple[Changed, ...]
    results: tuple[WriteResult, ...]


def fold(
    writes: Sequence[Write],
    stored: Callable[[DocumentPath], StoredDocument | None],
    database: DatabaseName,
    *,
    time: Timestamp,
    limits: Limits,
) -> Outcome:
    """What the writes come to if they are committed at `time`.

    The writes go together (`collapsing.check_together`). A document whose fields are the same in the end has not
    changed, nor has its update time; one that was deleted on the way is another one afterwards.
    """
    if None not in [each.data for each in writes] and len({each.path for each in writes}) == len(writes):
        return _fold_sets(writes, stored, database, time, limits)
    drafts: dict[DocumentPath, _Draft] = {}
    told: list[tuple[Any, ...]] = []
    for write in writes:
        draft = drafts.get(write.path)
        if draft is None:
            before = stored(write.path)
            if write.exists is not None or write.update_time is not None:
                check_precondition(write, before, database)
            draft = drafts[write.path] = _Draft(before)
        told.append(draft.write(write, time))
    changes, times = [], {}
    for path, draft in drafts.items():
        after = draft.finished(path, time)
        if after is not draft.before:
            check_document(after, database, limits)
            changes.append(Changed(path, draft.before, after))
        times[path] = after.update_time if after is not None else None if draft.is_written else time
    usual = WriteResult(time)
    results = tuple(
        usual if not each and times[write.path] is time else WriteResult(times[write.path], each)
        for write, each in zip(writes, told, strict=True)
    )
    return Outcome(tuple(changes), results)


def _fold_sets(
    writes: Sequence[Write],
    stored: Callable[[DocumentPath], StoredDocument | None],
    database: DatabaseName,
    time: Timestamp,
    limits: Limits,
) -> Outcome:
    """The same if every write sets a whole document, each another one, as in most commits."""
    changes: list[Changed] = []
    usual = WriteResult(time)
    results = [usual] * len(writes)
    for number, (path, _, data, _, _, exists, update_time, _) in enumerate(writes):
        before = stored(path)
        if exists is not None or update_time is not None:
            check_precondition(writes[number], before, database)
        if data is None:
            continue
        if before is None:
            changes.append(Changed(path, None, StoredDocument(path, data, time, time)))
        elif data != before.data:
            changes.append(Changed(path, before, StoredDocument(path, data, before.create_time, time)))
        else:
            results[number] = WriteResult(before.update_time)
    for change in changes:
        check_document(change.after, database, limits)
    return Outcome(tuple(changes), tuple(results))


class _Draft:
    """A document as the writes so far leave it."""

    __slots__ = ("before", "data", "fields", "is_written", "was_deleted")

    def __init__(self, before: StoredDocument | None) -> None:
        self.before = before
        self.fields: Mapping[str, Any] | None = None
        self.data: bytes | None = None
        self.is_written = False
        self.was_deleted = False

    def write(self, write: Write, time: Timestamp) -> tuple[Any, ...]:
        """Add a write; returns the results of its transforms."""
        if write.verify:
            return ()
        if write.replaces:
            self.fields, self.data = write.fields, write.data
            results: tuple[Any, ...] = ()
        else:
            self.fields, results = apply(write, self._fields(), time=time)
            self.data = None
        self.is_written = True
        self.was_deleted |= self.fields is None
        return results

    def _fields(self) -> Mapping[str, Any] | None:
        if self.is_written or self.before is None:
            # What was sent is decoded at last, now that somebody looks into it.
            return None if self.fields is None else dict(self.fields)
        return self.before.fields

    def finished(self, path: DocumentPath, time: Timestamp) -> StoredDocument | None:
        """The document after the commit; the same object if it is as before."""
        before = self.before
        if not self.is_written:
            return before
        if self.fields is None:
            return None
        data = encode_fields(self.fields) if self.data is None else self.data
        if before is None or self.was_deleted:
            return StoredDocument(path, data, time, time)
        return before if data == before.data else StoredDocument(path, data, before.create_time, time)
