"""What a commit leaves behind."""

import pytest

from firewarden.firestore.documents import DatabaseName
from firewarden.firestore.status import StatusError
from firewarden.firestore.wire.values import encode_fields
from firewarden.store import Change
from firewarden.values import Timestamp
from toolkit.tests.store.desk import Desk, index_on


def test_a_document_is_read_as_it_was_written(desk: Desk) -> None:
    fields = {"name": "ana", "n": 7, "list": [1, None, {"deep": b"\x00\xff"}], "at": Timestamp(1_000)}
    created = desk.put(users__ana=fields)
    updated = desk.put(users__ana={**fields, "n": 8})
    document = desk.document("users/ana")
    assert document.fields == {**fields, "n": 8}
    assert (document.create_time, document.update_time) == (created, updated)
    assert document.data == encode_fields({**fields, "n": 8})


def test_a_document_that_was_never_written_is_not_there(desk: Desk) -> None:
    desk.put(users__ana={})
    assert desk.fields("users/ben") is None
    assert desk.fields("teams/ana") is None
    assert desk.fields("users/ana/posts/p") is None


def test_a_deleted_document_is_gone_and_may_come_back(desk: Desk) -> None:
    desk.put(users__ana={"n": 1})
    desk.put(users__ana=None)
    assert desk.fields("users/ana") is None
    again = desk.put(users__ana={"n": 2})
    assert desk.document("users/ana").create_time == again


def test_deleting_what_is_not_there_changes_nothing_but_the_version(desk: Desk) -> None:
    time = desk.commit({"users/ana": None, "never/was": None})
    assert desk.database.last_version == time
    assert desk.database.statistics().collections == 0


@pytest.mark.parametrize("name", ["", "é😀", "a\x00b", "\x00", "\x00\x01", "\x01", "%", "'", "\\"])
def test_any_name_is_kept_apart_from_every_other(desk: Desk, name: str) -> None:
    """Also the names that look like the marks between names in keys."""
    desk.commit({f"c{name}/d{name}/e{name}/f{name}": {"n": 1}})
    (document,) = desk.database.snapshot().documents_below(())
    assert document.path == (f"c{name}", f"d{name}", f"e{name}", f"f{name}")
    assert desk.database.snapshot().collections(()) == [f"c{name}"]
    assert list(desk.database.snapshot().missing_documents((f"c{name}",))) == [f"d{name}"]


def test_a_commit_that_fails_midway_has_not_happened(desk: Desk) -> None:
    desk.put(a__1={"n": 1})
    index = index_on("a", "n")
    desk.database.ensure_index(index)
    last = desk.database.last_version
    time = desk.time()
    good = [desk.change("a/1", {"n": 5}, time), desk.change("new/1", {"n": 5}, time)]
    with pytest.raises(ValueError, match="b/2 must have"):
        desk.database.commit([*good, Change(("b", "2"), b"", time, None)], time=time)
    assert desk.fields("a/1") == {"n": 1}
    assert desk.fields("new/1") is None
    assert desk.database.snapshot().collections(()) == ["a"]
    assert desk.database.last_version == last
    desk.database.commit(good, time=time)
    assert desk.fields("new/1") == {"n": 5}
    assert desk.names(index) == ["a/1"]


def test_a_clearing_that_fails_has_not_happened(desk: Desk) -> None:
    before, by_n = desk.put(a__1={"n": 1}), index_on("a", "n")
    desk.put(a__1={"n": 2})
    desk.database.ensure_index(by_n)
    desk.store.connection.execute("CREATE TRIGGER t UPDATE ON databases BEGIN SELECT RAISE(ABORT, 'not today'); END")
    with pytest.raises(StatusError, match=r"^INTERNAL: .*not today"):
        desk.database.clear()
    desk.store.connection.execute("DROP TRIGGER t")
    assert desk.fields("a/1", before) == {"n": 1}
    desk.put(a__0={"n": 0})
    assert desk.names(by_n) == ["a/0", "a/1"]


def test_times_of_commits_only_go_up(desk: Desk) -> None:
    time = desk.put(a__1={"n": 1})
    with pytest.raises(ValueError, match="cannot follow"):
        desk.database.commit([desk.change("a/1", {"n": 2}, time)], time=time)


def test_a_document_written_twice_in_one_commit_has_only_its_last_state(desk: Desk) -> None:
    first = desk.put(a__1={"n": 0})
    time = desk.time()
    desk.database.commit([desk.change("a/1", {"n": n}, time) for n in (1, 2)], time=time)
    assert desk.fields("a/1") == {"n": 2}
    assert desk.fields("a/1", first) == {"n": 0}
    assert desk.database.statistics().versions == 1


def test_databases_share_nothing(desk: Desk) -> None:
    desk.put(a__1={"n": 1})
    other = DatabaseName("demo-store", "second")
    assert desk.store.database(other).snapshot().document(("a", "1")) is None
    assert desk.store.databases() == [desk.name, other]
    desk.store.drop(desk.name)
    assert desk.store.databases() == [other]
    assert desk.fields("a/1") is None


def test_dropping_a_database_that_is_not_there_is_no_mistake(desk: Desk) -> None:
    desk.store.drop(DatabaseName("demo-nobody"))
    assert desk.store.databases() == []
