"""What the tests of the public feed in Firestore do with it: store events, let the feed follow, look at it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import count, islice
from typing import Any

from prometheus_client import REGISTRY

from gather.feeds.chunks import CHUNK_IDS, chunk_id
from gather.feeds.documents import read_chunks
from gather.feeds.fragment import Fragment
from gather.feeds.reading import read_feed, read_index
from gather.feeds.store import sync_fragment
from gather.transactions import run_transaction
from tests.conftest import settings_for
from tests.feeds.samples import NOW, document

SETTINGS = replace(settings_for("demo-feeds"), feed_name="Town events")


def put(client: Any, event_id: str, *, now: datetime = NOW, **fields: Any) -> str:
    """Store the event as a client would and let the feed follow; return what the feed did."""
    reference = client.collection("events").document(event_id)
    # A transaction of one write: the emulator makes a bare one wait for readers' locks, and gives up after 2 s.
    run_transaction(client, lambda transaction: transaction.set(reference, document(**fields)))
    return sync(client, event_id, now=now)


def sync(client: Any, event_id: str, *, now: datetime = NOW) -> str:
    return sync_fragment(client, event_id, now=now, settings=SETTINGS)


def left_out(field: str) -> float:
    """Return how many events have been counted as left out for that reason."""
    return REGISTRY.get_sample_value("gather_malformed_total", {"kind": "feed", "field": field}) or 0.0


def shown(client: Any, *, now: datetime = NOW) -> list[str]:
    """Return the ids that a reader of the feed sees, in its order."""
    index, feed = read_index(client, now=now)
    feed = feed or read_feed(client, index, now=now)
    assert feed.digest == index.digest
    assert index.count == len(feed.fragments)
    return [fragment.event_id for fragment in feed.fragments]


def fragments_in(client: Any, chunk: str) -> dict[str, Fragment]:
    """Return what a chunk holds, shown or not."""
    return read_chunks(client, [chunk])[chunk]


def names() -> Iterator[str]:
    """Return ids of events, more than anybody needs."""
    return (f"event-{number:04}" for number in count())


def neighbors(wanted: int) -> list[str]:
    """Return that many ids of events that are kept in one chunk, in order."""
    return list(islice((name for name in names() if chunk_id(name) == CHUNK_IDS[0]), wanted))


def filler(event_id: str, expires_at: datetime | None, text: str) -> Fragment:
    """Return a fragment that takes up as much room as its text."""
    return Fragment(
        event_id=event_id, ics=text, json=text, zones=(), starts_at=NOW, modified_at=NOW, expires_at=expires_at,
        digest=event_id,
    )  # fmt: skip
