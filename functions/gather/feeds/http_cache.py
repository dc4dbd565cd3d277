"""HTTP caching of a feed (RFC 9110, 8.8 and 13): which representation is asked for, its tag, and the answer.

A tag names one representation: the content, its format, its page and its coding. So the compressed and the plain
answer have different strong tags, as RFC 9110 8.8.3.3 wants, and Vary keeps caches from mixing them up.
"""

import gzip
import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Literal

from flask import Request, Response
from werkzeug.http import is_resource_modified, quote_etag

Coding = Literal["gzip", "identity"]
CACHE_CONTROL = "public, max-age=300, stale-while-revalidate=3600"
# Calendars compress to an eighth at the fastest level; the best one costs eight times as long for a fifth less.
_GZIP_LEVEL = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Representation:
    """Everything but the content that decides the bytes of an answer."""

    mimetype: str
    filename: str
    # Format, version, page, name: whatever else is written into the body.
    variant: tuple[str, ...]

    def tag(self, digest: str, coding: Coding) -> str:
        """Return the entity tag of this representation of the content `digest`, without quotes."""
        named = "\0".join((digest, coding, self.mimetype, *self.variant))
        return hashlib.sha256(named.encode()).hexdigest()[:32]


def coding_for(request: Request) -> Coding:
    """Gzip is used when the client accepts it at least as gladly as no coding (RFC 9110, 12.5.3)."""
    accepted = request.accept_encodings
    gzip_quality = accepted.quality("gzip")
    return "gzip" if gzip_quality > 0 and gzip_quality >= accepted.quality("identity") else "identity"


def is_fresh(request: Request, tag: str, modified_at: datetime | None) -> bool:
    """The client's copy is current: If-None-Match decides, and If-Modified-Since only in its absence (13.2.2)."""
    if request.method not in {"GET", "HEAD"}:
        return False
    return not is_resource_modified(request.environ, etag=quote_etag(tag), last_modified=modified_at)


def answer(
    representation: Representation, *, tag: str, modified_at: datetime | None, coding: Coding, body: bytes | None
) -> Response:
    """Return 200 with the coded body, or 304 without one; both carry what a cache needs (RFC 9110, 15.4.5)."""
    response = Response(body if body is not None else b"", status=200 if body is not None else 304)
    response.set_etag(tag)
    if modified_at is not None:
        response.last_modified = modified_at
    response.headers["Cache-Control"] = CACHE_CONTROL
    response.headers["Vary"] = "Accept-Encoding"
    # Public data: any page may subscribe to it in the browser.
    response.headers["Access-Control-Allow-Origin"] = "*"
    if body is None:
        del response.headers["Content-Type"]
        return response
    response.headers["Content-Type"] = representation.mimetype
    response.headers["Content-Disposition"] = f'inline; filename="{representation.filename}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    if coding == "gzip":
        response.headers["Content-Encoding"] = "gzip"
    return response


def encode(text: str, coding: Coding) -> bytes:
    """Return the body; compressed without a timestamp, so that equal text gives equal bytes."""
    data = text.encode()
    return gzip.compress(data, compresslevel=_GZIP_LEVEL, mtime=0) if coding == "gzip" else data


class BodyCache:
    """Bodies by their tags, newest uses last. It can only save work: a tag names its bytes, so none is ever stale."""

    def __init__(self, octets_max: int) -> None:
        self._octets_max = octets_max
        self._octets = 0
        self._bodies: OrderedDict[str, bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, tag: str) -> bytes | None:
        """Return the body of that tag, if it is still here."""
        with self._lock:
            if tag in self._bodies:
                self._bodies.move_to_end(tag)
            return self._bodies.get(tag)

    def put(self, tag: str, body: bytes) -> None:
        """Keep a body; the ones not asked for longest make room."""
        with self._lock:
            self._octets += len(body) - len(self._bodies.pop(tag, b""))
            self._bodies[tag] = body
            while self._octets > self._octets_max:
                self._octets -= len(self._bodies.popitem(last=False)[1])
