"""Write streams as stories: what a client sends and what it hears, each in a project of its own.

`python -m toolkit.tests.server.write_stories HOST:PORT` asks Google's emulator and writes its answers down.
"""

from __future__ import annotations

import json
import re
import sys
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
from google.protobuf import json_format

from firewarden.firestore.wire import protos

RECORDED = Path(__file__).with_name("vectors") / "write_stream.jsonl"
OWNER = (("authorization", "Bearer owner"),)
PATIENCE_S = 60.0

Message = Mapping[str, Any]

_DATABASE = "projects/PROJECT/databases/(default)"
_ELSEWHERE = "projects/PROJECT-2/databases/(default)"
_OPEN = {"database": _DATABASE}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")


def _token(text: bytes) -> str:
    return b64encode(text).decode()


def _set(name: str, number: int, **more: Any) -> Message:
    document = {"name": f"{_DATABASE}/documents/c/{name}", "fields": {"n": {"integerValue": str(number)}}}
    return {"update": document, **more}


def _delete(name: str) -> Message:
    return {"delete": f"{_DATABASE}/documents/c/{name}"}


def _writes(*writes: Message, **more: Any) -> Message:
    return {"writes": list(writes), **more}


_INCREMENT = {"fieldPath": "n", "increment": {"integerValue": "2"}}
_UNION = {"fieldPath": "list", "appendMissingElements": {"values": [{"stringValue": "é😀"}]}}
_ABSENT = {"currentDocument": {"exists": False}}
_PRESENT = {"currentDocument": {"exists": True}}

STORIES: Mapping[str, Sequence[Message]] = {
    "commits": [
        _OPEN,
        _writes(_set("a", 1), streamToken=_token(b"0")),
        _writes(_set("a", 2), _set("b", 2), _delete("none"), streamToken=_token(b"1")),
        _writes(_set("c", 1), _delete("a"), _set("a", 3), streamToken=_token(b"2")),
    ],
    "nothing to write": [_OPEN, _writes(_set("a", 1)), {"streamToken": _token(b"1")}, _writes(_set("a", 2))],
    "nothing to write at first": [_OPEN, {}, _writes(_set("a", 1))],
    "what is there already": [_OPEN, _writes(_set("a", 1)), _writes(_set("a", 1)), _writes(_set("a", 2))],
    "transforms": [
        _OPEN,
        _writes(_set("t", 1, updateTransforms=[_INCREMENT, _UNION])),
        _writes({"transform": {"document": f"{_DATABASE}/documents/c/t", "fieldTransforms": [_INCREMENT]}}),
        _writes(_delete("t")),
    ],
    "tokens are not looked at": [
        _OPEN,
        _writes(_set("a", 1), streamToken=_token(b"99")),
        _writes(_set("a", 2), streamToken=_token(b"0")),
        _writes(_set("a", 3), streamToken=_token(b"\xff\x00")),
        _writes(_set("a", 4)),
    ],
    "the database again": [_OPEN, _writes(_set("a", 1), database=_DATABASE)],
    "another database later": [_OPEN, _writes(_set("a", 1)), _writes(_delete("nonsense/"), database=_ELSEWHERE)],
    "no database": [_writes(_set("a", 1))],
    "nothing at first": [{}],
    "no request": [],
    "only a handshake": [_OPEN],
    "labels": [{**_OPEN, "labels": {"a": "b"}}],
    "writes at first": [{**_OPEN, **_writes(_set("a", 1))}],
    "a token at first": [{**_OPEN, **_writes(_set("a", 1)), "streamToken": _token(b"5")}],
    "a token, but no database": [{"streamToken": _token(b"5")}],
    "a stream to resume": [{**_OPEN, "streamId": "0", "streamToken": _token(b"5")}],
    "a stream, but no database": [{"streamId": "0"}],
    "a stream later": [_OPEN, _writes(_set("a", 1), streamId="77", database="x")],
    "not there": [
        _OPEN,
        _writes(_set("a", 1)),
        _writes(_set("b", 1), _set("none", 1, **_PRESENT)),
        _writes(_set("c", 1)),
    ],
    "there already": [_OPEN, _writes(_set("a", 1)), _writes(_set("a", 2, **_ABSENT))],
    "no name": [_OPEN, _writes({"delete": "nonsense"})],
    "a name of no document": [_OPEN, _writes({"delete": f"{_DATABASE}/documents/c"})],
    "no operation": [_OPEN, _writes({})],
}


def answers(target: str, story: Sequence[Message], metadata: Sequence[tuple[str, str]] = OWNER) -> list[Any]:
    """What is answered, and the status in the end. Names are as in the story; times are numbered as they pass."""
    project = f"demo-w-{uuid4().hex[:12]}"

    def said(message: Message) -> Any:
        return json_format.Parse(json.dumps(message).replace("PROJECT", project), protos.WriteRequest())

    # Google's emulator finds the database of a stream by this header only, if there is one.
    metadata = (*metadata, ("google-cloud-resource-prefix", _DATABASE.replace("PROJECT", project)))
    heard: list[Any] = []
    with grpc.insecure_channel(target) as channel:
        call = stream(channel)((said(each) for each in story), metadata=metadata, timeout=PATIENCE_S)
        try:
            heard.extend(json_format.MessageToDict(each) for each in call)
            heard.append("OK")
        except grpc.RpcError:
            heard.append([call.code().name, call.details()])
    return _without_chance(heard, project)


def stream(channel: Any) -> Any:
    """Google's Write, with messages of our own."""
    return channel.stream_stream(
        "/google.firestore.v1.Firestore/Write",
        request_serializer=protos.WriteRequest.SerializeToString,
        response_deserializer=protos.WriteResponse.FromString,
    )


def _without_chance(heard: list[Any], project: str) -> list[Any]:
    text = json.dumps(heard).replace(project, "PROJECT")
    times = sorted(set(_TIME.findall(text)), key=lambda time: time.rstrip("Z").ljust(30, "0"))
    found: list[Any] = json.loads(_TIME.sub(lambda match: f"time {times.index(match.group())}", text))
    if found and isinstance(found[0], dict):
        found[0].pop("streamId", None)  # counts all streams of a server
    return found


def recorded() -> Iterator[tuple[str, list[Any]]]:
    """The emulator's answers, by story."""
    for line in RECORDED.read_text().splitlines():
        each = json.loads(line)
        yield each["story"], each["answers"]


if __name__ == "__main__":
    lines = (json.dumps({"story": name, "answers": answers(sys.argv[1], story)}) for name, story in STORIES.items())
    RECORDED.write_text("".join(f"{line}\n" for line in lines))
