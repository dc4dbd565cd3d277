"""`firewarden serve --data`: what a folder keeps, who may use it, and what is done with files that are none of ours."""

import signal
import sqlite3
from pathlib import Path

import httpx
import pytest

from toolkit.tests.cli.conftest import Run, Start
from toolkit.tests.cli.served import address_of, ended, read

KEEPING = ("serve", "--port", "0", "--data", "kept")
FILE = "kept/firestore.sqlite3"


def write(address: str, path: str, number: int, project: str = "demo-x") -> None:
    httpx.patch(
        f"http://{address}/v1/projects/{project}/databases/(default)/documents/{path}",
        json={"fields": {"n": {"integerValue": str(number)}}},
        trust_env=False,
    ).raise_for_status()


def number(address: str, path: str, project: str = "demo-x") -> str:
    return str(read(address, path, project).json()["fields"]["n"]["integerValue"])


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_documents_are_there_after_a_restart(start: Start, end: signal.Signals) -> None:
    """An acknowledged write survives, however the server ended; so do clearing and other projects."""
    process = start(*KEEPING)
    address = address_of(process)
    write(address, "notes/a", 1)
    write(address, "notes/a", 2)
    write(address, "notes/a", 7, project="demo-y")
    write(address, "notes/a", 8, project="demo-z")
    httpx.delete(
        f"http://{address}/emulator/v1/projects/demo-z/databases/(default)/documents", trust_env=False
    ).raise_for_status()
    ended(process, end)
    again = address_of(start(*KEEPING))
    assert (number(again, "notes/a"), number(again, "notes/a", "demo-y")) == ("2", "7")
    assert read(again, "notes/a", "demo-z").status_code == 404


def test_without_a_folder_nothing_is_kept(start: Start, tmp_path: Path) -> None:
    process = start("serve", "--port", "0")
    write(address_of(process), "notes/a", 1)
    ended(process)
    assert read(address_of(start("serve", "--port", "0"))).status_code == 404
    assert list(tmp_path.iterdir()) == []


def test_a_folder_has_one_server(start: Start, firewarden: Run) -> None:
    """The second one is refused and told why; the first goes on, and after it the folder is free."""
    first = start(*KEEPING)
    address = address_of(first)
    write(address, "notes/a", 1)
    second = firewarden(*KEEPING)
    assert (second.returncode, second.stdout) == (2, "")
    assert second.stderr == (
        f"firewarden: {FILE} is in use by another process.\nStop that one, or give this one its own folder.\n"
    )
    write(address, "notes/a", 2)
    ended(first)
    assert number(address_of(start(*KEEPING)), "notes/a") == "2"


def test_a_server_that_finds_its_port_taken_leaves_the_folder_free(start: Start, firewarden: Run) -> None:
    port = address_of(start("serve", "--port", "0")).partition(":")[2]
    assert firewarden(*KEEPING[:1], "--port", port, *KEEPING[3:]).returncode == 2
    write(address_of(start(*KEEPING)), "notes/a", 1)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"not a database", "is not a data file of Firewarden."),
        (b"not a database, and long enough for one" * 100, "is not a data file of Firewarden."),
        (b"SQLite format 3\x00" + b"\xff" * 4096, "is not a data file of Firewarden."),
    ],
)
def test_a_foreign_file_is_refused_and_left_alone(
    firewarden: Run, tmp_path: Path, content: bytes, message: str
) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / FILE).write_bytes(content)
    result = firewarden(*KEEPING)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(f"firewarden: {FILE} {message}\n")
    assert (tmp_path / FILE).read_bytes() == content


def test_another_applications_database_is_refused_and_left_alone(firewarden: Run, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("CREATE TABLE things (name TEXT)")
    connection.close()
    before = (tmp_path / FILE).read_bytes()
    result = firewarden(*KEEPING)
    assert result.returncode == 2
    assert f"{FILE} is not a data file of Firewarden." in result.stderr
    assert (tmp_path / FILE).read_bytes() == before


def test_a_newer_versions_file_is_refused(start: Start, firewarden: Run, tmp_path: Path) -> None:
    process = start(*KEEPING)
    address_of(process)
    ended(process)
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    result = firewarden(*KEEPING)
    assert result.returncode == 2
    assert "was written by a newer version (schema 99; this one knows 1)." in result.stderr


def test_a_damaged_file_is_refused(start: Start, firewarden: Run, tmp_path: Path) -> None:
    process = start(*KEEPING)
    write(address_of(process), "notes/a", 1)
    ended(process)
    with (tmp_path / FILE).open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 3_000)
    result = firewarden(*KEEPING)
    assert (result.returncode, result.stdout) == (2, "")
    assert f"{FILE} is damaged: " in result.stderr
    assert "Restore it from a backup, or move it away." in result.stderr
