"""Exchanges over channels, each in a project of its own: requests in order, and what is answered to each.

`python -m toolkit.tests.server.transports.webchannel.exchanges HOST:PORT` asks Google's emulator and writes its answers
down. Whatever is chance is taken out: ids, times, and at which moment nothing (`noop`) is said.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import uuid4

from toolkit.tests.server.transports.webchannel.client import Channel, payloads

RECORDED = Path(__file__).with_name("exchanges.jsonl")
SERVICE = "/google.firestore.v1.Firestore"

Step = Mapping[str, Any]

_DATABASE = "projects/PROJECT/databases/(default)"
_DOCUMENT = f"{_DATABASE}/documents/c/a"
_OPEN = {"database": _DATABASE}
_LISTEN = {"database": _DATABASE, "addTarget": {"documents": {"documents": [_DOCUMENT]}, "targetId": 1002}}
_KEPT = ("content-type", "x-content-type-options", "cache-control", "access-control-allow-origin", "vary")
_CHANCE = (
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z"), "TIME"),
    (re.compile(r'"resumeToken": "[^"]*"'), '"resumeToken": "TOKEN"'),
    (re.compile(r'"streamId": "\d+"'), '"streamId": "NUMBER"'),
)
_TEXT = 'é😀\u2028 </x> "\\" \u0001'


def _write(fields: Mapping[str, Any] | None = None, **more: Any) -> Step:
    document = {"name": _DOCUMENT, "fields": fields or {"n": {"integerValue": "1"}}}
    return {"writes": [{"update": document, **more}]}


def _open(rpc: str, *messages: Any) -> Step:
    return {"do": "open", "rpc": rpc, "messages": messages}


def _say(*messages: Any, first: int | None = None) -> Step:
    return {"do": "say", "messages": messages, "first": first}


def _hear(count: int, after: int = 0, *, polls: bool = False) -> Step:
    """Read so many messages of the back channel, and leave."""
    return {"do": "hear", "count": count, "after": after, "polls": polls}


def _ask(method: str, query: Mapping[str, Any], body: str = "", *, path: str | None = None) -> Step:
    """A request that is none of a session."""
    return {"do": "ask", "method": method, "query": query, "body": body, "path": path}


_END: Step = {"do": "end", "method": "GET"}
_BEACON: Step = {"do": "end", "method": "POST"}
_ABSENT = {"currentDocument": {"exists": False}}
_VALUES = {
    "text": {"stringValue": _TEXT},
    "float": {"doubleValue": 1e10},
    "bytes": {"bytesValue": "AP+A"},
    "list": {"arrayValue": {"values": [{"nullValue": None}, {"booleanValue": False}]}},
    "место": {"geoPointValue": {"latitude": -1.5}},
}

EXCHANGES: Mapping[str, Sequence[Step]] = {
    "a write": [_open("Write", _OPEN), _hear(1), _say(_write()), _hear(2), _END],
    "several writes in one request": [_open("Write", _OPEN), _say(_write(), _write(), _write()), _hear(4), _BEACON],
    "a write twice": [
        _open("Write", _OPEN),
        _say(_write(), first=1),
        _say(_write(), first=1),
        _say(_write()),
        _hear(3),
    ],
    "some of it twice": [
        _open("Write", _OPEN),
        _say(_write(), _write(), first=1),
        _say(_write(), _write(), first=2),
        _hear(4),
    ],
    "in another order": [_open("Write", _OPEN), _say(_write(), first=2), _say(_write(), first=1), _hear(3)],
    "what is too early is kept": [_open("Write", _OPEN), _say(_write(), first=3), _say(_write(), first=1), _hear(2)],
    "what was not acknowledged comes again": [_open("Write", _OPEN), _hear(1), _hear(1), _hear(1)],
    "polling": [_open("Write", _OPEN), _hear(1, polls=True), _say(_write()), _hear(2, polls=True)],
    "a write that fails": [_open("Write", _OPEN), _say(_write(), _write(None, **_ABSENT), _write()), _hear(3)],
    "a message that is none of a stream": [_open("Write", {"database": _DATABASE, **_write()}), _hear(1)],
    "a listener": [_open("Listen", _LISTEN), _hear(4)],
    "a listener of a document that changes": [
        _open("Listen", _LISTEN),
        _hear(4),
        _ask("POST", {}, json.dumps(_write(_VALUES)), path=f"/v1/{_DATABASE}/documents:commit"),
        _hear(6),
    ],
    "an older client's headers": [
        _ask(
            "POST",
            {"VER": 8, "database": _DATABASE, "RID": 1, "CVER": 21, "$httpHeaders": "Authorization:Bearer owner\r\n"},
            "count=0",
        ),
    ],
    "a handshake without a message": [_open("Write"), _say(_OPEN, first=0), _hear(1)],
    "a session that is unknown": [
        _ask("GET", {"VER": 8, "SID": "none", "RID": "rpc", "AID": 0, "CI": 0, "TYPE": "xmlhttp"}),
        _ask("POST", {"VER": 8, "SID": "none", "RID": 5, "AID": 0}, "count=0"),
        _ask("GET", {"VER": 8, "SID": "none", "RID": 5, "TYPE": "terminate"}),
    ],
    "a session that is over": [_open("Write", _OPEN), _END, _say(_write()), _hear(0), _END],
    "a method that has no channel": [
        _ask("POST", {"VER": 8, "RID": 1}, "count=0", path=f"{SERVICE}/Commit/channel"),
        _ask("POST", {"VER": 8, "RID": 1}, "count=0", path=f"{SERVICE}/Nonsense/channel"),
        _ask("PUT", {"VER": 8, "RID": 1}),
    ],
}


def answers(address: str, steps: Sequence[Step]) -> Iterator[Any]:
    """What a server answers to each step."""
    project = f"demo-w-{uuid4().hex[:12]}"
    channel = Channel(address, f"{SERVICE}/Write/channel", database=_DATABASE.replace("PROJECT", project))
    for step in steps:
        said = json.loads(json.dumps(step).replace("PROJECT", project))
        text = json.dumps(_answer(channel, said), ensure_ascii=False).replace(project, "PROJECT")
        for chance, name in _CHANCE:
            text = chance.sub(name, text)
        yield json.loads(text)


def _answer(channel: Channel, step: Step) -> Any:
    match step["do"]:
        case "open":
            channel.path = f"{SERVICE}/{step['rpc']}/channel"
            number, (mark, sid, *rest) = channel.open(*step["messages"])
            return [number, mark, len(sid) >= 22, rest]
        case "say":
            return channel.say(*step["messages"], first=step["first"])[0]
        case "hear":
            return _heard(channel, step)
        case "end":
            return channel.end(step["method"])[0]
        case _:
            return _asked(channel, step)


def _heard(channel: Channel, step: Step) -> Any:
    with channel.back(step["after"], polls=step["polls"]) as back:
        if back.status != 200:
            return back.status
        kept = {name: back.headers[name].lower() for name in _KEPT if name in back.headers}
        return [kept, list(islice(payloads(iter(back)), step["count"]))]


def _asked(channel: Channel, step: Step) -> Any:
    other = Channel(channel.address, step["path"] or channel.path)
    # What is no channel is REST, which is asked as a browser asks it: with text for a type.
    kind = {"Content-Type": "text/plain", "Authorization": "Bearer owner"} if step["path"] else {}
    status, text = other.whole(step["method"], step["query"], step["body"].encode(), **kind)
    return status if status == 400 or '"c"' in text else [status, text]


def recorded() -> dict[str, list[Any]]:
    """The emulator's answers, by exchange."""
    lines = RECORDED.read_text(encoding="utf-8").rstrip("\n").split("\n")
    return {each["exchange"]: each["answers"] for each in map(json.loads, lines)}


if __name__ == "__main__":
    with RECORDED.open("w", encoding="utf-8") as file:
        for name, steps in EXCHANGES.items():
            line = {"exchange": name, "answers": list(answers(sys.argv[1], steps))}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
