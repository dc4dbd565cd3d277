"""Input that is none, sent to the real server over both transports: a status says so, and the server goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import Any

import grpc
import httpx
import pytest
from google.protobuf import json_format

from firewarden.firestore.status import Code, StatusError
from firewarden.firestore.wire import protos
from firewarden.server.engine import Engine
from firewarden.server.services import SERVICE, services
from firewarden.server.serving import Server
from firewarden.server.transports.grpc.messages import parsed
from firewarden.server.transports.interface import Context
from firewarden.server.waiting import WouldBlock
from toolkit.tests.conformance.firestore.engines import Ours, request_class
from toolkit.tests.conformance.firestore.histories import history
from toolkit.tests.conformance.firestore.universe import DATABASE, ROOT, Json

OWNER = {"authorization": "Bearer owner"}
DEPTH = 100_000
TIMEOUT_S = 30.0
JUNK: tuple[Any, ...] = (
    *("", "\ud800", "a" * 2_000, "__x__", "a/b", "..", ROOT, DATABASE, f"{ROOT}/c", f"{ROOT}/c//d", "x", "`", "a..b"),
    *(None, True, 0, -1, 2**31, 2**63 - 1, -(2**63), 1e308, "NaN", "Infinity", [], {}, "EQUAL", "DESCENDING", "AND"),
    *("2020-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "//8=", "AAAA"),
    *({"integerValue": "1"}, {"nullValue": None}, {"referenceValue": "x"}, {"geoPointValue": {"latitude": 1e9}}),
    {"arrayValue": {"values": [{"arrayValue": {}}]}},
    {"mapValue": {"fields": {"__type__": {"stringValue": "__vector__"}}}},
)


@pytest.fixture
def rest(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://{server.address}", headers=OWNER, trust_env=False, timeout=TIMEOUT_S) as client:
        yield client
        assert client.get(f"/v1/{ROOT}/c/none").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        b"[" * DEPTH,
        b'{"fields":' * DEPTH,
        b'{"fields":{"a":' + b'{"arrayValue":{"values":[' * 3_000 + b"]}}" * 3_000 + b"}}",
        b'{"fields":{"a":' + b'{"mapValue":{"fields":{"a":' * 3_000 + b"}}}" * 3_000 + b"}}",
        b'{"fields":{"a":{"integerValue":' + b"1" * 100_000 + b"}}}",
        b'{"fields":{"a":{"doubleValue":1e' + b"9" * 100_000 + b"}}}",
        b"\x00" * 1_000,
        b"\xff\xfe\x00",
        b'{"\\ud800": 1}',
        b'{"fields":{"\\ud800":{"nullValue":null}}}',
    ],
    ids=[
        "brackets",
        "objects",
        "arrays",
        "maps",
        "integer",
        "exponent",
        "zeros",
        "utf-16",
        "surrogate",
        "surrogate inside",
    ],
)
def test_json_that_cannot_be_read(rest: httpx.Client, body: bytes, caplog: pytest.LogCaptureFixture) -> None:
    answer = rest.patch(f"/v1/{ROOT}/c/d", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert not caplog.records


def documents(size: int) -> Any:
    """A commit of so many bytes and a little more."""
    request = protos.CommitRequest(database=DATABASE)
    for number in range(size // 500_000 + 1):
        write = request.writes.add()
        write.update.name = f"{ROOT}/c/{number}"
        write.update.fields["a"].string_value = "x" * 500_000
    return request


def test_messages_of_more_than_ten_mebibytes_are_refused(server: Server, rest: httpx.Client) -> None:
    """With the status and words of the emulator, whose limit is lower."""
    large = documents(11 << 20)
    text = f"gRPC message exceeds maximum size {10 << 20}: {large.ByteSize()}"
    options = [("grpc.max_send_message_length", -1)]
    with grpc.insecure_channel(server.address, options=options) as channel:
        call = channel.unary_unary(f"/{SERVICE}/Commit")
        with pytest.raises(grpc.RpcError) as caught:
            call(large.SerializeToString(), metadata=tuple(OWNER.items()), timeout=TIMEOUT_S)
        assert (caught.value.code(), caught.value.details()) == (grpc.StatusCode.RESOURCE_EXHAUSTED, text)
        body = json_format.MessageToJson(large, descriptor_pool=protos.pool(), indent=None)
        answer = rest.post(f"/v1/{ROOT}:commit", content=body)
        assert (answer.status_code, answer.json()["error"]["message"]) == (429, text)
        call(documents(9 << 20).SerializeToString(), metadata=tuple(OWNER.items()), timeout=TIMEOUT_S)
    assert rest.get(f"/v1/{ROOT}/c/18").status_code == 200
    assert rest.get(f"/v1/{ROOT}/c/22").status_code == 404


def test_a_body_of_more_than_the_server_reads(rest: httpx.Client) -> None:
    answer = rest.post(f"/v1/{ROOT}:commit", content=b" " * ((64 << 20) + 1))
    assert answer.status_code == 413


def test_generated_nonsense_never_breaks_a_handler() -> None:
    """Requests with parts exchanged, removed or replaced, and bytes that were changed: each has a status of its own."""
    codes = set()
    for seed in range(25):
        random = Random(seed)
        with Ours() as ours:
            for operation in history(random):
                codes |= {told(ours.engine, operation["call"], each) for each in spoilt(random, operation)}
    assert {"OK", "INVALID_ARGUMENT", "UNKNOWN"} <= codes
    assert "INTERNAL" not in codes


def told(engine: Engine, method: str, data: bytes) -> str:
    served = services(engine)[f"/{SERVICE}/{method}"]
    try:
        answer = served.handler(parsed(served, data), Context(OWNER))
        for _ in answer if served.kind == "server_stream" else ():
            pass
    except StatusError as status:
        return status.code.name
    except WouldBlock:
        return "blocked"
    return Code.OK.name


def spoilt(random: Random, operation: Json) -> Iterator[bytes]:
    """The request's bytes, spoilt in three ways as far as they are a message at all."""
    empty = request_class(operation["call"])
    for change in (lambda request: request, lambda request: replaced(random, request), lambda _: None):
        text = json.dumps(change(operation["request"]) or operation["request"]).replace('"#', '"2020-01-01T00:00:00Z')
        try:
            content = json.loads(text)
            message = json_format.ParseDict(content, empty(), descriptor_pool=protos.pool(), ignore_unknown_fields=True)
        except (json_format.ParseError, ValueError, TypeError, AttributeError, SystemError):
            continue
        data = message.SerializeToString()
        yield data
        yield flipped(random, data)


def replaced(random: Random, request: Json) -> Any:
    """One part of the request is removed, copied elsewhere, or nonsense."""
    copy = json.loads(json.dumps(request))
    places = list(inside(copy))
    holder, key = random.choice(places)
    chance = random.random()
    if chance < 0.3:
        del holder[key]
    elif chance < 0.5:
        other, name = random.choice(places)
        holder[key] = json.loads(json.dumps(other[name]))
    else:
        holder[key] = random.choice(JUNK)
    return copy


def inside(content: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of a JSON value: what holds it, and its key."""
    for key, each in list(content.items() if isinstance(content, dict) else enumerate(content)):
        yield content, key
        if isinstance(each, dict | list):
            yield from inside(each)


def flipped(random: Random, data: bytes) -> bytes:
    changed = bytearray(data or b"\x00")
    for _ in range(random.randint(1, 3)):
        changed[random.randrange(len(changed))] = random.randrange(256)
    if random.random() < 0.3:
        del changed[random.randrange(len(changed)) :]
    return bytes(changed)
