"""REST over a socket. Shapes and texts were recorded from the official emulator."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from firewarden.firestore.status import Code, StatusError
from firewarden.firestore.wire import protos
from firewarden.server.transports.interface import Method, Services
from firewarden.server.waiting import Signal, WouldBlock

PATIENCE_S = 10.0
DATABASE = "projects/p/databases/(default)"
ROOT = f"/v1/{DATABASE}/documents"
JSON = {"content-type": "application/json"}
MALFORMED = '{"error":{"code":400,"message":"Payload isn\'t valid for request.","status":"INVALID_ARGUMENT"}}'


@dataclass
class Fake:
    """Answers every method with what it was told to, and keeps what it was asked."""

    answer: Any = None
    asked: list[Any] = field(default_factory=list)
    contexts: list[Any] = field(default_factory=list)

    def services(self) -> Services:
        service = protos.pool().FindServiceByName("google.firestore.v1.Firestore")
        return {
            f"/{service.full_name}/{method.name}": Method(
                "server_stream" if method.server_streaming else "unary",
                self.say,
                protos.message(method.input_type.full_name),
            )
            for method in service.methods
            if not method.client_streaming and method.name != "PartitionQuery"
        }

    def say(self, request: Any, context: Any) -> Any:
        self.asked.append(request)
        self.contexts.append(context)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer() if callable(self.answer) else self.answer


@dataclass(frozen=True)
class Rest:
    """The fake and a connection to it."""

    fake: Fake
    connection: http.client.HTTPConnection

    def ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, str, dict[str, str]]:
        data = body if isinstance(body, str | bytes | None) else json.dumps(body)
        self.connection.request(method, path, data, headers if headers is not None else JSON)
        response = self.connection.getresponse()
        return response.status, response.read().decode(), {k.lower(): v for k, v in response.getheaders()}


@pytest.fixture
def rest(serve: Any) -> Iterator[Rest]:
    fake = Fake(b"")
    with serve(fake.services()) as served:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE_S)
        yield Rest(fake, connection)
        connection.close()


@pytest.mark.parametrize(
    ("method", "path", "body", "request_"),
    [
        ("GET", "/c/d", None, protos.GetDocumentRequest(name=f"{DATABASE}/documents/c/d")),
        ("GET", "/c/d%20e", None, protos.GetDocumentRequest(name=f"{DATABASE}/documents/c/d e")),
        ("GET", "/c/x+y", None, protos.GetDocumentRequest(name=f"{DATABASE}/documents/c/x+y")),
        (
            "GET",
            "/c/d?mask.fieldPaths=a&mask.field_paths=b.c&key=x&$unknown=1&mask.bogus=1&transaction=AAAA",
            None,
            protos.GetDocumentRequest(
                name=f"{DATABASE}/documents/c/d", mask={"field_paths": ["a", "b.c"]}, transaction=b"\0\0\0"
            ),
        ),
        (
            "GET",
            "/c/d?readTime=2026-01-02T03:04:05.5Z",
            None,
            protos.GetDocumentRequest(
                name=f"{DATABASE}/documents/c/d", read_time={"seconds": 1767323045, "nanos": 500_000_000}
            ),
        ),
        (
            "GET",
            "/c?pageSize=3&orderBy=i%20desc&showMissing=TRUE&pageToken=t",
            None,
            protos.ListDocumentsRequest(
                parent=f"{DATABASE}/documents",
                collection_id="c",
                page_size=3,
                page_token="t",
                order_by="i desc",
                show_missing=True,
            ),
        ),
        (
            "GET",
            "/c?showMissing=yes",
            None,
            protos.ListDocumentsRequest(parent=f"{DATABASE}/documents", collection_id="c"),
        ),
        (
            "PATCH",
            "/c/d?updateMask.fieldPaths=i&currentDocument.exists=true",
            {"name": "other", "fields": {"i": {"integerValue": 7}}},
            protos.UpdateDocumentRequest(
                document={"name": f"{DATABASE}/documents/c/d", "fields": {"i": {"integer_value": 7}}},
                update_mask={"field_paths": ["i"]},
                current_document={"exists": True},
            ),
        ),
        ("PATCH", "/c/d", "", protos.UpdateDocumentRequest(document={"name": f"{DATABASE}/documents/c/d"})),
        (
            "DELETE",
            "/c/d?current_document.update_time=2020-01-01T00:00:00Z",
            '{"ignored": 1}',
            protos.DeleteDocumentRequest(
                name=f"{DATABASE}/documents/c/d", current_document={"update_time": {"seconds": 1577836800}}
            ),
        ),
        (
            "POST",
            "/c?documentId=a:b",
            {"fields": {"n": {"nullValue": None}}},
            protos.CreateDocumentRequest(
                parent=f"{DATABASE}/documents",
                collection_id="c",
                document_id="a:b",
                document={"fields": {"n": {"null_value": 0}}},
            ),
        ),
        (
            "POST",
            ":commit",
            {"writes": [{"delete": "x", "currentDocument": {"exists": False}}], "database": "other"},
            protos.CommitRequest(database=DATABASE, writes=[{"delete": "x", "current_document": {"exists": False}}]),
        ),
        ("POST", ":beginTransaction", None, protos.BeginTransactionRequest(database=DATABASE)),
        (
            "POST",
            ":rollback",
            {"transaction": "AAAA"},
            protos.RollbackRequest(database=DATABASE, transaction=b"\0\0\0"),
        ),
    ],
)
def test_requests_become_messages(rest: Rest, method: str, path: str, body: Any, request_: Any) -> None:
    status, text, headers = rest.ask(method, ROOT + path, body)
    assert (status, text, headers["content-type"]) == (200, "{\n}\n", "application/json")
    assert rest.fake.asked == [request_]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", ":commit", "{nope"),
        ("POST", ":commit", "[]"),
        ("POST", ":commit", '"text"'),
        ("POST", ":commit", {"bogus": 1}),
        ("POST", ":commit", {"writes": 5}),
        ("POST", ":rollback", {"transaction": 5}),
        ("POST", ":commit", b"\xff\xfe"),
        ("POST", ":batchGet", {"mask": "q,r"}),
        ("GET", "/c?pageSize=1&pageSize=2", None),
        ("GET", "/c?pageSize=x", None),
        ("GET", "/c/d?readTime=zzz", None),
        ("POST", ":commit", "[" * 100_000),
        (
            "POST",
            ":runQuery",
            '{"structuredQuery":{"where":' + '{"compositeFilter":{"filters":[' * 300 + "]}}" * 300 + "}}",
        ),
    ],
)
def test_what_cannot_be_read(rest: Rest, method: str, path: str, body: Any) -> None:
    """The emulator does not answer a `pageSize` that is no number; we say what it says of the others."""
    status, text, _ = rest.ask(method, ROOT + path, body)
    assert (status, text) == (400, MALFORMED)
    assert rest.fake.asked == []


@pytest.mark.parametrize(
    ("kind", "is_read"),
    [
        ("application/json", True),
        ("application/json; charset=utf-8", True),
        ("text/plain", True),
        ("text/plain;charset=UTF-8", True),
        (None, True),
        ("application/x-www-form-urlencoded", False),
        ("application/xml", False),
    ],
)
def test_types_of_bodies(rest: Rest, kind: str | None, is_read: bool) -> None:
    status, text, _ = rest.ask("POST", ROOT + ":commit", {"writes": []}, {} if kind is None else {"content-type": kind})
    assert (status, text) == ((200, "{\n}\n") if is_read else (404, "Not Found\n"))


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


def test_the_handler_knows_the_headers(rest: Rest) -> None:
    rest.ask("GET", ROOT + "/c/d", None, {"Authorization": "Bearer owner"})
    (context,) = rest.fake.contexts
    assert context.metadata["authorization"] == "Bearer owner"
    assert context.is_rest
    assert context.peer.startswith("ipv4:127.0.0.1:")


def test_a_defect_is_told_and_the_server_lives_on(rest: Rest, caplog: pytest.LogCaptureFixture) -> None:
    rest.fake.answer = RuntimeError("a defect")
    status, text, _ = rest.ask("GET", ROOT + "/c/d")
    assert status == 500
    assert "RuntimeError: a defect" in json.loads(text)["error"]["message"]
    assert "a defect" in caplog.text
    assert rest.ask("GET", "/")[1] == "Ok\n"
