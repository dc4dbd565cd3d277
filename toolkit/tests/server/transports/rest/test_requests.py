"""Requests over REST become messages; what cannot be read is refused, in texts of the official emulator's."""

from __future__ import annotations

from typing import Any

import pytest

from firewarden.firestore.wire import protos
from toolkit.tests.server.transports.rest.fake import DATABASE, ROOT, Rest

MALFORMED = '{"error":{"code":400,"message":"Payload isn\'t valid for request.","status":"INVALID_ARGUMENT"}}'


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


def test_the_handler_knows_the_headers(rest: Rest) -> None:
    rest.ask("GET", ROOT + "/c/d", None, {"Authorization": "Bearer owner"})
    (context,) = rest.fake.contexts
    assert context.metadata["authorization"] == "Bearer owner"
    assert context.is_rest
    assert context.peer.startswith("ipv4:127.0.0.1:")
