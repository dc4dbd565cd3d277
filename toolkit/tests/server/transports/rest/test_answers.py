"""Answers over REST: streams, statuses and errors. Shapes and texts were recorded from the official emulator."""

from __future__ import annotations

import json
from typing import Any

import pytest

from firewarden.firestore.status import Code, StatusError
from firewarden.firestore.wire import protos
from firewarden.server.waiting import Signal, WouldBlock
from toolkit.tests.server.transports.rest.fake import ROOT, Rest


@pytest.mark.parametrize(
    ("code", "http_status"),
    [
        (Code.INVALID_ARGUMENT, 400), (Code.FAILED_PRECONDITION, 400), (Code.OUT_OF_RANGE, 400),
        (Code.UNAUTHENTICATED, 401), (Code.PERMISSION_DENIED, 403), (Code.NOT_FOUND, 404), (Code.ABORTED, 409),
        (Code.ALREADY_EXISTS, 409), (Code.RESOURCE_EXHAUSTED, 429), (Code.CANCELLED, 499), (Code.UNKNOWN, 500),
        (Code.INTERNAL, 500), (Code.DATA_LOSS, 500), (Code.UNIMPLEMENTED, 501), (Code.UNAVAILABLE, 503),
        (Code.DEADLINE_EXCEEDED, 504),
    ],
)  # fmt: skip
def test_every_status_has_its_code(rest: Rest, code: Code, http_status: int) -> None:
    rest.fake.answer = StatusError(code, "no")
    for path in ("/c/d", "/c"):
        status, text, headers = rest.ask("GET", ROOT + path)
        assert status == http_status
        assert headers["content-type"] == "application/json"
        assert json.loads(text) == {"error": {"code": http_status, "message": "no", "status": code.name}}


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (
            StatusError(Code.NOT_FOUND, "Document (projects/p) not found."),
            r'{"error":{"code":404,"message":"Document (projects\/p) not found.","status":"NOT_FOUND"}}',
        ),
        (
            StatusError(Code.PERMISSION_DENIED, "\nfalse for 'list' @ L1"),
            '{"error":{"code":403,"message":"\\nfalse for \'list\' @ L1","status":"PERMISSION_DENIED"}}',
        ),
        (StatusError(Code.UNKNOWN, ""), '{"error":{"code":500,"status":"UNKNOWN"}}'),
    ],
)
def test_errors_look_as_recorded(rest: Rest, status: StatusError, text: str) -> None:
    """Of streams as well: an error is an object, not an array."""
    rest.fake.answer = status
    assert rest.ask("GET", ROOT + "/c/d")[1] == text
    assert rest.ask("POST", ROOT + ":runQuery", {})[1] == text


def test_a_method_that_is_not_served(rest: Rest) -> None:
    status, text, _ = rest.ask("POST", ROOT + ":partitionQuery", {})
    assert status == 501
    assert (
        json.loads(text)["error"]["message"] == "Method google.firestore.v1.Firestore/PartitionQuery is unimplemented"
    )


@pytest.mark.parametrize("count", [0, 1, 2, 499, 500, 501, 5_000])
def test_streams_are_arrays(rest: Rest, count: int) -> None:
    """Long ones come in chunks; nobody can tell."""
    rest.fake.answer = lambda: (protos.RunQueryResponse(skipped_results=index) for index in range(1, count + 1))
    status, text, headers = rest.ask("POST", ROOT + ":runQuery", {})
    assert status == 200
    assert json.loads(text) == [{"skippedResults": index} for index in range(1, count + 1)]
    assert ("content-length" in headers) == (count < 500)
    assert rest.ask("GET", "/")[1] == "Ok\n"


def test_answers_may_be_bytes(rest: Rest) -> None:
    rest.fake.answer = lambda: iter([protos.RunQueryResponse(done=True).SerializeToString()])
    assert rest.ask("POST", ROOT + ":runQuery", {})[1] == '[\n{\n  "done": true\n}\n]\n'


def test_a_request_that_would_block_is_asked_again(rest: Rest) -> None:
    signal = Signal()

    def answer() -> Any:
        if len(rest.fake.asked) < 3:
            raise WouldBlock(signal, 0.01)
        return protos.Document(name="x")

    rest.fake.answer = answer
    assert rest.ask("GET", ROOT + "/c/d")[1] == '{\n  "name": "x"\n}\n'
    assert len({id(context.patience) for context in rest.fake.contexts}) == 1
    assert not signal._callbacks


def test_a_defect_is_told_and_the_server_lives_on(rest: Rest, caplog: pytest.LogCaptureFixture) -> None:
    rest.fake.answer = RuntimeError("a defect")
    status, text, _ = rest.ask("GET", ROOT + "/c/d")
    assert status == 500
    assert "RuntimeError: a defect" in json.loads(text)["error"]["message"]
    assert "a defect" in caplog.text
    assert rest.ask("GET", "/")[1] == "Ok\n"
