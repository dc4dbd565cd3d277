"""Listen over raw gRPC, on both engines: every message as a line of text, without what differs from run to run."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator, Sequence
from queue import Queue, SimpleQueue
from threading import Thread
from typing import Any
from uuid import uuid4

import grpc
import pytest
from google.cloud.firestore_v1 import types

from firewarden.server.engine import Engine
from firewarden.server.serving import Server
from firewarden.store import Store
from firewarden.testing import unsigned_id_token

OFFICIAL, OURS = "official", "firewarden"
PATIENCE_S = 30.0
_SERVICE = "/google.firestore.v1.Firestore"
_Request = types.ListenRequest.pb()
_Response = types.ListenResponse.pb()
_Commit = types.CommitRequest.pb()
_SENTINEL = 999


class Desk:
    """A database of one engine: writes, rules, and streams of anybody."""

    def __init__(self, host: str, project: str) -> None:
        self.host = host
        self.project = project
        self.database = f"projects/{project}/databases/(default)"
        self.root = f"{self.database}/documents"
        self.channel = grpc.insecure_channel(host)
        self._commit = self.channel.unary_unary(
            f"{_SERVICE}/Commit",
            request_serializer=_Commit.SerializeToString,
            response_deserializer=types.CommitResponse.pb().FromString,
        )
        self._streams: list[Listening] = []

    def put(self, *paths: str, **fields: int) -> None:
        """Set documents, all in one commit."""
        request = _Commit(database=self.database)
        for path in paths:
            document = request.writes.add().update
            document.name = f"{self.root}/{path}"
            for name, value in fields.items():
                document.fields[name].integer_value = value
            document.fields  # noqa: B018 - a document without fields is one all the same
        self._commit(request, metadata=self._metadata(None), timeout=PATIENCE_S)

    def delete(self, *paths: str) -> None:
        """Delete documents, all in one commit."""
        request = _Commit(database=self.database)
        for path in paths:
            request.writes.add().delete = f"{self.root}/{path}"
        self._commit(request, metadata=self._metadata(None), timeout=PATIENCE_S)

    def rules(self, text: str) -> None:
        """Put the rules of the project."""
        body = json.dumps({"rules": {"files": [{"content": text}]}}).encode()
        self._ask("PUT", f"projects/{self.project}:securityRules", body)

    def clear(self, below: str = "") -> None:
        """Delete all documents, or those at and below a path."""
        self._ask("DELETE", f"{self.root}{below}")

    def bulk_delete(self, *collections: str) -> None:
        """Delete the documents of collections with these ids."""
        body = json.dumps({"database": self.database, "collectionIds": collections}).encode()
        self._ask("POST", f"projects/{self.project}:bulkDelete", body)

    def listen(self, uid: str | None = None, *, metadata: Sequence[tuple[str, str]] | None = None) -> Listening:
        """A stream of an admin, of a user, or with metadata of its own."""
        stream = Listening(self, self._metadata(uid) if metadata is None else metadata)
        self._streams.append(stream)
        return stream

    def close(self) -> None:
        for each in self._streams:
            each.cancel()
        self.channel.close()

    def _metadata(self, uid: str | None) -> list[tuple[str, str]]:
        token = "owner" if uid is None else unsigned_id_token(uid, {}, project=self.project)
        return [("authorization", f"Bearer {token}"), ("google-cloud-resource-prefix", self.database)]

    def _ask(self, method: str, path: str, body: bytes | None = None) -> None:
        headers = {"content-type": "application/json", "authorization": "Bearer owner"}
        url = f"http://{self.host}/emulator/v1/{path}"
        request = urllib.request.Request(url, data=body, headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE_S):  # noqa: S310 - see above
            pass


class Listening:
    """One stream."""

    def __init__(self, desk: Desk, metadata: Sequence[tuple[str, str]]) -> None:
        self._desk = desk
        self._requests: SimpleQueue[Any] = SimpleQueue()
        self._said: Queue[str] = Queue()
        self.messages: list[Any] = []
        self._sentinel = _SENTINEL
        listen = desk.channel.stream_stream(
            f"{_SERVICE}/Listen",
            request_serializer=_Request.SerializeToString,
            response_deserializer=_Response.FromString,
        )
        self._call = listen(iter(self._requests.get, None), metadata=metadata, timeout=10 * PATIENCE_S)
        Thread(target=self._read, daemon=True).start()

    def query(self, number: int, collection: str = "c", **how: Any) -> None:
        """Add a query target."""
        target = types.Target.pb()(target_id=number, **_only(how, _TARGET))
        target.query.parent = how.get("parent", self._desk.root)
        structured = types.StructuredQuery.pb()(**_only(how, _QUERY))
        structured.from_.add(collection_id=collection, all_descendants=how.get("everywhere", False))
        target.query.structured_query.CopyFrom(structured)
        self.add(target)

    def documents(self, number: int, *paths: str, **how: Any) -> None:
        """Add a target of documents."""
        target = types.Target.pb()(target_id=number, **how)
        target.documents.documents.extend(f"{self._desk.root}/{each}" for each in paths)
        if not paths:
            target.documents.SetInParent()
        self.add(target)

    def add(self, target: Any, *, database: str | None = None) -> None:
        """Add any target."""
        named = self._desk.database if database is None else database
        self._requests.put(_Request(database=named, add_target=target))

    def remove(self, number: int) -> None:
        """Remove a target."""
        self._requests.put(_Request(database=self._desk.database, remove_target=number))

    def say(self, request: Any) -> None:
        """Send any request."""
        self._requests.put(request)

    def end(self) -> None:
        """Say nothing any more."""
        self._requests.put(None)

    def cancel(self) -> None:
        """Go."""
        self._requests.put(None)
        self._call.cancel()

    def hears(self, *expected: str) -> None:
        """The next messages, all of them."""
        got = [self.next() for _ in expected]
        assert got == list(expected)

    def next(self) -> str:
        """The next message."""
        return self._said.get(timeout=PATIENCE_S)

    def hears_no_more(self) -> None:
        """Nothing was said that was not expected."""
        self._sentinel += 1
        self.documents(self._sentinel)
        heard = []
        while (line := self.next()) != f"CURRENT {self._sentinel}":
            heard.append(line)
        assert heard == [f"ADD {self._sentinel}"]
        self.hears("snapshot")

    def token(self) -> bytes:
        """The token of the last snapshot."""
        tokens = [each.target_change.resume_token for each in self.messages if _line(each, "") == "snapshot"]
        found: bytes = tokens[-1]
        return found

    def _read(self) -> None:
        try:
            for message in self._call:
                self.messages.append(message)
                self._said.put(_line(message, f"{self._desk.root}/"))
            self._said.put("end OK")
        except grpc.RpcError as error:
            self._said.put(f"end {error.code().name} {error.details()}".rstrip())


_TARGET = ("resume_token", "read_time", "once", "expected_count")
_QUERY = ("where", "order_by", "limit", "offset", "start_at", "end_at", "select")


def _only(how: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: how[name] for name in names if name in how}


def _line(message: Any, root: str) -> str:
    kind = message.WhichOneof("response_type")
    change = getattr(message, kind)
    if kind == "target_change":
        if not change.target_ids:
            return "snapshot"
        numbers = " ".join(map(str, change.target_ids))
        cause = f" {change.cause.code} {change.cause.message}" if change.HasField("cause") else ""
        return f"{types.TargetChange.TargetChangeType(change.target_change_type).name} {numbers}{cause}"
    if kind == "document_change":
        values = " ".join(
            f"{name}={change.document.fields[name].integer_value}" for name in sorted(change.document.fields)
        )
        left = f" not {list(change.removed_target_ids)}" if change.removed_target_ids else ""
        return f"{change.document.name.removeprefix(root)} {values} in {list(change.target_ids)}{left}".replace(
            "  ", " "
        )
    if kind == "filter":
        return f"filter {change.target_id}: {change.count}"
    verb = "deleted" if kind == "document_delete" else "left"
    return f"{change.document.removeprefix(root)} {verb} {list(change.removed_target_ids)}"


@pytest.fixture(scope="session")
def our_server() -> Iterator[Server]:
    """Our server, as it is started by default."""
    engine = Engine(Store())
    with Server(engine) as server:
        yield server
    assert engine.feed.followers == 0
    engine.close()


@pytest.fixture(params=[OURS, pytest.param(OFFICIAL, marks=pytest.mark.emulator)])
def engine_name(request: pytest.FixtureRequest) -> str:
    """Tests that ask for it run on both engines."""
    name: str = request.param
    return name


def _desk(host: str) -> Iterator[Desk]:
    desk = Desk(host, f"demo-listen-{uuid4().hex[:12]}")
    yield desk
    desk.close()


@pytest.fixture
def ours(our_server: Server) -> Iterator[Desk]:
    """An empty database of our server."""
    yield from _desk(our_server.address)


@pytest.fixture
def either(request: pytest.FixtureRequest, engine_name: str) -> Iterator[Desk]:
    """An empty database of one engine after the other."""
    if engine_name == OURS:
        yield from _desk(request.getfixturevalue("our_server").address)
    else:
        yield from _desk(request.getfixturevalue("official_firestore_server").host)


@pytest.fixture
def official(official_firestore_server: Any) -> Iterator[Desk]:
    """An empty database of Google's emulator."""
    yield from _desk(official_firestore_server.host)
