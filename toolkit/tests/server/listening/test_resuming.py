"""Resume tokens: only what has changed since is told, and all of it; what cannot be known begins anew."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from google.protobuf.timestamp_pb2 import Timestamp as Moment

from firewarden.firestore.listen.bloom import bloom_filter
from firewarden.server.engine import Engine
from firewarden.server.listening.tokens import Token, read_token
from firewarden.server.serving import Server
from firewarden.store import Store
from firewarden.values import NANOS_PER_SECOND, Timestamp
from toolkit.tests.server.listening.conftest import Desk

BEGUN = 1_700_000_000 * NANOS_PER_SECOND
HOUR = 3_600 * NANOS_PER_SECOND


class Clock:
    """Goes on by itself a little, and by as much as a test says."""

    def __init__(self) -> None:
        self.nanos = BEGUN

    def __call__(self) -> Timestamp:
        self.nanos += 1_000
        return Timestamp(self.nanos)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(clock: Clock) -> Iterator[Desk]:
    """A server whose clock can be set."""
    engine = Engine(Store(), now=clock)
    with Server(engine) as server:
        desk = Desk(server.address, "demo-resume")
        yield desk
        desk.close()
    engine.close()


def seen(desk: Desk, *paths: str) -> bytes:
    """The token of somebody who has seen these documents of `c`."""
    stream = desk.listen()
    stream.query(1)
    stream.hears("ADD 1", *(f"{each} x=1 in [1]" for each in paths), "CURRENT 1", "snapshot")
    stream.cancel()
    return stream.token()


def test_what_changed_meanwhile_is_told(desk: Desk) -> None:
    desk.put("c/a", "c/b", "c/c", x=1)
    token = seen(desk, "c/a", "c/b", "c/c")
    desk.put("c/a", x=2)
    desk.delete("c/b")
    desk.put("c/d", x=4)
    desk.put("c/e", x=5)
    desk.delete("c/e")
    stream = desk.listen()
    stream.query(3, resume_token=token)
    stream.hears("ADD 3", "c/b deleted [3]", "c/a x=2 in [3]", "c/d x=4 in [3]", "CURRENT 3", "snapshot")
    desk.put("c/c", x=6)
    stream.hears("c/c x=6 in [3]", "snapshot")


def test_nothing_is_told_where_nothing_changed(desk: Desk) -> None:
    desk.put("c/a", x=1)
    token = seen(desk, "c/a")
    stream = desk.listen()
    stream.query(1, resume_token=token)
    stream.hears("ADD 1", "CURRENT 1", "snapshot")
    stream.hears_no_more()


def test_a_count_is_told_to_whoever_had_one(desk: Desk) -> None:
    desk.put("c/a", "c/b", x=1)
    token = seen(desk, "c/a", "c/b")
    desk.delete("c/a")
    stream = desk.listen()
    stream.query(1, resume_token=token, expected_count={"value": 2})
    stream.hears("ADD 1", "c/a deleted [1]", "filter 1: 1", "CURRENT 1", "snapshot")


def test_whoever_has_other_documents_than_it_should_is_told_their_names(desk: Desk) -> None:
    """In a filter that finds each of them; it need not ask for all of them again to know which of its are gone."""
    desk.put("c/a", "c/b", x=1)
    token = seen(desk, "c/a", "c/b")
    desk.delete("c/a")
    desk.put("c/d", x=4)
    stream = desk.listen()
    stream.query(1, resume_token=token, expected_count={"value": 5})
    stream.hears("ADD 1", "c/a deleted [1]", "c/d x=4 in [1]", "filter 1: 2", "CURRENT 1", "snapshot")
    (told,) = (each.filter for each in stream.messages if each.WhichOneof("response_type") == "filter")
    names = told.unchanged_names
    expected = bloom_filter([f"{desk.root}/c/b", f"{desk.root}/c/d"])
    assert (names.bits.bitmap, names.bits.padding, names.hash_count) == expected


@pytest.mark.parametrize("expected", [0, 2])
def test_names_are_told_only_where_they_help(desk: Desk, expected: int) -> None:
    """Not to one who has what it should, nor to one who asks for none."""
    desk.put("c/a", "c/b", x=1)
    token = seen(desk, "c/a", "c/b")
    desk.put("c/d", x=4)
    stream = desk.listen()
    stream.query(1, resume_token=token, expected_count={"value": expected})
    stream.hears("ADD 1", "c/d x=4 in [1]", "filter 1: 3", "CURRENT 1", "snapshot")
    (told,) = (each.filter for each in stream.messages if each.WhichOneof("response_type") == "filter")
    assert not told.HasField("unchanged_names")


def test_limits_are_resumed(desk: Desk) -> None:
    desk.put("c/a", "c/b", "c/c", x=1)
    stream = desk.listen()
    stream.query(1, limit={"value": 2})
    stream.hears("ADD 1", "c/a x=1 in [1]", "c/b x=1 in [1]", "CURRENT 1", "snapshot")
    token = stream.token()
    desk.delete("c/a")
    other = desk.listen()
    other.query(1, limit={"value": 2}, resume_token=token)
    other.hears("ADD 1", "c/a deleted [1]", "c/c x=1 in [1]", "CURRENT 1", "snapshot")


def test_documents_are_resumed(desk: Desk) -> None:
    desk.put("c/a", "c/b", x=1)
    stream = desk.listen()
    stream.documents(1, "c/a", "c/b", "c/none")
    stream.hears("ADD 1", "c/a x=1 in [1]", "c/b x=1 in [1]", "c/none deleted [1]", "CURRENT 1", "snapshot")
    token = stream.token()
    desk.delete("c/a")
    other = desk.listen()
    other.documents(1, "c/a", "c/b", "c/none", resume_token=token)
    other.hears("ADD 1", "c/a deleted [1]", "CURRENT 1", "snapshot")


def test_a_time_resumes_as_a_token_does(desk: Desk, clock: Clock) -> None:
    desk.put("c/a", x=1)
    then = Moment()
    then.FromNanoseconds(clock().nanos)
    desk.put("c/b", x=2)
    stream = desk.listen()
    stream.query(1, read_time=then)
    stream.hears("ADD 1", "c/b x=2 in [1]", "CURRENT 1", "snapshot")
    then.FromNanoseconds(clock().nanos + HOUR)
    stream.query(2, read_time=then)
    stream.hears("ADD 2", "REMOVE 2 3 The requested 'read_time' cannot be in the future.")


def begins_anew(desk: Desk, token: bytes, *lines: str) -> None:
    stream = desk.listen()
    stream.query(1, resume_token=token)
    stream.hears("ADD 1", "RESET 1", *lines, "CURRENT 1", "snapshot")


def test_a_token_that_is_too_old(desk: Desk, clock: Clock) -> None:
    desk.put("c/a", x=1)
    token = seen(desk, "c/a")
    clock.nanos += 2 * HOUR
    desk.put("c/b", x=2)
    begins_anew(desk, token, "c/a x=1 in [1]", "c/b x=2 in [1]")


def test_a_token_from_before_a_clearing(desk: Desk) -> None:
    desk.put("c/a", x=1)
    token = seen(desk, "c/a")
    desk.clear()
    begins_anew(desk, token)


def test_a_token_of_another_database(desk: Desk, clock: Clock) -> None:
    """A server that keeps nothing was started again, and knows nothing of what was seen."""
    desk.put("c/a", x=1)
    token = seen(desk, "c/a")
    engine = Engine(Store(), now=clock)
    with Server(engine) as server:
        other = Desk(server.address, "demo-resume")
        other.put("c/b", x=1)
        begins_anew(other, token, "c/b x=1 in [1]")
        other.close()
    engine.close()


@pytest.mark.parametrize("token", [b"x", b"\x02" + bytes(16), bytes(17)])
def test_a_token_that_is_none(desk: Desk, token: bytes) -> None:
    assert read_token(token) is None
    desk.put("c/a", x=1)
    begins_anew(desk, token, "c/a x=1 in [1]")


def test_a_token_of_a_commit_that_was_lost(desk: Desk, clock: Clock) -> None:
    desk.put("c/a", x=1)
    later = Token(Timestamp(clock.nanos), Timestamp(clock.nanos + HOUR))
    assert read_token(later.encoded()) == later
    begins_anew(desk, later.encoded(), "c/a x=1 in [1]")
