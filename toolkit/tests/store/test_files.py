"""A data file: kept, recognised, locked, upgraded, backed up; what is wrong with one is said."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from firewarden.firestore.documents import DatabaseName
from firewarden.firestore.status import Code, StatusError
from firewarden.store import BackupRefused, DataInUse, DataRefused, Durability, Store
from firewarden.store import indexing as stored_indexing
from firewarden.store.connection import SCHEMA, connect
from toolkit.tests.store.desk import Desk, index_on

OpenDesk = Callable[..., Desk]
BY_N = index_on("a", "n")


@pytest.mark.parametrize("durability", Durability)
def test_a_file_keeps_documents_their_past_and_indexes(open_desk: OpenDesk, durability: Durability) -> None:
    desk = open_desk(durability=durability)
    before = desk.put(a__1={"n": 1}, a__2={"n": 2})
    last = desk.put(a__1={"n": 3}, b__1={})
    assert desk.names(BY_N, before) == ["a/1", "a/2"]
    desk.store.close()
    again = open_desk(durability=durability)
    assert again.store.databases() == [desk.name]
    assert again.database.last_version == last
    assert again.database.indexes == (BY_N,)
    assert again.names(BY_N) == ["a/2", "a/1"]
    assert again.names(BY_N, before) == ["a/1", "a/2"]
    assert again.fields("a/1", before) == {"n": 1}
    again.commit({"a/4": {"n": 0}}, at=60)
    assert again.names(BY_N) == ["a/4", "a/2", "a/1"]


def test_a_clearing_is_kept_too(open_desk: OpenDesk) -> None:
    desk = open_desk()
    before = desk.put(a__1={"n": 1})
    desk.database.clear()
    last = desk.database.last_version
    desk.store.close()
    again = open_desk()
    assert again.database.last_version == last
    assert again.names(index_on("a")) == []
    with pytest.raises(StatusError, match="too old"):
        again.fields("a/1", before)


def test_indexes_with_another_encoding_are_made_anew(open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = open_desk()
    desk.put(a__1={"n": 1})
    desk.names(BY_N)
    desk.store.close()
    monkeypatch.setattr(stored_indexing, "ENCODING", stored_indexing.ENCODING + 1)
    again = open_desk()
    assert again.database.indexes == ()
    assert again.names(BY_N) == ["a/1"]


def test_folders_on_the_way_are_made(open_desk: OpenDesk) -> None:
    assert open_desk("deep/er/data.sqlite3").put(a__1={})


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"# Notes\n" * 40, "is not a data file of Firewarden"),
        (b"x", "is not a data file of Firewarden"),
        (b"SQLite format 3\x00" + bytes(200), "is not a data file of Firewarden"),
    ],
)
def test_a_file_that_is_none_of_ours_is_refused_and_left_alone(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    with pytest.raises(DataRefused, match=says):
        Store(path)
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("application", [0, 1196444487])
def test_a_database_of_another_application_is_refused(tmp_path: Path, application: int) -> None:
    path = tmp_path / "data.sqlite3"
    connection = sqlite3.connect(path)
    connection.executescript(f"PRAGMA application_id = {application}; CREATE TABLE documents (id)")
    connection.close()
    with pytest.raises(DataRefused, match=r"data\.sqlite3 is not a data file of Firewarden\.\nMove it away"):
        Store(path)


def test_a_file_of_a_newer_version_is_refused(open_desk: OpenDesk, tmp_path: Path) -> None:
    open_desk().store.close()
    connection = sqlite3.connect(tmp_path / "data.sqlite3")
    connection.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    connection.close()
    with pytest.raises(DataRefused, match=rf"newer version \(schema {SCHEMA + 1}; this one knows {SCHEMA}\)"):
        open_desk()


def test_a_file_of_an_older_version_is_upgraded_step_by_step(tmp_path: Path) -> None:
    path = tmp_path / "data.sqlite3"
    connect(path, Durability.PROCESS).close()
    steps = {SCHEMA: "CREATE TABLE one (n)", SCHEMA + 1: "CREATE TABLE two (n)"}
    connection = connect(path, Durability.PROCESS, schema=SCHEMA + 2, upgrades=steps)
    assert connection.execute("SELECT name FROM sqlite_master WHERE name IN ('one', 'two')").fetchall()[1:] == [
        ("two",)
    ]
    assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA + 2,)
    connection.close()


def test_an_upgrade_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "data.sqlite3"
    connect(path, Durability.PROCESS).close()
    with pytest.raises(DataRefused, match="syntax error"):
        connect(path, Durability.PROCESS, schema=SCHEMA + 1, upgrades={SCHEMA: "CREATE TABLE one (n); NONSENSE"})
    connection = connect(path, Durability.PROCESS)
    assert connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'one'").fetchone() is None
    connection.close()


@pytest.mark.parametrize("left", ["nothing", "journal"])
def test_a_first_start_that_was_cut_off_is_begun_again(tmp_path: Path, left: str) -> None:
    path = tmp_path / "data.sqlite3"
    path.touch()
    if left == "journal":
        path.with_name("data.sqlite3-journal").touch()
    with Store(path) as store:
        assert store.databases() == []


@pytest.mark.parametrize("kept", [1, 4])
def test_a_file_whose_beginning_is_damaged_is_refused(open_desk: OpenDesk, tmp_path: Path, kept: int) -> None:
    """Whether that shows when it is opened or when its databases are looked up."""
    damage(open_desk(), tmp_path / "data.sqlite3", kept)
    with pytest.raises(DataRefused, match="is damaged"):
        open_desk()


def test_damage_further_in_is_data_loss_and_never_a_wrong_answer(open_desk: OpenDesk, tmp_path: Path) -> None:
    damage(open_desk(), tmp_path / "data.sqlite3", 40)
    damaged = open_desk()
    for ask in (
        lambda: damaged.names(index_on("a")),
        lambda: damaged.names(BY_N),
        lambda: damaged.commit({f"a/{n}": {"n": 1} for n in range(2_000)}, at=60),
    ):
        with pytest.raises(StatusError, match="restore it from a backup") as refused:
            ask()
        assert refused.value.code is Code.DATA_LOSS


def damage(desk: Desk, path: Path, kept: int) -> None:
    """Overwrite a file of many documents but for its first pages."""
    desk.commit({f"a/{n:04}": {"text": "x" * 500} for n in range(2_000)})
    desk.store.close()
    content = path.read_bytes()
    path.write_bytes(content[: kept * 4_096] + b"\xff" * (len(content) - kept * 4_096))


def test_two_stores_cannot_have_one_file(open_desk: OpenDesk, tmp_path: Path) -> None:
    """In one process or in two; and that one was refused here does not let another one in."""
    desk, path = open_desk(), tmp_path / "data.sqlite3"
    desk.put(a__1={"n": 1})
    assert opened_elsewhere(path) == "DataInUse"
    with pytest.raises(DataInUse, match="in use by another process"):
        open_desk()
    assert opened_elsewhere(path) == "DataInUse"
    desk.put(a__2={"n": 2})
    assert desk.names(BY_N) == ["a/1", "a/2"]
    desk.store.close()
    assert opened_elsewhere(path) == "opened"


def opened_elsewhere(path: Path) -> str:
    """What another process sees that opens the file."""
    code = """
import pathlib, sys
from firewarden.store import DataInUse, Store
try:
    Store(pathlib.Path(sys.argv[1])).close()
    print("opened")
except DataInUse:
    print("DataInUse")
"""
    command = [sys.executable, "-c", code, str(path)]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()  # noqa: S603


def test_a_file_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataRefused, match="cannot be opened"):
        Store(tmp_path)


@pytest.mark.parametrize("in_memory", [True, False])
def test_a_backup_is_a_store_as_it_was_then(open_desk: OpenDesk, tmp_path: Path, in_memory: bool) -> None:
    with Store(None if in_memory else tmp_path / "data.sqlite3") as store:
        desk = Desk(store)
        before = desk.put(a__1={"n": 1})
        desk.put(a__1={"n": 2})
        store.database(DatabaseName("demo-other"))
        assert desk.names(BY_N, before) == ["a/1"]
        store.backup(tmp_path / "backup.sqlite3")
        desk.put(a__1={"n": 3})
    assert not list(tmp_path.glob("backup.sqlite3?*"))
    copy = open_desk("backup.sqlite3")
    assert copy.store.databases() == [DatabaseName("demo-other"), desk.name]
    assert copy.fields("a/1") == {"n": 2}
    assert copy.fields("a/1", before) == {"n": 1}
    copy.commit({"a/1": {"n": 4}}, at=60)


def test_a_backup_overwrites_nothing_and_leaves_nothing_half(desk: Desk, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("mine")
    with pytest.raises(BackupRefused, match="exists already"):
        desk.store.backup(taken)
    assert taken.read_text() == "mine"
    with pytest.raises(BackupRefused, match="cannot be written"):
        desk.store.backup(tmp_path / "no" / "folder")
    assert [each.name for each in tmp_path.iterdir()] == ["taken"]


def test_a_full_disk_refuses_a_commit_and_keeps_what_there_is(open_desk: OpenDesk) -> None:
    desk = open_desk()
    desk.put(a__1={"n": 1})
    desk.names(BY_N)
    last = desk.database.last_version
    (pages,) = desk.store.connection.execute("PRAGMA page_count").fetchone()
    desk.store.connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(StatusError, match="The disk is full") as refused:
        desk.commit({f"new/{n}": {"text": "x" * 1_000} for n in range(100)})
    assert refused.value.code is Code.RESOURCE_EXHAUSTED
    with pytest.raises(StatusError, match="The disk is full"):
        desk.commit({f"a/{n}": {"n": n, "text": "x" * 1_000} for n in range(100)})
    assert desk.database.last_version == last
    assert desk.names(BY_N) == ["a/1"]
    assert desk.database.snapshot().collections(()) == ["a"]
    desk.store.connection.execute("PRAGMA max_page_count = 1000000")
    desk.commit({f"new/{n}": {"text": "x" * 1_000} for n in range(100)})
    assert len(desk.names(index_on("new"))) == 100


def test_a_disk_that_is_full_for_an_index_refuses_the_query(open_desk: OpenDesk) -> None:
    desk = open_desk()
    desk.commit({f"a/{n}": {"n": n} for n in range(2_000)})
    (pages,) = desk.store.connection.execute("PRAGMA page_count").fetchone()
    desk.store.connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(StatusError, match="The disk is full"):
        desk.names(BY_N)
    assert desk.database.indexes == ()
    desk.store.connection.execute("PRAGMA max_page_count = 1000000")
    assert len(desk.names(BY_N)) == 2_000
