"""Frames, byte for byte as Google's emulator sends them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firewarden.server.transports.webchannel import framing
from toolkit.tests.server.transports.webchannel.client import frames

CHANGE = (
    '[{"documentChange":{"document":{"name":"projects/demo-w892fe8/databases/(default)/documents/c/a",'
    '"fields":{"x":{"stringValue":"é😀 \\u003c/x\\u003e"}}},"targetIds":[1002]}}]'
)


@pytest.mark.parametrize(
    ("arrays", "recorded"),
    [
        ([(1, '[{"streamId":"0","streamToken":"MA=="}]')], '45\n[[1,[{"streamId":"0","streamToken":"MA=="}]]]'),
        ([(2, framing.NOOP)], '14\n[[2,["noop"]]]'),
        (
            [(1, '[{"streamId":"1","streamToken":"MA=="}]'), (2, framing.NOOP)],
            '58\n[[1,[{"streamId":"1","streamToken":"MA=="}]],[2,["noop"]]]',
        ),
        ([(9, framing.NOOP), (10, framing.NOOP)], '28\n[[9,["noop"]],[10,["noop"]]]'),
    ],
    ids=["message", "nothing", "both", "two digits"],
)
def test_frames_are_those_of_googles_emulator(arrays: list[tuple[int, str]], recorded: str) -> None:
    assert framing.frame(framing.array(*each) for each in arrays) == recorded.encode()


def test_lengths_are_counted_in_units_of_utf_16() -> None:
    frame = framing.frame([framing.array(6, CHANGE)]).decode()
    length, _, text = frame.partition("\n")
    assert int(length) == len(text.encode("utf-16-le")) // 2 == len(text) + 1


def test_a_handshake_tells_clients_that_understand_it_how_often_they_will_hear_something() -> None:
    new = framing.opened("y1rnu3q4Ijic6C9U6GioRw==", client_version=22, keepalive_seconds=30)
    assert new == b'52\n[[0,["c","y1rnu3q4Ijic6C9U6GioRw==","",8,12,30000]]]'
    old = framing.opened("V65gjq9VeLf2gLB3FcSdag==", client_version=21, keepalive_seconds=30)
    assert old == b'46\n[[0,["c","V65gjq9VeLf2gLB3FcSdag==","",8,12]]]'


def test_the_forward_channel_is_told_what_is_on_its_way() -> None:
    assert framing.heard(is_attached=True, last_sent=10, outstanding_bytes=7) == b"8\n[1,10,7]"
    assert framing.heard(is_attached=False, last_sent=0, outstanding_bytes=0) == b"7\n[0,0,0]"


@given(
    texts=st.lists(st.lists(st.text(alphabet='a"\\é\u2028\uffff😀\U0010ffff\n0', max_size=5), max_size=3), max_size=4),
    cuts=st.lists(st.integers(1, 9), min_size=1, max_size=9),
)
@settings(deadline=None)
def test_whatever_is_said_is_heard(texts: list[list[str]], cuts: list[int]) -> None:
    """However the stream is cut on its way."""
    stream = b"".join(
        framing.frame(framing.array(n, json.dumps([each], ensure_ascii=False)) for n, each in enumerate(said))
        for said in texts
        if said
    ).decode()
    parts: list[str] = []
    while stream:
        cut = cuts[len(parts) % len(cuts)]
        parts.append(stream[:cut])
        stream = stream[cut:]
    assert [each[1][0] for each in frames(iter(parts))] == [each for said in texts for each in said]
