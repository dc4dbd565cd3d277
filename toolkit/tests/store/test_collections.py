"""Which collections and missing documents there are, and removing all that lies below."""

from collections.abc import Callable

import pytest

from firewarden.firestore.encoding import encode_id
from firewarden.firestore.status import StatusError
from firewarden.store import versions
from firewarden.values import NANOS_PER_SECOND, Timestamp
from toolkit.tests.store.desk import Desk, after_start, index_on

# As the official emulator answered: `a` is listed although only what lies below it exists.
TREE = ("a/missing/sub/x/deep/y", "a/there", "b/1", "b/1/c/2", "b/3/c/4")


@pytest.fixture
def tree(desk: Desk) -> Desk:
    desk.commit({path: {} for path in TREE})
    return desk


@pytest.mark.parametrize(
    ("parent", "expected"),
    [((), ["a", "b"]), (("a", "missing"), ["sub"]), (("a", "missing", "sub", "x"), ["deep"]), (("a", "there"), [])],
)
def test_collections_are_listed_that_hold_documents_or_lead_to_some(
    tree: Desk, parent: tuple[str, ...], expected: list[str]
) -> None:
    assert tree.database.snapshot().collections(parent) == expected


@pytest.mark.parametrize(
    ("collection", "expected"), [(("a",), ["missing"]), (("a", "missing", "sub"), ["x"]), (("b",), ["3"]), (("c",), [])]
)
def test_a_missing_document_is_none_but_has_documents_below(
    tree: Desk, collection: tuple[str, ...], expected: list[str]
) -> None:
    assert list(tree.database.snapshot().missing_documents(collection)) == expected


def test_missing_documents_come_in_order_from_low_to_high(desk: Desk) -> None:
    desk.commit({f"a/{n}/b/{n}/c/x": {} for n in "31524"} | {"a/4": {}})
    snapshot = desk.database.snapshot()
    assert list(snapshot.missing_documents(("a",))) == ["1", "2", "3", "5"]
    assert list(snapshot.missing_documents(("a",), encode_id("2"), encode_id("5"))) == ["2", "3"]


def test_what_leads_to_nothing_any_more_is_not_listed_but_was(tree: Desk) -> None:
    before = tree.database.last_version
    tree.commit({"a/missing/sub/x/deep/y": None, "a/there": None})
    now, then = tree.database.snapshot(), tree.database.snapshot(before)
    assert now.collections(()) == ["b"]
    assert list(now.missing_documents(("a",))) == []
    assert then.collections(()) == ["a", "b"]
    assert list(then.missing_documents(("a",))) == ["missing"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ((), ["a/there", "b/1", "a/missing/sub/x/deep/y", "b/1/c/2", "b/3/c/4"]),
        (("b", "1"), ["b/1/c/2"]),
        (("b",), ["b/1", "b/1/c/2", "b/3/c/4"]),
        (("a", "missing"), ["a/missing/sub/x/deep/y"]),
        (("none", "1"), []),
    ],
)
def test_documents_below_come_collection_by_collection(tree: Desk, path: tuple[str, ...], expected: list[str]) -> None:
    found = ["/".join(each.path) for each in tree.database.snapshot().documents_below(path)]
    assert sorted(found) == sorted(expected)
    for collection in {each.rpartition("/")[0] for each in expected}:
        ids = [each for each in found if each.rpartition("/")[0] == collection]
        assert ids == sorted(ids)


@pytest.mark.parametrize(
    ("path", "left"),
    [
        (("b", "1"), ["a/missing/sub/x/deep/y", "a/there", "b/3/c/4"]),
        (("b",), ["a/missing/sub/x/deep/y", "a/there"]),
        (("a", "missing", "sub"), ["a/there", "b/1", "b/1/c/2", "b/3/c/4"]),
        (("none",), sorted(TREE)),
        ((), []),
    ],
)
def test_clearing_below_deletes_a_document_or_collection_and_all_under_it(
    tree: Desk, path: tuple[str, ...], left: list[str]
) -> None:
    """It is a commit like any other: what was before can still be read."""
    before, every = tree.database.last_version, index_on(None, group=True)
    assert tree.database.clear_below(path, time=tree.time()) == len(TREE) - len(left)
    assert tree.names(every) == left
    assert tree.names(every, before) == sorted(TREE)


def test_removing_collections_leaves_what_lies_below(tree: Desk) -> None:
    """As the official emulator's bulkDelete does."""
    tree.commit({"c/9": {}, "c/9/z/1": {}})
    assert tree.database.remove_collections(["c", "b", "c", "none"], time=tree.time()) == 4
    assert tree.names(index_on(None, group=True)) == ["a/missing/sub/x/deep/y", "a/there", "c/9/z/1"]


def test_a_collection_whose_past_is_over_is_forgotten(desk: Desk) -> None:
    """And those that only led to it; what is still used stays."""
    desk.commit({"a/1/b/2/c/3": {}, "a/1/x/1": {}, "d/1": {}}, at=1)
    desk.commit({"a/1/b/2/c/3": None, "d/1": None}, at=2)
    assert desk.database.statistics().collections == 5
    assert desk.store.vacuum(now=after_start(3_602)) == 2
    assert desk.database.statistics().collections == 2
    desk.commit({"a/1/b/2/c/3": {"n": 1}, "d/1": {"n": 2}}, at=3_700)
    assert desk.fields("a/1/b/2/c/3") == {"n": 1}
    assert desk.database.snapshot().collections(()) == ["a", "d"]


def test_a_collection_with_a_past_that_is_not_over_is_kept(desk: Desk) -> None:
    desk.commit({"a/1": {}, "a/2": {"n": 1}}, at=1)
    desk.commit({"a/1": None}, at=2)
    desk.commit({"a/2": None}, at=100)
    assert desk.store.vacuum(now=after_start(3_650)) == 1
    assert desk.fields("a/2", after_start(99)) == {"n": 1}
    assert desk.database.snapshot(after_start(99)).collections(()) == ["a"]


def test_versions_are_removed_when_they_are_over_and_not_before(desk: Desk) -> None:
    times = [desk.commit({"a/1": {"n": n}}, at=n) for n in range(1, 6)]
    by_n = index_on("a", "n")
    assert desk.names(by_n, times[0]) == ["a/1"]
    assert desk.store.vacuum(now=Timestamp(times[2].nanos + 3_600 * NANOS_PER_SECOND)) == 2
    assert desk.database.statistics().versions == 2
    assert desk.fields("a/1", times[2]) == {"n": 3}
    assert desk.names(by_n, times[3]) == ["a/1"]
    assert desk.store.vacuum(now=Timestamp(times[2].nanos + 3_600 * NANOS_PER_SECOND)) == 0


def test_a_commit_whose_vacuum_fails_has_not_happened(
    open_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = open_desk()
    monkeypatch.setattr(versions, "SUPERSEDED_PER_VACUUM", 1)
    desk.commit({"a/1": {"n": 1}}, at=1)
    desk.commit({"a/1": {"n": 2}}, at=2)
    desk.commit({"a/2": {}}, at=5_000)
    desk.commit({"a/1": {"n": 3}}, at=5_001)
    desk.commit({"b/1": {}}, at=9_000)
    desk.store.connection.execute("CREATE TRIGGER t DELETE ON versions BEGIN SELECT RAISE(ABORT, 'not today'); END")
    desk.commit({"a/1": {"n": 4}}, at=9_001)
    with pytest.raises(StatusError, match="not today"):
        desk.commit({"a/1": {"n": 5}}, at=9_002)
    assert desk.fields("a/1") == {"n": 4}
    assert desk.database.last_version == after_start(9_001)


def test_commits_remove_old_versions_by_themselves(desk: Desk) -> None:
    """The past does not grow without end while documents change."""
    for n in range(30):
        desk.commit({f"a/{each}": {"n": n} for each in range(200)}, at=1_000 * n)
    assert desk.database.statistics().versions <= 200 * 5 + 1_000
