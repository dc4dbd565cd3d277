"""Events that fail come again or are given up; what waits for a host that is away has its limits."""

from __future__ import annotations

import threading

import pytest

from firewarden.triggers import RetryPolicy
from firewarden.triggers.listening import listen
from toolkit.tests.triggers.sending.changes import PROJECT, WRITTEN, Change, documents, sender_to
from toolkit.tests.triggers.sending.receiving import OK, Receiver, receiving
from toolkit.tests.waiting import until


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


@pytest.mark.parametrize("limits", [{"events_max": 3}, {"bytes_max": 35}])
def test_only_so_much_waits_and_what_is_dropped_is_told_once(said: list[str], limits: dict[str, int]) -> None:
    with listen("127.0.0.1", 0) as reserved:
        address = f"127.0.0.1:{reserved.getsockname()[1]}"
    sender = sender_to(address, said, retry=RetryPolicy(first_delay_s=3600, max_delay_s=3600), **limits)
    sender.changed(Change("users/u0"))
    # While it is on its way there is room for one more: only when it is back, nothing moves any longer.
    until(lambda: any("nobody listens" in each for each in said) and sender.outstanding == 1)
    for number in range(1, 10):
        sender.changed(Change(f"users/u{number}"))
    assert sender.outstanding == 3
    sender.stop()
    dropped = [each for each in said if "is dropped, and so are others" in each]
    assert len(dropped) == 1, said
    assert dropped[0].startswith(f"3 events wait for {address}: {WRITTEN} of users/u3")
