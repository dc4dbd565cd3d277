"""Webhooks that somebody has tampered with on their way: in what they say, and in how they are sent."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from stripe import SignatureVerificationError, WebhookSignature
from werkzeug.serving import make_server

from gather.payments.signature import TOLERANCE_S
from gather.payments.webhooks import BODY_BYTES_MAX
from gather.runtime import Runtime
from tests.support.apps import application
from tests.support.everything import every_document
from tests.support.strangers import Stranger
from tests.support.stripe_payloads import body_of

TIMEOUT_S = 30

Cut = tuple[float, float]
CUTS = st.tuples(st.floats(0, 1), st.floats(0, 1))
PIECES = st.sampled_from(["t=", "v1=", "v0=", ",", "=", " ", "0", "f", "\x7f", "ÿ", "t=1", "v1=00", ",,", "1" * 13])


def spliced(text: Any, cut: Cut, piece: Any) -> Any:
    """A text, or bytes, with a part of it replaced."""
    start, end = sorted(int(each * len(text)) for each in cut)
    return text[:start] + piece + text[end:]


def is_taken_by_stripe(body: bytes, header: str, found: Runtime) -> bool:
    """Whether Stripe's own library takes a delivery, of the past or of the future."""
    for secret in found.settings.stripe_webhook_secrets:
        try:
            WebhookSignature.verify_header(body.decode(), header, secret)
        except (SignatureVerificationError, UnicodeDecodeError):
            continue
        (time,) = [part[2:] for part in header.split(",") if part.startswith("t=")]
        return abs(found.now().timestamp() - int(time)) <= TOLERANCE_S
    return False


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body_cut=st.none() | CUTS,
    body_piece=st.binary(max_size=4),
    header_cut=st.none() | CUTS,
    header_piece=PIECES,
    late_s=st.sampled_from([0, 0, 299, -299, 301, -301, 10**7]),
)
@example(body_cut=None, body_piece=b"", header_cut=(0.0, 0.0), header_piece=" ", late_s=0)
def test_a_mutated_delivery_is_taken_only_if_stripe_would_take_it(
    paying: Runtime,
    stranger: Stranger,
    open_sale: dict[str, Any],
    body_cut: Cut | None,
    body_piece: bytes,
    header_cut: Cut | None,
    header_piece: str,
    late_s: int,
) -> None:
    """Anything else is refused and has changed nothing; never is it our fault."""
    genuine = body_of(open_sale | {"type": "customer.created"})
    header = stranger.signs(genuine, late=timedelta(seconds=late_s))
    header = header if header_cut is None else spliced(header, header_cut, header_piece)
    body = genuine if body_cut is None else spliced(genuine, body_cut, body_piece)
    before = every_document(paying.firestore)
    answer = stranger.sends(body, header)
    if answer == (200, None):
        assert body == genuine
        assert is_taken_by_stripe(body, header, paying)
    else:
        assert answer == (400, "invalid_signature")
        assert every_document(paying.firestore) == before


# --- Over a wire -------------------------------------------------------------------------------------------------

Wire = Callable[[bytes, bytes], int | None]


@contextmanager
def on_a_wire(found: Runtime) -> Iterator[Wire]:
    """Serve the application; gives ``wire(headers, rest)``: the status that bytes are answered with, None for none."""
    with application(found) as app:
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()

        def wire(headers: bytes, rest: bytes) -> int | None:
            with socket.create_connection(("127.0.0.1", server.server_port), timeout=TIMEOUT_S) as connection:
                connection.sendall(b"POST /webhooks/stripe HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n" + rest)
                connection.shutdown(socket.SHUT_WR)
                status = connection.makefile("rb").readline().split()
                return int(status[1]) if status else None

        try:
            yield wire
        finally:
            server.shutdown()
            thread.join(TIMEOUT_S)
            server.server_close()


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def test_a_delivery_that_breaks_off_or_is_no_http_changes_nothing(
    paying: Runtime, stranger: Stranger, open_sale: dict[str, Any], emulated_auth: None
) -> None:
    body, before = body_of(open_sale), every_document(paying.firestore)
    good = b"Stripe-Signature: " + stranger.signs(body).encode() + b"\r\n"
    whole, chunked = b"Content-Length: %d\r\n" % len(body), b"Transfer-Encoding: chunked\r\n"
    with on_a_wire(paying) as wire:
        refused = {
            "breaks off": wire(good + whole, body[:-1]),
            "breaks off at once": wire(good + whole, b""),
            "without a length": wire(good, body),
            "a length that is none": wire(good + b"Content-Length: all of it\r\n", body),
            "a length below zero": wire(good + b"Content-Length: -1\r\n", body),
            "a length that is too short": wire(good + b"Content-Length: 9\r\n", body),
            "two signatures": wire(good + good + whole, body),
            "a signature that is no text": wire(b"Stripe-Signature: t=1,v1=\xff\xfe\x00\r\n" + whole, body),
            "a signature in UTF-8": wire("Stripe-Signature: t=1,v1=署名\r\n".encode() + whole, body),
            "a chunk that breaks off": wire(good + chunked, b"ffff\r\n" + body[:-1]),
            "a chunk without a size": wire(good + chunked, b"size\r\n" + body),
            "a chunk that breaks off before its end": wire(good + chunked, chunk(body)),
            "chunks that never end": wire(good + chunked, chunk(b" " * 65536) * (BODY_BYTES_MAX // 65536 + 2)),
        }
        assert every_document(paying.firestore) == before
        assert wire(good + chunked, chunk(body[:50]) + chunk(body[50:]) + chunk(b"")) == 200, "the same, whole"
    assert {name: status for name, status in refused.items() if status not in {400, 413}} == {}
    assert every_document(paying.firestore) != before
