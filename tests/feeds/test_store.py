"""The public feed in Firestore, on a real server: what is kept, what it costs, and what concurrency cannot break."""

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event as Flag
from threading import Thread
from typing import Any, TypeVar

import pytest

from gather.feeds.chunks import chunk_id
from gather.feeds.reading import read_feed, read_index
from gather.feeds.store import sync_fragment
from gather.transactions import Contended, run_transaction
from tests.feeds.billing import billed
from tests.feeds.public_feed import SETTINGS, put, shown, sync
from tests.feeds.samples import NOW, document

pytestmark = pytest.mark.emulator
T = TypeVar("T")


def test_an_event_comes_into_the_feed_changes_and_leaves_it(client: Any) -> None:
    assert put(client, "picnic") == "stored"
    assert shown(client) == ["picnic"]
    assert put(client, "picnic", title="Picnic by the lake") == "stored"
    client.collection("events").document("picnic").delete()
    assert sync(client, "picnic") == "removed"
    assert shown(client) == []


def test_a_late_call_for_an_old_change_stores_the_event_as_it_is_now(client: Any) -> None:
    put(client, "picnic", title="First")
    client.collection("events").document("picnic").update({"title": "Second"})
    assert [sync(client, "picnic") for _ in range(3)] == ["stored", "unchanged", "unchanged"]


def test_counters_do_not_move_the_feed(client: Any) -> None:
    put(client, "picnic")
    before, _ = read_index(client, now=NOW)
    client.collection("events").document("picnic").update({"attendingCount": 7, "waitlistCount": 2})
    assert sync(client, "picnic") == "unchanged"
    assert read_index(client, now=NOW) == (before, None)


def test_the_feed_is_ordered_by_start_then_id(client: Any) -> None:
    for event_id, hours in (("c", 1), ("a", 3), ("d", 1), ("b", 2)):
        put(client, event_id, startAt=NOW + timedelta(hours=hours))
    assert shown(client) == ["c", "d", "b", "a"]


def test_an_unchanged_feed_costs_one_read(client: Any) -> None:
    for number in range(20):
        put(client, f"event-{number}")
    read_index(client, now=NOW)
    with billed(client) as bill:
        assert read_index(client, now=NOW)[1] is None
    assert (bill.reads, bill.writes) == (1, 0)


def test_the_cost_of_a_change_and_of_reading_it(client: Any) -> None:
    """A change writes its chunk and marks the index once; the next reader reads each filled chunk once."""
    names = [f"event-{number}" for number in range(20)]
    filled = len({chunk_id(name) for name in names})
    for name in names:
        put(client, name)
    index, _ = read_index(client, now=NOW)
    for name, expected in (("event-3", (7, 2)), ("event-3", (2, 0)), ("event-4", (3, 1))):
        client.collection("events").document(name).update({"title": "New"})
        with billed(client) as bill:
            sync(client, name)
        assert (bill.reads, bill.writes) == expected
    with billed(client) as bill:
        read_index(client, now=NOW)
    assert (bill.reads, bill.writes) == (1 + filled, 2)
    with billed(client) as bill:
        read_feed(client, index, now=NOW)
    assert (bill.reads, bill.writes) == (filled, 0)


def test_a_lost_index_is_computed_anew(client: Any) -> None:
    put(client, "picnic")
    before = shown(client)
    client.document("feeds/public").delete()
    assert shown(client) == before == ["picnic"]


def test_last_modified_never_stands_still_when_the_content_changes(client: Any) -> None:
    """Two changes within one second still get two dates, or If-Modified-Since would miss the second."""
    dates = []
    for title in ("One", "Two", "Three"):
        put(client, "picnic", title=title)
        dates.append(read_index(client, now=NOW)[0].modified_at)
    assert len(set(dates)) == 3
    assert dates == sorted(dates)


def test_a_burst_of_changes_loses_nothing(client: Any) -> None:
    """Fifty events at once, each call repeated, leave a feed of fifty and a clean index."""
    names = [f"event-{number}" for number in range(50)]
    for name in names:
        client.collection("events").document(name).set(document(title=name))
    with ThreadPoolExecutor(8) as pool:
        outcomes = Counter(pool.map(lambda name: sync(client, name), names * 2))
    assert outcomes == {"stored": 50, "unchanged": 50}
    assert sorted(shown(client)) == sorted(names)
    with billed(client) as bill:
        read_index(client, now=NOW)
    assert bill.reads == 1


def test_changes_while_readers_compute_never_leave_a_stale_clean_index(client: Any) -> None:
    """Whenever a reader finds the index clean, the chunks that it then reads are the ones it was computed from,
    or newer ones whose writer has marked it since."""
    names = [f"event-{number}" for number in range(6)]
    for name in names:
        put(client, name)
    done = Flag()
    failures: list[str] = []

    def read_along() -> None:
        while not done.is_set():
            index, feed = read_index(client, now=NOW)
            feed = feed or read_feed(client, index, now=NOW)
            later, _ = read_index(client, now=NOW)
            if feed.digest != index.digest and later == index:
                failures.append(index.digest)

    def write_along(seed: int) -> None:
        chance = random.Random(seed)
        for step in range(12):
            put(client, chance.choice(names), title=f"{seed} {step}")

    readers = [Thread(target=read_along) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(write_along, range(3)))
    finally:
        done.set()
        for reader in readers:
            reader.join()
    assert failures == []
    assert sorted(shown(client)) == names
    assert [sync(client, name) for name in names] == ["unchanged"] * 6


class Interrupted:
    """A transaction that lets a reader run between what its body reads and what it writes."""

    def __init__(self, inner: Any, interrupt: Callable[[], Any]) -> None:
        self.inner = inner
        self.interrupt = interrupt

    def get_all(self, references: Any) -> list[Any]:
        found = list(self.inner.get_all(references))
        if references[0].path == "feeds/public":
            self.interrupt()
        return found

    def set(self, reference: Any, data: Any, **options: Any) -> None:
        self.inner.set(reference, data, **options)


class WithoutTransaction:
    """Reads and writes of a transaction's body, each on its own."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def get_all(self, references: Any) -> Any:
        return self.client.get_all(references)

    def set(self, reference: Any, data: Any, **options: Any) -> None:
        reference.set(data, **options)


@pytest.mark.parametrize("is_protected", [True, False], ids=["transaction", "negative control"])
def test_a_reader_between_a_writers_reads_and_its_write(client: Any, *, is_protected: bool) -> None:
    """The reader cannot make the index clean under a writer; without a transaction it does, and the feed is stale."""
    put(client, "picnic")

    def transact(client: Any, body: Callable[[Any], T], *, contend_on: Contended = None) -> T:
        def interrupted(transaction: Any) -> T:
            inner = transaction if is_protected else WithoutTransaction(client)
            return body(Interrupted(inner, lambda: read_index(client, now=NOW)))

        return run_transaction(client, interrupted, contend_on=contend_on) if is_protected else interrupted(None)

    client.collection("events").document("picnic").update({"title": "Changed"})
    sync_fragment(client, "picnic", now=NOW, settings=SETTINGS, transact=transact)
    index, feed = read_index(client, now=NOW)
    is_stale = feed is None and read_feed(client, index, now=NOW).digest != index.digest
    assert is_stale is not is_protected
