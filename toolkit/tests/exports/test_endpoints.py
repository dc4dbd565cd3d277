"""`:export` and `:import` answer as Google's emulator does, and change nothing that they refuse to do."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from firewarden.firestore.documents import DatabaseName
from firewarden.server.engine import Engine
from firewarden.server.exporting import export_database, import_database
from firewarden.server.serving import Server
from firewarden.store import Store
from firewarden.testing import firestore_as_owner
from firewarden.testing.session import Server as Found
from toolkit.tests.exports.documents import PROJECT, RECORDED, Asked, serialised

DATABASE = f"projects/{PROJECT}/databases/(default)"
EVERYTHING = RECORDED / "everything/everything.overall_export_metadata"
NOT_A_PAYLOAD = "Payload isn't valid for request."
NO_DIRECTORY = "export_directory must be a directory"
NO_METADATA = "Failed to parse overall export metadata file"
LACKS = 'lacks "projects" at index 0.'

# What is asked, and how Google's emulator 1.19.9 answers; `{folder}` is the test's. Ours may say more.
REFUSED: list[tuple[str, Any, int, str, str]] = [
    ("export", {}, 400, "INVALID_ARGUMENT", f'Database name "" {LACKS}'),
    ("export", {"database": "x"}, 400, "INVALID_ARGUMENT", f'Database name "x" {LACKS}'),
    ("export", {"database": DATABASE}, 400, "FAILED_PRECONDITION", NO_DIRECTORY),
    ("export", {"database": DATABASE, "exportDirectory": "{folder}/no"}, 400, "FAILED_PRECONDITION", NO_DIRECTORY),
    ("export", {"database": DATABASE, "exportDirectory": "{folder}/file"}, 400, "FAILED_PRECONDITION", NO_DIRECTORY),
    (
        "export",
        {"database": DATABASE, "export_directory": "{folder}", "export_name": "a/b"},
        500,
        "INTERNAL",
        "failed to write export",
    ),
    ("export", {"database": DATABASE, "no": 1}, 400, "INVALID_ARGUMENT", NOT_A_PAYLOAD),
    ("export", "text", 400, "INVALID_ARGUMENT", NOT_A_PAYLOAD),
    (
        "import",
        {"database": "x", "export_directory": "{folder}"},
        400,
        "INVALID_ARGUMENT",
        f'Database name "x" {LACKS}',
    ),
    ("import", {"database": DATABASE}, 400, "INVALID_ARGUMENT", NO_METADATA),
    ("import", {"database": DATABASE, "export_directory": "{folder}"}, 400, "INVALID_ARGUMENT", NO_METADATA),
    ("import", {"database": DATABASE, "export_directory": "{folder}/no"}, 400, "INVALID_ARGUMENT", NO_METADATA),
    ("import", {"database": DATABASE, "export_name": "no"}, 400, "INVALID_ARGUMENT", NOT_A_PAYLOAD),
]


def post(address: str, verb: str, body: Any, folder: Path) -> httpx.Response:
    (folder / "file").write_text("")
    text = body if isinstance(body, str) else json.dumps(body).replace("{folder}", str(folder))
    url = f"http://{address}/emulator/v1/projects/{PROJECT}:{verb}"
    headers = {"authorization": "Bearer owner", "content-type": "application/json"}
    with httpx.Client(trust_env=False, timeout=60) as client:
        return client.post(url, content=text, headers=headers)


def check_refused(answer: httpx.Response, code: int, status: str, message: str) -> None:
    assert answer.status_code == code
    assert answer.json()["error"]["status"] == status
    assert answer.json()["error"]["message"].startswith(message)


@pytest.mark.parametrize(("verb", "body", "code", "status", "message"), REFUSED, ids=range(len(REFUSED)))
def test_what_cannot_be_done_is_refused(
    server: Server, tmp_path: Path, verb: str, body: Any, code: int, status: str, message: str
) -> None:
    check_refused(post(server.address, verb, body, tmp_path), code, status, message)


@pytest.mark.emulator
@pytest.mark.official_firestore(reason="its answers are what is compared")
@pytest.mark.parametrize(("verb", "body", "code", "status", "message"), REFUSED, ids=range(len(REFUSED)))
def test_recorded_answers_are_still_given(
    official_firestore_server: Found, tmp_path: Path, verb: str, body: Any, code: int, status: str, message: str
) -> None:
    check_refused(post(official_firestore_server.host, verb, body, tmp_path), code, status, message)


def test_the_place_in_the_path_does_not_count(server: Server, tmp_path: Path) -> None:
    """The body says which database is meant, as in Google's emulator."""
    with Asked(server.address, PROJECT) as asked:
        asked.write({"a/b": {"n": 1}})
        body = {"database": DATABASE, "exportDirectory": str(tmp_path), "exportName": "x"}
        asked.post("/emulator/v1/projects/other/databases/another:export", body)
        asked.clear()
        asked.import_(tmp_path / "x/x.overall_export_metadata")
        assert asked.read() == serialised({"a/b": {"n": 1}})


def test_an_export_without_a_name_is_called_after_the_time(server: Server, tmp_path: Path) -> None:
    with Asked(server.address, PROJECT) as asked:
        asked.post(f"/emulator/v1/projects/{PROJECT}:export", {"database": DATABASE, "export_directory": str(tmp_path)})
    (folder,) = tmp_path.iterdir()
    assert folder.name.removeprefix("firestore_export_").isdecimal()


def test_a_page_in_a_browser_may_not_ask(server: Server, tmp_path: Path) -> None:
    url = f"http://{server.address}/emulator/v1/projects/{PROJECT}:export"
    body = {"database": DATABASE, "export_directory": str(tmp_path)}
    with httpx.Client(trust_env=False, timeout=60, headers={"origin": "https://example.com"}) as client:
        assert client.post(url, json=body).status_code == 403
    assert list(tmp_path.iterdir()) == []


def copied(folder: Path) -> Path:
    for each in EVERYTHING.parent.rglob("*"):
        if each.is_file():
            place = folder / each.relative_to(EVERYTHING.parent)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(each.read_bytes())
    return folder / EVERYTHING.name


@pytest.mark.parametrize("keeps", [0.3, 0.9])
def test_a_damaged_import_changes_nothing(tmp_path: Path, keeps: float) -> None:
    """Not even in part, and not after the next start: it is one transaction of the store."""
    metadata = copied(tmp_path / "damaged")
    output = metadata.parent / "all_namespaces/all_kinds/output-0"
    output.write_bytes(output.read_bytes()[: int(output.stat().st_size * keeps)])
    path = tmp_path / "data.sqlite3"
    engine = Engine(Store(path))
    with Server(engine) as server, Asked(server.address, PROJECT) as asked:
        asked.write({"scalars/a": {"n": 1}, "own/a": {"n": 1}})
        before = asked.documents()
        body = {"database": DATABASE, "export_directory": str(metadata)}
        answer = asked.client.post(f"/emulator/v1/projects/{PROJECT}:import", json=body)
        check_refused(answer, 400, "INVALID_ARGUMENT", f"{output} is damaged at byte ")
        assert asked.documents() == before
    engine.close()
    engine = Engine(Store(path))
    with Server(engine) as server, Asked(server.address, PROJECT) as asked:
        assert asked.documents() == before
    engine.close()


def test_what_is_committed_while_an_export_is_written_is_not_in_it(engine: Engine, tmp_path: Path) -> None:
    """The export is the database at one moment, and does not hold up anybody."""
    documents = {f"a/n{number:04}": {"n": number} for number in range(1_200)}
    with Server(engine) as server, Asked(server.address, PROJECT) as asked:
        writes = [
            {"update": {"name": f"{asked.name}/documents/{path}", "fields": {"n": {"integerValue": str(each["n"])}}}}
            for path, each in documents.items()
        ]
        for start in range(0, len(writes), 400):
            asked.post(f"/v1/{asked.name}/documents:commit", {"writes": writes[start : start + 400]})

        def meddle(number: int) -> None:
            if number in (1, 600):
                asked.write({"a/n0001": {"n": -1}, "a/n1199": {"n": -1}, "a/z": {"n": -1}})

        name = DatabaseName(PROJECT)
        metadata, number = export_database(engine, name, tmp_path / "x", progress=meddle)
        assert number == len(documents)
        asked.clear()
        assert import_database(engine, name, metadata) == len(documents)
        assert asked.read() == serialised(documents)


def test_listeners_are_told_of_an_import(server: Server, engine: Engine) -> None:
    """Functions are not, as in Google's emulator."""
    seen: list[set[str]] = []
    is_there = threading.Event()

    def look(documents: Any, *_: Any) -> None:
        seen.append({each.id for each in documents})
        if "__id5__" in seen[-1]:
            is_there.set()

    client = firestore_as_owner(project=PROJECT, host=server.address)
    events: list[object] = []
    engine.on_commit.append(events.append)
    watching: Any = client.collection("numbers").on_snapshot(look)
    try:
        with Asked(server.address, PROJECT) as asked:
            asked.import_(EVERYTHING)
        assert is_there.wait(60)
    finally:
        watching.unsubscribe()
        client.close()
    assert seen[-1] == {"7", "__id5__", "__id-7__"}
    assert events == []
