"""Events on their way to functions: in order, again when they fail, and never in the way of a commit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from firewarden.server.engine import Engine
from firewarden.server.events import telling
from firewarden.server.serving import Server
from firewarden.store import Store
from firewarden.testing import firestore_as_owner
from firewarden.triggers import RetryPolicy
from firewarden.triggers.listening import listen
from firewarden.triggers.sending import Sender
from toolkit.tests.triggers.receiving import OK, Received, Receiver, receiving

PROJECT = "demo-sending"
WRITTEN = "google.cloud.firestore.document.v1.written"
V1_WRITE = "providers/cloud.firestore/eventTypes/document.write"
SOON = RetryPolicy(first_delay_s=0.02, max_delay_s=0.1, window_s=60)
NOON = datetime(2026, 5, 1, 12, 0, 0, 120_000, tzinfo=UTC)
EMPTY = b"\x0a\x00"


@dataclass(frozen=True)
class Change:
    """A change made by hand."""

    path: str
    existed: bool = False
    exists: bool = True
    project: str = PROJECT
    database: str = "(default)"
    time: datetime = NOON
    auth: tuple[str, str] = ("app_user", "ana")
    size: int = 10

    def data(self) -> bytes:
        return EMPTY

    def v1_data(self) -> str:
        return '{"updateMask":{}}'


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def said() -> list[str]:
    """What the sender reports."""
    return []


def sender_to(address: str, said: list[str], **options: object) -> Sender:
    sender = Sender(address, **{"retry": SOON, "report": said.append, **options})  # type: ignore[arg-type]
    sender.register(PROJECT, "fn", event_type=WRITTEN, document="users/{id}", database="(default)")
    return sender


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def documents(received: list[Received]) -> list[str]:
    return [each.attributes["document"] for each in received]


def test_events_come_in_the_order_of_their_commits(receiver: Receiver, said: list[str]) -> None:
    sender = sender_to(receiver.address, said)
    for number in range(300):
        sender.changed(Change(f"users/u{number}"))
    assert documents(receiver.first(300)) == [f"users/u{number}" for number in range(300)]
    sender.stop()
    assert said == []


def test_all_functions_are_told_of_a_change_under_one_id(receiver: Receiver, said: list[str]) -> None:
    sender = sender_to(receiver.address, said)
    sender.register(PROJECT, "second", event_type=WRITTEN, document="{all=**}", database="(default)")
    sender.register(PROJECT, "old", event_type=V1_WRITE, document="users/{id}", database="(default)")
    sender.changed(Change("users/a"))
    received = {each.key: each for each in receiver.first(3)}
    assert set(received) == {"fn", "second", "old"}
    ids = {received["fn"].attributes["id"], received["second"].attributes["id"]}
    assert ids == {received["old"].json["context"]["eventId"]}
    sender.changed(Change("users/b"))
    assert receiver.first(4)[3].attributes["id"] not in ids
    sender.stop()


def test_functions_of_other_databases_projects_and_places_hear_nothing(receiver: Receiver, said: list[str]) -> None:
    sender = sender_to(receiver.address, said)
    sender.changed(Change("users/a", database="other"))
    sender.changed(Change("users/a", project="demo-other"))
    sender.changed(Change("users/a/posts/p"))
    sender.changed(Change("users/b"))
    assert documents(receiver.first(1)) == ["users/b"]
    sender.stop()


def test_an_exact_document_has_no_wildcards(receiver: Receiver, said: list[str]) -> None:
    sender = sender_to(receiver.address, said)
    sender.register(PROJECT, "fn", event_type=WRITTEN, document="users/{id}", database="(default)", is_exact=True)
    sender.changed(Change("users/a"))
    sender.changed(Change("users/{id}"))
    assert documents(receiver.first(1)) == ["users/{id}"]
    sender.stop()


@pytest.mark.parametrize("as_base64", [True, False])
def test_protocol_buffers_come_raw_or_in_base64(receiver: Receiver, said: list[str], *, as_base64: bool) -> None:
    sender = sender_to(receiver.address, said, as_base64=as_base64)
    sender.changed(Change("users/a"))
    (received,) = receiver.first(1)
    assert received.body == (b"CgA=" if as_base64 else EMPTY)
    assert received.headers["content-type"] == "application/protobuf"
    sender.stop()


def test_ids_that_no_header_could_hold_are_escaped(receiver: Receiver, said: list[str]) -> None:
    sender = sender_to(receiver.address, said)
    sender.changed(Change("users/Zoë\nb"))
    assert documents(receiver.first(1)) == ["users/Zoë%0Ab"]
    sender.stop()


@pytest.mark.parametrize("failing", [503, 500, 429, 408, None])
def test_what_fails_comes_again_and_holds_nobody_up(receiver: Receiver, said: list[str], failing: int | None) -> None:
    """None: the host hangs up without an answer."""
    fails = iter([failing, failing])
    receiver.answer = lambda request: next(fails, OK) if request.attributes["document"] == "users/a" else OK
    sender = sender_to(receiver.address, said)
    sender.changed(Change("users/a"))
    sender.changed(Change("users/b"))
    received = receiver.first(4)
    assert sorted(documents(received)) == ["users/a", "users/a", "users/a", "users/b"]
    assert len({each.attributes["id"] for each in received if each.attributes["document"] == "users/a"}) == 1
    sender.stop()
    assert len(said) == 2
    assert said[0].startswith(f"{WRITTEN} of users/a to fn: ")
    assert said[0].endswith("; again in 0.02 s")
    assert said[1].endswith("; again in 0.04 s")


def test_what_would_be_refused_again_is_given_up(receiver: Receiver, said: list[str]) -> None:
    receiver.answer = lambda _: 400
    sender = sender_to(receiver.address, said)
    sender.changed(Change("users/a"))
    receiver.first(1)
    receiver.answer = lambda _: OK
    sender.changed(Change("users/b"))
    assert documents(receiver.first(2)) == ["users/a", "users/b"]
    sender.stop()
    assert said == [f"{WRITTEN} of users/a to fn: HTTP 400; given up"]


def test_an_event_that_cannot_be_made_holds_nobody_up(receiver: Receiver, said: list[str]) -> None:
    class Broken(Change):
        def data(self) -> bytes:
            raise ValueError("no such thing")

    sender = sender_to(receiver.address, said)
    for number in range(20):
        sender.changed(Broken(f"users/b{number}"))
    sender.changed(Change("users/a"))
    assert documents(receiver.first(1)) == ["users/a"]
    sender.stop()
    assert said == [
        f"{WRITTEN} of users/b{number} to fn: ValueError('no such thing'); given up" for number in range(20)
    ]


def test_a_commit_waits_for_no_delivery(said: list[str]) -> None:
    """Nobody answers, and hundreds of documents are written meanwhile."""
    released = threading.Event()

    def answer(_: Received) -> int:
        released.wait(60)
        return OK

    with receiving(answer) as receiver:
        sender = sender_to(receiver.address, said)
        engine = Engine(Store())
        engine.on_commit.append(telling(sender.changed))
        with Server(engine) as server:
            client = firestore_as_owner(project=PROJECT, host=server.address)
            for number in range(50):
                client.document(f"users/u{number}").set({"n": number})
            client.close()
        assert not released.is_set()
        assert sender.outstanding >= 50 - 8
        sender.stop()
        engine.close()
        released.set()


def test_a_function_that_is_not_served_is_told_once(receiver: Receiver, said: list[str]) -> None:
    receiver.answer = lambda _: 404
    sender = sender_to(receiver.address, said)
    for each in "abc":
        sender.changed(Change(f"users/{each}"))
    receiver.first(3)
    sender.stop()
    assert said == [f"{receiver.address} serves no function fn: its events are dropped"]


def test_what_fails_for_too_long_is_given_up(receiver: Receiver, said: list[str]) -> None:
    receiver.answer = lambda request: 503 if request.attributes["document"] == "users/a" else OK
    sender = sender_to(receiver.address, said, retry=RetryPolicy(first_delay_s=0.01, max_delay_s=0.01, window_s=0))
    sender.changed(Change("users/a"))
    sender.changed(Change("users/b"))
    assert documents(receiver.first(2)) == ["users/a", "users/b"]
    sender.stop()
    assert said == [f"{WRITTEN} of users/a to fn: HTTP 503; given up"]


def test_events_wait_for_a_host_that_is_away_and_keep_their_order(said: list[str]) -> None:
    with listen("127.0.0.1", 0) as reserved:
        port = reserved.getsockname()[1]
    told = threading.Event()

    def report(text: str) -> None:
        said.append(text)
        told.set()

    sender = sender_to(f"127.0.0.1:{port}", said, report=report)
    for number in range(20):
        sender.changed(Change(f"users/u{number}"))
    assert told.wait(30)
    with receiving(port=port) as receiver:
        assert documents(receiver.first(20)) == [f"users/u{number}" for number in range(20)]
    sender.stop()
    assert len(said) == 2, said
    assert said[0].startswith(f"nobody listens at 127.0.0.1:{port} (")
    assert said[1].startswith(f"127.0.0.1:{port} answers: events are sent again, ")


def test_a_host_that_registers_is_tried_at_once(said: list[str]) -> None:
    with listen("127.0.0.1", 0) as reserved:
        port = reserved.getsockname()[1]
    told = threading.Event()
    hours = RetryPolicy(first_delay_s=3600, max_delay_s=3600)
    sender = sender_to(f"127.0.0.1:{port}", said, retry=hours, report=lambda _: told.set())
    sender.changed(Change("users/a"))
    assert told.wait(30)
    with receiving(port=port) as receiver:
        sender.register(PROJECT, "other", event_type=WRITTEN, document="x/{id}", database="(default)")
        assert documents(receiver.first(1)) == ["users/a"]
    sender.stop()


def test_a_slow_function_holds_others_up_only_for_a_while(receiver: Receiver, said: list[str]) -> None:
    """All eight come while none of them has been answered."""
    answered = threading.Event()

    def answer(_: Received) -> int:
        answered.wait(30)
        return OK

    receiver.answer = answer
    sender = sender_to(receiver.address, said, patience_s=0.01)
    for number in range(8):
        sender.changed(Change(f"users/u{number}"))
    assert documents(receiver.first(8)) == [f"users/u{number}" for number in range(8)]
    answered.set()
    sender.stop()


@pytest.mark.parametrize("limits", [{"events_max": 3}, {"bytes_max": 35}])
def test_only_so_much_waits_and_what_is_dropped_is_told_once(said: list[str], limits: dict[str, int]) -> None:
    with listen("127.0.0.1", 0) as reserved:
        address = f"127.0.0.1:{reserved.getsockname()[1]}"
    sender = sender_to(address, said, retry=RetryPolicy(first_delay_s=3600, max_delay_s=3600), **limits)
    sender.changed(Change("users/u0"))
    # While it is on its way there is room for one more: only when it is back, nothing moves any longer.
    wait_until(lambda: any("nobody listens" in each for each in said) and sender.outstanding == 1)
    for number in range(1, 10):
        sender.changed(Change(f"users/u{number}"))
    assert sender.outstanding == 3
    sender.stop()
    dropped = [each for each in said if "is dropped, and so are others" in each]
    assert len(dropped) == 1, said
    assert dropped[0].startswith(f"3 events wait for {address}: {WRITTEN} of users/u3")


def test_stopping_waits_for_nobody_and_says_what_is_left(receiver: Receiver, said: list[str]) -> None:
    answered = threading.Event()

    def answer(_: Received) -> int:
        answered.wait(60)
        return OK

    receiver.answer = answer
    sender = sender_to(receiver.address, said)
    sender.changed(Change("users/a"))
    receiver.first(1)
    sender.changed(Change("users/b"))
    sender.stop()
    sender.changed(Change("users/c"))
    assert not answered.is_set()
    assert said == [f"events not delivered to {receiver.address}: 1"]
    answered.set()
    assert documents(receiver.received) == ["users/a"]
