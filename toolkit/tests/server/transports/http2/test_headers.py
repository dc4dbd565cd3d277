"""Header blocks: whatever a client's compression does, the headers are those that it meant."""

from __future__ import annotations

import pytest
from hpack import Encoder
from hpack.struct import HeaderTuple, NeverIndexedHeaderTuple
from hypothesis import given, settings
from hypothesis import strategies as st

from firewarden.server.transports.http2.frames import ConnectionFault
from firewarden.server.transports.http2.headers import (
    HeaderReader,
    MalformedRequest,
    Pairs,
    check_trailers,
    literal,
    request_head,
)

PSEUDO = [(":method", "POST"), (":scheme", "http"), (":path", "/a.B/C"), (":authority", "h")]

names = st.sampled_from(["a", "b", "authorization", "x-goog-request-params", "grpc-timeout"])
values = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF), max_size=200)
kinds = st.sampled_from([HeaderTuple, NeverIndexedHeaderTuple])
requests = st.lists(st.tuples(names, values, kinds), max_size=6)


@settings(deadline=None)
@given(st.lists(st.one_of(requests, st.integers(0, 4_096)), max_size=40))
def test_every_request_is_read_as_it_was_written(history: list[list[tuple[str, str, type]] | int]) -> None:
    """Numbers are new sizes of the compression table. Requests repeat, which is when blocks are remembered."""
    encoder, reader = Encoder(), HeaderReader()
    for entry in [*history, *history]:
        if isinstance(entry, int):
            if entry != encoder.header_table_size:  # hpack's encoder forgets to tell a size that it is given twice
                encoder.header_table_size = entry
            continue
        pairs = [*PSEUDO, *((name, value) for name, value, _ in entry)]
        kept = [kind(name.encode(), value.encode("latin-1")) for name, value, kind in entry]
        block = encoder.encode([*((name.encode(), value.encode()) for name, value in PSEUDO), *kept])
        head, expected = reader.request(block), request_head(pairs)
        assert (head.method, head.path, head.headers) == (expected.method, expected.path, expected.headers)


def test_long_lists_are_decoded_each_time() -> None:
    """What a connection keeps is bounded."""
    reader = HeaderReader()
    block = literal([*PSEUDO, ("a", "x" * 10_000)])
    assert reader.request(block) is not reader.request(block)


def test_the_same_bytes_are_decoded_once() -> None:
    encoder, reader = Encoder(), HeaderReader()
    first = encoder.encode(PSEUDO)
    again = encoder.encode(PSEUDO)
    reader.request(first)
    assert reader.request(again) is reader.request(again)


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (PSEUDO[1:], "missing"),
        ([*PSEUDO[:2], (":path", "")], "missing"),
        ([*PSEUDO, (":method", "GET")], "twice"),
        ([*PSEUDO, (":status", "200")], "unknown"),
        ([("a", "b"), *PSEUDO], "late"),
        ([*PSEUDO, ("A", "b")], "must not be"),
        ([*PSEUDO, ("connection", "close")], "must not be"),
        ([*PSEUDO, ("transfer-encoding", "chunked")], "must not be"),
        ([*PSEUDO, ("te", "gzip")], "must not be"),
        ([*PSEUDO, ("content-length", "-1")], "no number"),
    ],
)
def test_what_no_request_may_have(pairs: Pairs, message: str) -> None:
    with pytest.raises(MalformedRequest, match=message):
        request_head(pairs)


def test_values_of_one_name_are_joined() -> None:
    assert request_head([*PSEUDO, ("a", "1"), ("b", "2"), ("a", "3"), ("te", "trailers")]).headers == {
        "a": "1,3",
        "b": "2",
        "te": "trailers",
    }


@pytest.mark.parametrize("pairs", [[(":path", "/")], [("Grpc-Status", "0")], [("connection", "close")]])
def test_what_no_trailers_may_have(pairs: Pairs) -> None:
    with pytest.raises(MalformedRequest):
        check_trailers(pairs)


@pytest.mark.parametrize(
    "block", [b"\xff\xff\xff\xff\xff\xff", b"\x80", b"\xfe", b"\x00\x05a", b"\x3f\xff\xff\xff\x7f", b"\x40"]
)
def test_a_block_that_cannot_be_read_ends_the_connection(block: bytes) -> None:
    with pytest.raises(ConnectionFault):
        HeaderReader().request(block)


@settings(deadline=None)
@given(st.lists(st.tuples(names, values), max_size=5))
def test_literals_mean_the_same_at_any_time(pairs: Pairs) -> None:
    assert HeaderReader().pairs(literal(pairs)) == pairs


@pytest.mark.parametrize("size", [0, 126, 127, 128, 254, 255, 16_510, 16_511, 16_512, 300_000])
def test_literals_of_any_length(size: int) -> None:
    assert HeaderReader().pairs(literal([("a", "x" * size)])) == [("a", "x" * size)]
