"""The past in memory is written down when somebody reads it; until then it is there all the same."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from firewarden.firestore.documents import DatabaseName
from firewarden.store import Change, Store, faults
from firewarden.store.database import Read
from toolkit.tests.store.desk import Desk, after_start, index_on

BY_N = index_on("a", "n")
COUNT = "SELECT count(*) FROM versions"


def written(desk: Desk) -> int:
    (number,) = desk.store.connection.execute(COUNT).fetchone()
    assert isinstance(number, int)
    return number


def test_in_memory_the_past_is_written_when_it_is_read(desk: Desk) -> None:
    times = [desk.put(a__1={"n": n}) for n in range(5)]
    assert written(desk) == 0
    assert desk.fields("a/1") == {"n": 4}
    assert written(desk) == 0
    assert [desk.fields("a/1", each) for each in times] == [{"n": n} for n in range(5)]
    assert written(desk) == 4


def test_in_a_file_the_past_is_written_with_the_commit(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()
    desk.put(a__1={"n": 1})
    desk.put(a__1={"n": 2}, a__2={"n": 3})
    desk.put(a__1=None)
    assert written(desk) == 2


def test_an_index_is_read_as_it_was_before_what_waits(desk: Desk) -> None:
    first = desk.put(a__1={"n": 1}, a__2={"n": 2})
    assert desk.names(BY_N) == ["a/1", "a/2"]
    desk.put(a__1={"n": 3})
    second = desk.put(a__2=None)
    assert desk.names(BY_N, first) == ["a/1", "a/2"]
    desk.put(a__1=None, a__2={"n": 0})
    assert desk.names(BY_N, second) == ["a/1"]
    assert desk.names(BY_N) == ["a/2"]


def test_a_backup_of_memory_has_its_past(desk: Desk, tmp_path: Path) -> None:
    before = desk.put(a__1={"n": 1})
    desk.put(a__1={"n": 2})
    desk.store.backup(tmp_path / "backup")
    with Store(tmp_path / "backup") as kept:
        assert Desk(kept).fields("a/1", before) == {"n": 1}
        assert faults(kept) == []


def test_clearing_a_database_leaves_the_past_of_others(desk: Desk) -> None:
    other = Desk(desk.store, DatabaseName("demo-store", "second"))
    before = other.put(a__1={"n": 1})
    other.put(a__1={"n": 2})
    desk.put(a__1={"n": 7})
    desk.put(a__1={"n": 8})
    desk.database.clear()
    assert desk.database.statistics().versions == 0
    assert other.fields("a/1", before) == {"n": 1}


def test_a_commit_that_fails_leaves_no_past(desk: Desk) -> None:
    desk.put(a__1={"n": 1})
    time = desk.time()
    with pytest.raises(ValueError, match="b/1 must have"):
        desk.database.commit(
            [desk.change("a/1", {"n": 2}, time), Change(("b", "1"), b"", time, after_start(0))], time=time
        )
    assert desk.database.statistics().versions == 0


def test_what_waits_is_removed_when_it_is_over_and_keeps_its_collections_until_then(desk: Desk) -> None:
    desk.commit({"a/1/b/1": {}}, at=1)
    desk.commit({"a/1/b/1": None}, at=2)
    desk.commit({"c/1": {"n": 1}}, at=100)
    desk.commit({"c/1": None}, at=101)
    assert desk.store.vacuum(now=after_start(3_650)) == 1
    assert written(desk) == 0
    assert [path for _, path in desk.database.snapshot()._collections.below(())] == [("c",)]
    assert desk.fields("c/1", after_start(100)) == {"n": 1}


def test_what_waits_goes_a_few_at_a_time(desk: Desk) -> None:
    for n in range(4):
        desk.commit({"a/1": {"n": n}}, at=n + 1)
    desk.store._window.reach(after_start(5_000).nanos)
    assert desk.store._versions.vacuum(limit=2) == 2
    assert desk.store._versions.vacuum(limit=2) == 1


def test_a_new_commit_replaces_what_was_read_for_it(desk: Desk) -> None:
    """A document that was read, and changed before what was to change it, is changed from what it is."""
    desk.put(a__1={"n": 1}, a__2={"n": 2})
    read = desk.database.reader([("a", "1"), ("a", "3")])
    assert [fields(read, each) for each in ("1", "2", "3")] == [{"n": 1}, {"n": 2}, None]
    between = desk.put(a__1={"n": 5}, a__3={"n": 3})
    last = desk.put(a__1={"n": 6}, a__3=None)
    assert [desk.fields(f"a/{each}", between) for each in (1, 3)] == [{"n": 5}, {"n": 3}]
    assert [desk.fields(f"a/{each}", last) for each in (1, 3)] == [{"n": 6}, None]


@pytest.mark.parametrize("number", [1, 4, 5, 99, 100, 101, 250])
def test_any_number_of_documents_is_read_together(desk: Desk, number: int) -> None:
    paths = [("a", f"d{each}") for each in range(number)]
    desk.commit({"/".join(each): {"n": n} for n, each in enumerate(paths) if n % 3}, at=1)
    read = desk.database.reader([*paths, ("b", "d1")])
    assert [fields(read, each[-1]) for each in paths] == [{"n": n} if n % 3 else None for n in range(number)]
    assert read(("b", "d1")) is None


def fields(read: Read, name: str) -> Mapping[str, Any] | None:
    found = read(("a", name))
    return None if found is None else found.fields
