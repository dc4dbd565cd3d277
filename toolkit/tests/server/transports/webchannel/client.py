"""A client of channels, as plain as can be: each request as a browser makes it, each answer cut into its arrays."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlencode

PATIENCE_S = 30.0
FORM = "application/x-www-form-urlencoded"
ORIGIN = "http://localhost:3000"


def frames(parts: Iterator[str]) -> Iterator[list[Any]]:
    """The arrays of an answer, from text in whatever parts. Lengths are counted in units of UTF-16."""
    units = b""
    for part in parts:
        units += part.encode("utf-16-le")
        while (end := units.find("\n".encode("utf-16-le"))) >= 0:
            start = end + 2
            stop = start + 2 * int(units[:end].decode("utf-16-le"))
            if len(units) < stop:
                break
            yield from json.loads(units[start:stop].decode("utf-16-le"))
            units = units[stop:]
    assert not units


def form(messages: Sequence[Any], first: int, headers: Mapping[str, str] | None = None, **more: Any) -> bytes:
    """The body of a request: messages are text, or become JSON."""
    fields: dict[str, Any] = {"count": len(messages), "ofs": first}
    if headers is not None:
        fields["headers"] = "".join(f"{name}:{value}\r\n" for name, value in headers.items())
    texts = [each if isinstance(each, str | bytes) else json.dumps(each) for each in messages]
    fields.update({f"req{index}___data__": text for index, text in enumerate(texts)})
    return urlencode(fields | more).encode()


class Back:
    """An answer that goes on. Iterate over its arrays."""

    def __init__(self, connection: http.client.HTTPConnection, answer: http.client.HTTPResponse) -> None:
        self._connection = connection
        self._answer = answer
        self.status = answer.status
        self.headers = {name.lower(): value for name, value in answer.getheaders()}
        self._arrays = frames(self._text())

    def __iter__(self) -> Iterator[list[Any]]:
        return self._arrays

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._answer.close()
        self._connection.close()

    def _text(self) -> Iterator[str]:
        rest = b""
        while data := self._answer.read1():
            rest += data
            text, rest = _decoded(rest)
            yield text


def _decoded(data: bytes) -> tuple[str, bytes]:
    """As much as is whole characters, and what is left."""
    for cut in range(4):
        try:
            return data[: len(data) - cut].decode(), data[len(data) - cut :]
        except UnicodeDecodeError:
            continue
    raise AssertionError(f"no UTF-8: {data!r}")


@dataclass
class Channel:
    """One session with a method; `path` is `/service/method/channel`."""

    address: str
    path: str
    headers: Mapping[str, str] = field(default_factory=lambda: {"Authorization": "Bearer owner"})
    database: str = "projects/demo-local/databases/(default)"
    sid: str = ""
    sent: int = 0
    requests: int = 1_000

    def request(self, method: str, query: Mapping[str, Any], body: bytes = b"", **headers: str) -> Back:
        """Any request."""
        connection = http.client.HTTPConnection(self.address, timeout=PATIENCE_S)
        target = f"{self.path}?{urlencode(query)}"
        kind = {"Content-Type": FORM} if method == "POST" else {}
        connection.request(method, target, body or None, {"Origin": ORIGIN, **kind, **headers})
        return Back(connection, connection.getresponse())

    def whole(self, method: str, query: Mapping[str, Any], body: bytes = b"", **headers: str) -> tuple[int, str]:
        """A request that is answered at once: status and text."""
        with self.request(method, query, body, **headers) as back:
            return back.status, back._answer.read().decode()

    def open(self, *messages: Any) -> list[Any]:
        """The handshake; what it was answered."""
        query = {"VER": 8, "database": self.database, "RID": self.requests, "CVER": 22, "zx": "a1b2", "t": 1}
        status, text = self.whole("POST", query, form(messages, 0, self.headers))
        assert status == 200, text
        (answer,) = frames(iter([text]))
        self.sid = answer[1][1]
        self.sent = len(messages)
        found: list[Any] = answer
        return found

    def leave_behind(self, count: int, *messages: Any) -> None:
        """Open sessions, and forget them."""
        connection = http.client.HTTPConnection(self.address, timeout=PATIENCE_S)
        for _ in range(count):
            connection.request("POST", f"{self.path}?VER=8&RID=1", form(messages, 0), {"Content-Type": FORM})
            answer = connection.getresponse()
            assert (answer.status, bool(answer.read())) == (200, True)
        connection.close()

    def say(self, *messages: Any, heard: int = 0, first: int | None = None) -> tuple[int, str]:
        """Some messages on the forward channel; status and text of the answer."""
        start = self.sent if first is None else first
        self.sent = max(self.sent, start + len(messages))
        return self.whole("POST", self.query(AID=heard), form(messages, start))

    def back(self, heard: int = 0, *, polls: bool = False, **more: Any) -> Back:
        """The back channel."""
        query = {**self.query(AID=heard), "RID": "rpc", "CI": int(polls), "TYPE": "xmlhttp", **more}
        return self.request("GET", query)

    def end(self, method: str = "GET") -> tuple[int, str]:
        """Say that it is over."""
        return self.whole(method, self.query(TYPE="terminate"))

    def query(self, **more: Any) -> dict[str, Any]:
        self.requests += 1
        return {
            "VER": 8,
            "database": self.database,
            "SID": self.sid,
            "RID": self.requests,
            "zx": "c3d4",
            "t": 1,
            **more,
        }


def payloads(arrays: Iterator[list[Any]]) -> Iterator[Any]:
    """What was said in arrays, without those that say nothing."""
    return (each[1][0] for each in arrays if each[1] != ["noop"])
