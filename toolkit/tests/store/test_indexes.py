"""Indexes: what they hold, in which order, and that they follow every write."""

import pytest

from firewarden.firestore.encoding import encode, encode_id, encode_path
from firewarden.firestore.query.scanning import Mode, ScanIndex
from firewarden.store import Store
from firewarden.store import indexing as stored_indexing
from toolkit.tests.store.desk import Desk, index_on

BY_N = index_on("a", "n")


def test_an_index_follows_every_write(desk: Desk) -> None:
    desk.database.ensure_index(BY_N)
    desk.put(a__1={"n": 3}, a__2={"n": 1}, a__3={"m": 1}, b__1={"n": 0})
    assert desk.names(BY_N) == ["a/2", "a/1"]
    desk.put(a__1={"n": 0}, a__2=None, a__3={"n": 2})
    assert desk.names(BY_N) == ["a/1", "a/3"]


def test_an_index_that_is_made_late_holds_what_is_there(desk: Desk) -> None:
    """Also of more documents than one batch, and of every collection with the id."""
    count = 4_500
    desk.commit({f"a/{n}": {"n": -n} for n in range(count)} | {"p/1/a/x": {"n": 7}, "q/1/b/x": {"n": 7}})
    assert desk.names(BY_N) == [f"a/{n}" for n in range(count - 1, -1, -1)]
    assert desk.names(BY_N, parent="p/1") == ["p/1/a/x"]


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        (index_on("a", "-n"), ["a/3", "a/1", "a/2"]),
        (index_on("a", "n", "-m"), ["a/2", "a/1", "a/3"]),
        (index_on("a", "tags[]", "n"), ["a/1", "a/2", "a/3", "a/2"]),
        (index_on("a", "deep.er"), ["a/2", "a/1"]),
        (index_on("a", name=Mode.DESCENDING), ["a/3", "a/2", "a/1"]),
        (index_on("a", "t", name=Mode.DESCENDING), ["a/3", "a/2", "a/1"]),
        (index_on("a"), ["a/1", "a/2", "a/3"]),
        (index_on("none"), []),
        (index_on("a", "none"), []),
    ],
    ids=str,
)
def test_the_order_of_an_index_is_that_of_its_fields_then_names(
    desk: Desk, index: ScanIndex, expected: list[str]
) -> None:
    desk.put(
        a__1={"n": 1, "m": 1, "tags": ["x", "x"], "deep": {"er": 2}, "t": 0},
        a__2={"n": 1.0, "m": 2, "tags": ["x", "y"], "deep": {"er": 1}, "t": 0},
        a__3={"n": 2, "m": 9, "tags": ["x"], "deep": 5, "t": 0},
    )
    assert desk.names(index) == expected
    assert desk.names(index, reverse=True) == expected[::-1]


def test_a_group_index_holds_collections_everywhere(desk: Desk) -> None:
    desk.commit(
        {"a/1": {"n": 2}, "p/1/a/2": {"n": 1}, "p/1/q/1/a/3": {"n": 3}, "p/2/a/4": {"n": 0}, "p/1/b/5": {"n": 0}}
    )
    group = index_on("a", "n", group=True)
    assert desk.names(group) == ["p/2/a/4", "p/1/a/2", "a/1", "p/1/q/1/a/3"]
    assert desk.names(group, parent="p/1") == ["p/1/a/2", "p/1/q/1/a/3"]
    assert desk.names(index_on("a", group=True), parent="p/1") == ["p/1/a/2", "p/1/q/1/a/3"]
    assert desk.names(index_on("a", group=True, name=Mode.DESCENDING), parent="p/1") == ["p/1/q/1/a/3", "p/1/a/2"]


def test_a_range_of_names_below_a_parent(desk: Desk) -> None:
    desk.commit({f"{parent}/a/{n}": {} for parent in ("o/9", "p/1", "q/1") for n in "1234"})
    names = index_on("a", group=True)
    second, fourth = encode_path(("p", "1", "a", "2")), encode_path(("p", "1", "a", "4"))
    assert desk.names(names, parent="p/1", low=second) == ["p/1/a/2", "p/1/a/3", "p/1/a/4"]
    assert desk.names(names, parent="p/1", high=fourth) == ["p/1/a/1", "p/1/a/2", "p/1/a/3"]
    assert desk.names(names, parent="p/1", low=second, high=fourth, reverse=True) == ["p/1/a/3", "p/1/a/2"]


def test_the_index_without_a_collection_holds_every_document(desk: Desk) -> None:
    """In the order of their paths: what lies below a document comes right behind it."""
    every = index_on(None, group=True)
    desk.commit({"b/1": {}, "a/1": {}, "a/1/x/1": {}, "a/2": {}, "a/10": {}})
    assert desk.names(every) == ["a/1", "a/1/x/1", "a/10", "a/2", "b/1"]
    assert desk.names(every, parent="a/1") == ["a/1/x/1"]
    desk.put(a__10=None)
    assert desk.names(every) == ["a/1", "a/1/x/1", "a/2", "b/1"]


def test_an_index_without_a_collection_is_one_of_a_group(desk: Desk) -> None:
    with pytest.raises(ValueError, match="a group"):
        desk.names(index_on(None))


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(
    ("index", "low", "high", "expected"),
    [
        (BY_N, encode(1), encode(3), ["a/1", "a/2"]),
        (BY_N, encode(1) + encode_id("2"), None, ["a/2", "a/3"]),
        (BY_N, encode(3), encode(3), []),
        (BY_N, encode(9), encode(1), []),
        (index_on("a"), encode_id("2"), None, ["a/2", "a/3"]),
        (index_on("a"), b"", encode_id("2"), ["a/1"]),
        (index_on("a", group=True), encode_path(("a", "2")), None, ["a/2", "a/3"]),
    ],
)
def test_a_range_begins_at_low_and_ends_before_high(
    desk: Desk, index: ScanIndex, low: bytes, high: bytes | None, expected: list[str], reverse: bool
) -> None:
    desk.put(a__1={"n": 1}, a__2={"n": 1}, a__3={"n": 3})
    found = desk.names(index, low=low, high=high, reverse=reverse)
    assert found == (expected[::-1] if reverse else expected)


def test_a_key_is_the_values_and_the_name(desk: Desk) -> None:
    desk.commit({"a/1": {"n": 1}, "p/1/a/2": {"n": 2}})
    snapshot = desk.database.snapshot()
    assert [each.key for each in snapshot.scan(BY_N, (), b"", None)] == [encode(1) + encode_id("1")]
    group = [each.key for each in snapshot.scan(index_on("a", "n", group=True), (), b"", None)]
    assert group == [encode(1) + encode_path(("a", "1")), encode(2) + encode_path(("p", "1", "a", "2"))]
    assert [each.key for each in snapshot.scan(index_on("a"), (), b"", None)] == [encode_id("1")]


def test_the_index_that_was_not_needed_for_longest_is_dropped(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored_indexing, "MATERIALISED_MAX", 2)
    desk.put(a__1={"n": 1, "m": 1, "k": 1})
    by_m, by_k = index_on("a", "m"), index_on("a", "k")
    for index in (BY_N, by_m, BY_N, by_k):
        assert desk.names(index) == ["a/1"]
    assert desk.database.indexes == (BY_N, by_k)
    desk.put(a__2={"n": 0, "m": 0, "k": 0})
    for index in (BY_N, by_m, by_k):
        assert desk.names(index) == ["a/2", "a/1"]


def test_a_clearing_forgets_indexes_until_they_are_needed(desk: Desk) -> None:
    desk.put(a__1={"n": 1})
    desk.names(BY_N)
    desk.database.clear()
    assert desk.database.indexes == ()
    desk.commit({"a/2": {"n": 2}}, at=60)
    assert desk.names(BY_N) == ["a/2"]


def test_writes_into_other_collections_do_not_touch_an_index() -> None:
    with Store() as store:
        desk = Desk(store)
        desk.database.ensure_index(BY_N)
        desk.put(b__1={"n": 1}, a__1={"m": 1})
        assert desk.database.statistics().entries == 0
