"""A snapshot is the database at one time, whatever is committed while it is read."""

import itertools

import pytest

from firewarden.firestore.documents import DatabaseName
from firewarden.firestore.status import Code, StatusError
from firewarden.store import Store
from firewarden.values import NANOS_PER_SECOND, Timestamp
from toolkit.tests.store.desk import Desk, after_start, fields_of, index_on, names_of

MANY = 3_000  # several batches


def test_a_snapshot_does_not_see_later_commits(desk: Desk) -> None:
    desk.put(a__1={"n": 1}, a__2={"n": 2}, a__3={"n": 3})
    snapshot, by_n = desk.database.snapshot(), index_on("a", "n")
    desk.commit({"a/1": {"n": 9}, "a/2": None, "a/0": {"n": 0}})
    assert names_of(snapshot, by_n) == ["a/1", "a/2", "a/3"]
    assert names_of(snapshot, index_on("a")) == ["a/1", "a/2", "a/3"]
    assert fields_of(snapshot, "a/2") == {"n": 2}
    assert fields_of(snapshot, "a/0") is None
    assert desk.names(by_n) == ["a/0", "a/3", "a/1"]


@pytest.mark.parametrize("fields", [(), ("n",)], ids=["documents", "index"])
@pytest.mark.parametrize("reverse", [False, True])
def test_what_is_read_lazily_stays_as_it_was(desk: Desk, fields: tuple[str, ...], reverse: bool) -> None:
    """Whatever happens between two entries: changed, deleted, added, deleted and made again."""
    desk.commit({f"a/{n:05}": {"n": n} for n in range(MANY)})
    reading = desk.database.snapshot().scan(index_on("a", *fields), (), b"", None, reverse=reverse)
    seen = [entry.document.fields["n"] for entry in itertools.islice(reading, 10)]
    desk.commit({f"a/{n:05}": {"n": -n} for n in range(0, MANY, 3)})
    desk.commit({f"a/{n:05}": None for n in range(0, MANY, 2)} | {f"a/{n:05}x": {"n": n} for n in range(0, MANY, 7)})
    seen += [entry.document.fields["n"] for entry in itertools.islice(reading, 500)]
    desk.commit({f"a/{n:05}": {"n": MANY} for n in range(0, MANY, 4)})
    seen += [entry.document.fields["n"] for entry in reading]
    assert seen == sorted(range(MANY), reverse=reverse)


def test_every_past_state_can_be_read(desk: Desk) -> None:
    times = [desk.commit({"a/x": {"n": n}, f"a/{n}": {"n": -n}}) for n in range(10)]
    by_n = index_on("a", "n")
    for n, time in enumerate(times):
        assert desk.fields("a/x", time) == {"n": n}
        assert desk.names(by_n, time) == [*(f"a/{each}" for each in range(n, 0, -1)), *(["a/0", "a/x"])]


def test_just_before_a_commit_is_before_it(desk: Desk) -> None:
    desk.put(a__1={"n": 1})
    time = desk.put(a__1={"n": 2})
    assert desk.fields("a/1", Timestamp(time.nanos - 1)) == {"n": 1}
    assert desk.fields("a/1", time) == {"n": 2}


def test_before_the_first_commit_there_was_nothing(desk: Desk) -> None:
    time = desk.put(a__1={"n": 1})
    early = Timestamp(time.nanos - 1)
    assert desk.fields("a/1", early) is None
    assert desk.names(index_on("a"), early) == []
    assert desk.database.snapshot(early).collections(()) == []


def test_a_time_that_has_not_come_is_now_and_stays_so(desk: Desk) -> None:
    time = desk.put(a__1={"n": 1})
    snapshot = desk.database.snapshot(Timestamp(time.nanos + 3_600 * NANOS_PER_SECOND))
    desk.put(a__1={"n": 2})
    assert fields_of(snapshot, "a/1") == {"n": 1}


def test_an_index_that_is_made_later_knows_the_past_too(desk: Desk) -> None:
    time = desk.put(a__1={"n": 1}, a__2={"n": 2})
    desk.put(a__1={"n": 3})
    desk.put(a__2=None)
    by_n = index_on("a", "n")
    assert desk.names(by_n) == ["a/1"]
    assert desk.names(by_n, time) == ["a/1", "a/2"]
    later = desk.put(a__1={"n": 0}, a__4={"n": -1})
    assert desk.names(by_n, time) == ["a/1", "a/2"]
    assert desk.names(by_n, later) == ["a/4", "a/1"]


def test_what_is_older_than_the_window_is_refused(desk: Desk) -> None:
    time = desk.put(a__1={"n": 1})
    snapshot = desk.database.snapshot()
    now = Timestamp(time.nanos + 3_600 * NANOS_PER_SECOND + 1)
    with pytest.raises(StatusError, match=r"^FAILED_PRECONDITION: The requested snapshot version is too old\.$"):
        desk.database.snapshot(time, now=now)
    assert fields_of(desk.database.snapshot(Timestamp(time.nanos + 1), now=now), "a/1") == {"n": 1}
    desk.database.commit([desk.change("a/1", None, now)], time=now)
    with pytest.raises(StatusError, match="too old"):
        snapshot.document(("a", "1"))


def test_a_reader_that_falls_out_of_the_window_is_told() -> None:
    """Rather than given what is left of its time."""
    with Store(window_seconds=10) as store:
        desk = Desk(store)
        desk.commit({f"a/{n:05}": {"n": n} for n in range(MANY)}, at=1)
        reading = desk.database.snapshot().scan(index_on("a", "n"), (), b"", None)
        next(reading)
        desk.commit({"b/1": {}}, at=12)
        with pytest.raises(StatusError) as refused:
            list(reading)
        assert refused.value.code is Code.FAILED_PRECONDITION


def test_the_window_ends_at_the_latest_time_of_the_whole_store() -> None:
    """What a vacuum for one database removes must not be missed in another."""
    with Store(window_seconds=10) as store:
        quiet, busy = (Desk(store, DatabaseName("demo-store", each)) for each in ("quiet", "busy"))
        quiet.commit({"a/1": {"n": 1}}, at=1)
        quiet.commit({"a/1": {"n": 2}}, at=2)
        busy.commit({"a/1": {"n": 1}}, at=12)
        with pytest.raises(StatusError, match="too old"):
            quiet.database.snapshot(after_start(1))


def test_what_was_before_a_clearing_is_refused(desk: Desk) -> None:
    time = desk.put(a__1={"n": 1})
    snapshot = desk.database.snapshot()
    reading = snapshot.scan(index_on("a"), (), b"", None)
    desk.database.clear()
    assert desk.fields("a/1") is None
    assert desk.fields("a/1", Timestamp(time.nanos + NANOS_PER_SECOND)) is None
    for ask in (lambda: desk.database.snapshot(time), lambda: snapshot.document(("a", "1")), lambda: list(reading)):
        with pytest.raises(StatusError, match="too old"):
            ask()


def test_a_clearing_cuts_readers_off_who_are_in_the_middle(desk: Desk) -> None:
    desk.commit({f"p/{n}/a/x": {"n": n} for n in range(MANY)})
    reading = desk.database.snapshot().scan(index_on("a", "n", group=True), (), b"", None)
    next(reading)
    desk.database.clear()
    with pytest.raises(StatusError, match="too old"):
        list(reading)
