"""Header blocks: HPACK (RFC 7541) in, plain literals out, and what a request's headers must be.

Clients send the same headers with every call, so that a block is usually one that was seen before. As long as the
compression state has not changed, the same bytes mean the same headers: then nothing is decoded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hpack import Decoder, HPACKError
from hpack.table import HeaderTable

from firewarden.server.transports.http2.frames import ConnectionFault, ErrorCode

_CACHED_BLOCKS = 256
_CACHED_BYTES = 8 << 10
"""Longer lists are decoded each time, so that what a connection keeps is bounded."""
_LIST_BYTES = 1 << 20
"""Longer lists end the connection, as they leave the compression state unknown."""
_SIZE_UPDATE, _SIZE_UPDATE_MASK = 0x20, 0xE0  # RFC 7541, section 6.3
_PSEUDO = frozenset({":method", ":scheme", ":path", ":authority"})
_CONNECTION_SPECIFIC = frozenset({"connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade"})

Pairs = list[tuple[str, str]]


class MalformedRequest(Exception):  # noqa: N818 - says what the request is
    """Headers that no request may have (RFC 9113, section 8)."""


@dataclass(frozen=True, slots=True, eq=False)
class RequestHead:
    """A request's headers; those that came several times are joined by commas. Two heads are equal if they are one."""

    method: str
    path: str
    headers: Mapping[str, str]
    list_bytes: int
    content_length: int | None


class HeaderReader:
    """Decodes the header blocks of one connection, which must come in order."""

    def __init__(self) -> None:
        self._decoder = Decoder(max_header_list_size=_LIST_BYTES)
        self._table = _WatchedTable()
        self._decoder.header_table = self._table
        self._known: dict[bytes, RequestHead] = {}

    def request(self, block: bytes) -> RequestHead:
        """The head of a request. `MalformedRequest` leaves the connection usable, `ConnectionFault` does not."""
        found = self._known.get(block)
        if found is not None:
            return found
        pairs = self.pairs(block)
        head = request_head(pairs)
        if not self._table.has_changed and head.list_bytes <= _CACHED_BYTES:
            if len(self._known) >= _CACHED_BLOCKS:
                self._known.clear()
            self._known[block] = head
        return head

    def pairs(self, block: bytes) -> Pairs:
        """Any block: names and values in order."""
        self._table.has_changed = block[:1] != b"" and block[0] & _SIZE_UPDATE_MASK == _SIZE_UPDATE
        try:
            decoded = list(self._decoder.decode(block, raw=True))
        except (HPACKError, IndexError) as fault:
            raise ConnectionFault(ErrorCode.COMPRESSION_ERROR, f"header block: {fault}") from fault
        if self._table.has_changed:
            self._known.clear()
        return [(bytes(name).decode("latin-1"), bytes(value).decode("latin-1")) for name, value in decoded]


class _WatchedTable(HeaderTable):
    """Notices that a block has changed what later blocks mean."""

    has_changed = False

    def add(self, name: bytes, value: bytes) -> None:
        self.has_changed = True
        super().add(name, value)


def request_head(pairs: Pairs) -> RequestHead:
    """Check and sort the headers of a request."""
    pseudo: dict[str, str] = {}
    headers: dict[str, str] = {}
    for name, value in pairs:
        if name.startswith(":"):
            if headers or name in pseudo or name not in _PSEUDO:
                raise MalformedRequest(f"{name} is unknown, late or there twice")
            pseudo[name] = value
        else:
            _check_header(name, value)
            headers[name] = f"{headers[name]},{value}" if name in headers else value
    if not (pseudo.get(":method") and pseudo.get(":scheme") and pseudo.get(":path")):
        raise MalformedRequest(":method, :scheme or :path is missing")
    length = headers.get("content-length")
    if length is not None and not (length.isascii() and length.isdigit()):
        raise MalformedRequest("content-length is no number")
    return RequestHead(
        pseudo[":method"],
        pseudo[":path"],
        headers,
        sum(len(name) + len(value) + 32 for name, value in pairs),
        None if length is None else int(length),
    )


def check_trailers(pairs: Pairs) -> None:
    """Refuse what may not come after a request's body."""
    for name, value in pairs:
        if name.startswith(":"):
            raise MalformedRequest(f"{name} after the body")
        _check_header(name, value)


def _check_header(name: str, value: str) -> None:
    if name != name.lower() or name in _CONNECTION_SPECIFIC or (name == "te" and value != "trailers"):
        raise MalformedRequest(f"{name!r} must not be in a request over HTTP/2")


def literal(headers: Iterable[tuple[str, str]]) -> bytes:
    """A header block that means the same whatever was sent before, and need not be compressed."""
    return b"".join(b"\x00" + _string(name) + _string(value) for name, value in headers)


def _string(text: str) -> bytes:
    data = text.encode("latin-1")
    size = len(data)
    if size < 0x7F:
        return bytes((size,)) + data
    prefix = bytearray((0x7F,))
    size -= 0x7F
    while size >= 0x80:
        prefix.append(size & 0x7F | 0x80)
        size >>= 7
    prefix.append(size)
    return bytes(prefix) + data
