"""Keeping the public feed: what one event contributes is made to agree with the event as it is now.

`index` argues why readers never take a stale index for a current one; `reading` is the readers' side.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Literal

from gather.events.model import parse_event
from gather.feeds.chunks import ChunkTooLargeError, chunk_id, encode_chunk
from gather.feeds.documents import (
    PUBLIC_FEED,
    chunk_reference,
    fragments_of,
    index_reference,
)
from gather.feeds.fragment import (
    Fragment,
    FragmentTooLargeError,
    is_listed,
    is_shown,
    public_fragment,
)
from gather.feeds.index import is_marked, marked_document
from gather.feeds.origin import Origin
from gather.observability import MALFORMED, log
from gather.settings import Settings
from gather.transactions import Transact, read, read_all, run_transaction

Outcome = Literal["unchanged", "stored", "removed", "left out"]


def sync_fragment(
    client: Any, event_id: str, *, now: datetime, settings: Settings, transact: Transact = run_transaction
) -> Outcome:
    """Make the feed show this event as it is now, or no longer; repeated and late calls change nothing.

    Reads 2 documents when nothing changed, 3 when the index is dirty already, 7 when it was clean; writes the chunk
    and, only if it was clean, the index. An event that cannot be shown is left out, logged and counted; it never
    fails the caller.

    Whenever a chunk is written, what has expired in it goes, so that it holds no more than is shown. That alone is
    no reason to write: readers do not show what has expired.
    """
    origin = Origin(domain=settings.feed_domain, public_url=settings.public_url)
    lane = f"{PUBLIC_FEED}/chunks/{chunk_id(event_id)}"
    result = transact(client, _Sync(client, event_id, now, origin), contend_on=lane)
    if result is None:
        transact(client, partial(_mark, client, chunk_id(event_id)), contend_on=PUBLIC_FEED)
        marking = _Sync(client, event_id, now, origin, marks_index=True)
        result = transact(client, marking, contend_on=lane)
        assert result is not None  # noqa: S101  # INVARIANT: a transaction that marks needs no mark
    if result.problem is not None:
        MALFORMED.labels(kind="feed", field=result.field).inc()
        log("ERROR", "event left out of the public feed", event=event_id, problem=result.problem)
    return result.kind


@dataclass(frozen=True, slots=True)
class _Result:
    kind: Outcome
    field: str = ""
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class _Sync:
    """The transaction of `sync_fragment`; returns None, and writes nothing, where the index must be marked first.

    Marking it here would do, but everybody who wants to write what everybody has read waits for the others' locks.
    So the mark is set outside, and here only if a reader has taken it away again meanwhile.
    """

    client: Any
    event_id: str
    now: datetime
    origin: Origin
    marks_index: bool = False

    def __call__(self, transaction: Any) -> _Result | None:
        name = chunk_id(self.event_id)
        chunk = chunk_reference(self.client, name)
        event_reference = self.client.collection("events").document(self.event_id)
        event_snapshot, chunk_snapshot = read_all(transaction, [event_reference, chunk])
        kept = fragments_of(chunk_snapshot)
        before = kept.pop(self.event_id, None)
        others = [other for other in kept.values() if is_shown(other, self.now)]
        wanted, problem = self._wanted(event_snapshot)
        after, encoded, problem = _with(others, wanted, problem)
        if after == before:
            return problem or _Result("unchanged")
        index = index_reference(self.client)
        stored = read(transaction, index).to_dict()
        is_free_to_write = is_marked(stored, name)
        if not is_free_to_write and not self.marks_index:
            return None
        transaction.set(chunk, encoded)
        if not is_free_to_write:
            transaction.set(index, marked_document(stored, name), merge=True)
        return problem or _Result("removed" if wanted is None else "stored")

    def _wanted(self, snapshot: Any) -> tuple[Fragment | None, _Result | None]:
        if not snapshot.exists:
            return None, None
        # Not update_time: every counter written to the document moves it, and with it the feed's ETag.
        event = parse_event(self.event_id, snapshot.to_dict(), create_time=snapshot.create_time)
        if not is_listed(event):
            return None, None
        if event.start_at is None:
            return None, _Result("left out", "startAt", "the event has no usable startAt")
        try:
            return public_fragment(event, now=self.now, origin=self.origin), None
        except FragmentTooLargeError as error:
            return None, _Result("left out", "size", str(error))
        except (ValueError, OverflowError) as error:
            # Times at the edges of the calendar, which some zone leads out of.
            return None, _Result("left out", "schedule", f"{type(error).__name__}: {error}")


def _with(
    others: list[Fragment], wanted: Fragment | None, problem: _Result | None
) -> tuple[Fragment | None, dict[str, bytes], _Result | None]:
    """Return the wanted fragment and the chunk that holds it beside the others; None and theirs if it does not fit."""
    if wanted is not None:
        try:
            return wanted, _encoded([*others, wanted]), problem
        except ChunkTooLargeError as error:
            problem = _Result("left out", "chunk", str(error))
    return None, _encoded(others), problem


def _encoded(fragments: list[Fragment]) -> dict[str, bytes]:
    return encode_chunk({fragment.event_id: fragment for fragment in fragments})


def _mark(client: Any, chunk: str, transaction: Any) -> None:
    """Mark the index dirty, unless somebody has; being marked too often only costs a computation.

    The read is not the transaction's: it would take the lock that this is about. Only the retries are wanted.
    """
    reference = index_reference(client)
    stored = reference.get().to_dict()
    if not is_marked(stored, chunk):
        transaction.set(reference, marked_document(stored, chunk), merge=True)
