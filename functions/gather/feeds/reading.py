"""Reading the public feed: one read while nothing has changed, and one for each filled chunk when it has."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from google.api_core.exceptions import Conflict, FailedPrecondition, NotFound

from gather.feeds.chunks import CHUNK_IDS, content_digest
from gather.feeds.documents import index_reference, read_chunks
from gather.feeds.fragment import Fragment, is_shown
from gather.feeds.index import Index, clean_document, compute_index, current_index, listed_chunks
from gather.observability import log

# Another reader or a writer was faster; Aborted is a Conflict.
_OVERTAKEN = (FailedPrecondition, Conflict, NotFound)


@dataclass(frozen=True, slots=True)
class Feed:
    """The fragments of a feed in its order, and the digest of exactly these."""

    digest: str
    fragments: tuple[Fragment, ...]


def read_index(client: Any, *, now: datetime) -> tuple[Index, Feed | None]:
    """Return what a conditional request is answered from.

    After a change, a reader computes the index anew and also returns the feed it has read for that. A reader that
    is overtaken answers from what it has read just the same, and leaves the index to the next one.
    """
    reference = index_reference(client)
    snapshot = reference.get()
    stored = snapshot.to_dict()
    index = current_index(stored, now)
    if index is not None:
        return index, None
    begun_at = _begin(client, reference, snapshot)
    chunks = read_chunks(client, listed_chunks(stored))
    feed = _feed(chunks.values(), now)
    filled = sorted(name for name, fragments in chunks.items() if fragments)
    index = compute_index(feed.fragments, chunks=filled, before=stored, now=now)
    if begun_at is not None:
        _finish(client, reference, index, begun_at)
    return index, feed


def read_feed(client: Any, index: Index, *, now: datetime) -> Feed:
    """Read the fragments that the index lists; they may be newer than it, so the digest is their own."""
    return _feed(read_chunks(client, index.chunks).values(), now)


def _begin(client: Any, reference: Any, snapshot: Any) -> datetime | None:
    """Make the state computing; return the time of that write, or None when overtaken."""
    try:
        if not snapshot.exists:
            result = reference.create({"state": "computing", "chunks": list(CHUNK_IDS)})
        else:
            option = client.write_option(last_update_time=snapshot.update_time)
            result = reference.update({"state": "computing"}, option=option)
    except _OVERTAKEN as error:
        log("INFO", "public feed is already being computed", reason=type(error).__name__)
        return None
    written_at: datetime = result.update_time
    return written_at


def _finish(client: Any, reference: Any, index: Index, begun_at: datetime) -> None:
    """Make the state clean unless the document was touched since `begun_at`."""
    option = client.write_option(last_update_time=begun_at)
    try:
        reference.update(clean_document(index), option=option)
    except _OVERTAKEN as error:
        log("INFO", "public feed changed while its index was computed", reason=type(error).__name__)


def _feed(chunks: Iterable[dict[str, Fragment]], now: datetime) -> Feed:
    shown = [fragment for chunk in chunks for fragment in chunk.values() if is_shown(fragment, now)]
    shown.sort(key=attrgetter("starts_at", "event_id"))
    return Feed(content_digest(shown), tuple(shown))
