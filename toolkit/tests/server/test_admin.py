"""The endpoints that only emulators have: what Google's answers, ours answers."""

from __future__ import annotations

import socket
import threading

import httpx
import pytest

from firewarden.server.engine import Engine
from firewarden.server.serving import Server
from firewarden.testing.session import Server as Found
from toolkit.tests.server.admin_stories import STORIES, VALID, answers, recorded, source

RECORDED = recorded()


def test_every_story_was_recorded() -> None:
    assert list(RECORDED) == list(STORIES)


@pytest.mark.parametrize("story", STORIES)
def test_answers_are_those_of_googles_emulator(server: Server, story: str) -> None:
    assert list(answers(server.address, STORIES[story], "demo-admin")) == RECORDED[story]


@pytest.mark.emulator
@pytest.mark.parametrize("number", range(len(STORIES)))
def test_recorded_answers_are_still_given(
    official_firestore_server: Found, firestore_project: str, number: int
) -> None:
    story = list(STORIES)[number]
    found = answers(official_firestore_server.host, STORIES[story], f"{firestore_project}-admin-{number}")
    assert list(found) == RECORDED[story]


def _http(server: Server) -> httpx.Client:
    return httpx.Client(base_url=f"http://{server.address}", trust_env=False, headers={"authorization": "Bearer owner"})


NOTE = "/v1/projects/demo-admin/databases/(default)/documents/notes/a"
OTHER = "/v1/projects/demo-other/databases/second/documents/notes/a"


def test_resetting_forgets_documents_everywhere_and_keeps_rules(server: Server) -> None:
    with _http(server) as client:
        client.put("/emulator/v1/projects/demo-admin:securityRules", json=source(VALID)).raise_for_status()
        for path in (NOTE, OTHER):
            client.patch(path, json={}).raise_for_status()
        answer = client.post("/reset")
        assert (answer.status_code, answer.text) == (200, "Resetting...\n")
        assert [client.get(path).status_code for path in (NOTE, OTHER)] == [404, 404]
        kept = client.get("/emulator/v1/projects/demo-admin:securityRules").json()
        assert kept["rules"]["files"][0]["content"] == VALID


def test_clearing_ends_transactions(server: Server, engine: Engine) -> None:
    """Else a test that was cut off would keep its locks into the next one."""
    with _http(server) as client:
        client.patch(NOTE, json={}).raise_for_status()
        base = NOTE.partition("/notes")[0]
        begun = client.post(f"{base}:beginTransaction", json={}).json()["transaction"]
        client.get(NOTE, params={"transaction": begun}).raise_for_status()
        client.delete("/emulator/v1/projects/demo-admin/databases/(default)/documents").raise_for_status()
        committed = client.post(f"{base}:commit", json={"transaction": begun})
        assert (committed.status_code, committed.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
        client.patch(NOTE, json={"fields": {"a": {"integerValue": "1"}}}).raise_for_status()


def test_shutting_down_is_asked_of_whoever_holds_the_server(engine: Engine) -> None:
    asked = threading.Event()
    with Server(engine, on_shutdown=asked.set) as server, _http(server) as client:
        answer = client.post("/shutdown")
    assert (answer.status_code, answer.text) == (200, "Shutting down...\n")
    assert asked.is_set()


def test_a_form_is_read_as_json(server: Server) -> None:
    """What curl sends with -d; Google's emulator knows no such path then, which helps nobody."""
    with _http(server) as client:
        answer = client.put(
            "/emulator/v1/projects/demo-admin:securityRules",
            content='{"rules": {"files": [{"content": "service cloud.firestore {}"}]}}',
            headers={"content-type": "application/x-www-form-urlencoded"},
        )
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith("Error compiling rules:")


def test_a_question_about_the_head_leaves_the_connection_open(server: Server) -> None:
    host, _, port = server.address.partition(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n")
        answers = b""
        while not answers.endswith(b"Ok\n"):
            answers += connection.recv(1_000)
    assert answers.count(b"HTTP/1.1 ") == 2
    assert answers.startswith(b"HTTP/1.1 404 Not Found\r\ncontent-length: 10\r\n\r\nHTTP/1.1 200 OK")
