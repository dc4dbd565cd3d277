"""`firewarden rules replay --through rest`: what is sent, compared, named and counted."""

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from firewarden.cli.replay_over_rest import conversation
from firewarden.limits import EMULATOR
from firewarden.rules import OFFICIAL_1_19_9
from firewarden.rules.recordings import Discrepancy
from firewarden.server.engine import Engine
from firewarden.server.options import Options
from firewarden.server.serving import Server
from firewarden.store import Store
from toolkit.tests.cli.conftest import Run

Json = dict[str, Any]
VECTORS = Path(__file__).parents[1] / "vectors"
NAMES = "projects/demo-x/databases/(default)/documents"
OPEN = """\
rules_version = '2';
service cloud.firestore {
  match /databases/{database}/documents {
    match /{document=**} { allow read, write: if request.auth.uid == 'ana'; }
  }
}
"""
OLD, NEW = {"x": {"integerValue": "1"}}, {"x": {"integerValue": "2"}, "t": {"timestampValue": "$NOW"}}
WRITE = {
    "update": {"name": f"{NAMES}/c/a", "fields": {"x": {"integerValue": "2"}}},
    "updateTransforms": [{"fieldPath": "t", "setToServerValue": "REQUEST_TIME"}],
}
WRITTEN: Json = {
    "id": "written",
    "rules": OPEN,
    "documents": {"c/a": OLD, "c/b": OLD},
    "auth": {"sub": "ana"},
    "request": {"method": "commit", "body": {"writes": [WRITE]}},
    "outcome": "allow",
    "http_status": 200,
    "grpc_status": "OK",
    "message": None,
    "response": {"writeResults": [{"transformResults": [{"timestampValue": "$NOW"}]}]},
    "changed": {"c/a": NEW},
}


def record(**change: Any) -> Json:
    return {**copy.deepcopy(WRITTEN), **change}


@pytest.fixture(scope="module")
def ask() -> Iterator[Callable[[Json], Discrepancy | None]]:
    with conversation(None) as server:
        yield lambda each: server.ask("request", each)


def test_a_right_answer_is_no_difference(ask: Callable[[Json], Discrepancy | None]) -> None:
    assert ask(record()) is None
    listed = record(request={"method": "list", "path": "c", "query": "pageSize=1"}, changed={}, returned=["c/a"])
    del listed["response"]
    assert ask(listed) is None
    assert ask({**listed, "returned": ["c/b"]}) is not None


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"outcome": "deny", "http_status": 403, "grpc_status": "PERMISSION_DENIED"}, "outcome"),
        ({"http_status": 201}, "outcome"),
        ({"auth": {"sub": "ben"}}, "outcome"),
        ({"auth": None}, "outcome"),
        ({"rules": "rules_version = '2';"}, "outcome"),
        ({"changed": {}}, "value"),
        ({"changed": {"c/a": NEW, "c/b": None}}, "value"),
        ({"response": {"writeResults": [{}]}}, "value"),
        ({"message": "Something."}, "message"),
    ],
)
def test_a_wrong_answer_is_one(ask: Callable[[Json], Discrepancy | None], change: Json, kind: str) -> None:
    difference = ask(record(**change))
    assert difference is not None
    assert difference.kind == kind


@pytest.mark.parametrize(
    ("auth", "outcome"),
    [("owner", "allow"), ("Bearer owner", "allow"), ("Basic abc", "error"), (None, "deny"), ({"sub": "ana"}, "allow")],
)
def test_a_caller_is_claims_a_header_or_nobody(
    ask: Callable[[Json], Discrepancy | None], auth: Any, outcome: str
) -> None:
    told = {
        "allow": {},
        "deny": {
            "http_status": 403,
            "grpc_status": "PERMISSION_DENIED",
            "message": "\nNull value error. for 'get' @ L4",
        },
        "error": {"http_status": 500, "grpc_status": "UNKNOWN"},
    }[outcome]
    request = {"method": "get", "path": "c/a"}
    asked = record(auth=auth, request=request, outcome=outcome, **told)
    del asked["response"], asked["changed"]
    if outcome == "deny":
        asked["message"] = asked["message"] + ", Null value error. for 'get' @ L4"
    assert ask(asked) is None


def test_a_transaction_of_the_setup_goes_into_the_request(ask: Callable[[Json], Discrepancy | None]) -> None:
    begun = {"method": "beginTransaction", "body": {}}
    body = {"transaction": "$TXN", "writes": [WRITE]}
    assert ask(record(setup=[begun], request={"method": "commit", "body": body})) is None
    assert ask(record(setup=[], request={"method": "commit", "body": body})) is not None
    assert ask(record()) is None, "the transaction holds nothing any more"


def test_an_id_that_the_server_chose_is_left_open(ask: Callable[[Json], Discrepancy | None]) -> None:
    request = {"method": "create", "path": "c", "body": {"fields": OLD}}
    made = {"name": f"{NAMES}/c/$ID", "fields": OLD}
    assert ask(record(request=request, response=made, changed={"c/$ID": OLD})) is None
    difference = ask(record(request=request, response=made, changed={"c/$ID": {}}))
    assert difference is not None
    assert difference.kind == "value"


def test_a_raw_body_is_sent_as_it_is(ask: Callable[[Json], Discrepancy | None]) -> None:
    told = {"outcome": "error", "http_status": 400, "grpc_status": "INVALID_ARGUMENT"}
    broken = record(request={"method": "commit", "raw": '{"writes": ['}, changed={}, **told)
    del broken["response"]
    assert ask({**broken, "message": "Payload isn't valid for request."}) is None


def test_the_recordings_of_this_project_agree(firewarden: Run) -> None:
    """Of every kind at once: what is no server's to answer is named, as is what is known to differ."""
    files = sorted(VECTORS.glob("*.jsonl"))
    counts = {file.stem: len(file.read_text().splitlines()) for file in files}
    result = firewarden("rules", "replay", *map(str, files), "--through", "rest")
    assert result.returncode == 0, result.stderr
    *named, last = result.stdout.splitlines()
    assert last == f"{sum(counts.values())} cases, 0 outcomes differ, 0 values differ, 0 messages differ"
    assert named[0].startswith(
        f"not sent: a server tells whether a request is allowed, not what an expression comes to: {counts['expr']} ("
    )
    assert named[1].startswith(f"not sent: a server does not tell what an expression costs: {counts['limits']} (lim-")
    assert {each.split(": ")[1] for each in named[2:]} == {
        "order of the documents of a commit",
        "the mark at the end of an aggregation",
    }


def test_a_difference_fails_the_command(firewarden: Run, tmp_path: Path) -> None:
    file = tmp_path / "one.jsonl"
    file.write_text(json.dumps(record(changed={})))
    result = firewarden("rules", "replay", str(file), "--through", "rest", "--show", "1")
    assert result.returncode == 1
    assert "written: the value differs" in result.stdout
    assert result.stdout.endswith("1 cases, 0 outcomes differ, 1 values differ, 0 messages differ\n")


def test_another_server_and_project_can_be_asked(firewarden: Run, tmp_path: Path) -> None:
    """Names of the recorded project go out as those of the given one, and come back as recorded."""
    file = tmp_path / "one.jsonl"
    missing = {"method": "get", "path": "c/none"}
    lost = {
        "outcome": "error",
        "http_status": 404,
        "grpc_status": "NOT_FOUND",
        "message": f"Document ({NAMES}/c/none) not found.",
    }
    second = record(id="missing", request=missing, **lost)
    del second["response"], second["changed"]
    file.write_text(f"{json.dumps(record())}\n{json.dumps(second)}\n")
    engine = Engine(Store(), options=Options(compatibility=OFFICIAL_1_19_9, limits=EMULATOR))
    with Server(engine) as server:
        result = firewarden(
            "rules", "replay", str(file), "--through", "rest", "--at", server.address, "--project", "demo-other"
        )
    opened = {str(each.name) for each in engine.databases.opened()}
    engine.close()
    assert result.stdout == "2 cases, 0 outcomes differ, 0 values differ, 0 messages differ\n", result.stderr
    assert opened == {"projects/demo-other/databases/(default)"}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--at", "127.0.0.1:9"], "--at names a server"),
        (["--through", "rest", "--jobs", "2"], "--jobs is of the engine"),
        (["--through", "rest", "--at", "127.0.0.1:9"], "127.0.0.1:9 does not answer"),
    ],
)
def test_what_cannot_be_asked_is_told(firewarden: Run, tmp_path: Path, arguments: list[str], complaint: str) -> None:
    file = tmp_path / "one.jsonl"
    file.write_text(json.dumps(record()))
    result = firewarden("rules", "replay", str(file), *arguments)
    assert result.returncode == 2
    assert complaint in result.stderr
