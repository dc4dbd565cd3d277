"""Events on their way to functions: in order, to those who asked, as they asked, and never in the way of a commit."""

from __future__ import annotations

import threading

import pytest

from firewarden.server.engine import Engine
from firewarden.server.events import telling
from firewarden.server.serving import Server
from firewarden.store import Store
from firewarden.testing import firestore_as_owner
from toolkit.tests.triggers.sending.changes import EMPTY, PROJECT, V1_WRITE, WRITTEN, Change, documents, sender_to
from toolkit.tests.triggers.sending.receiving import OK, Received, Receiver, receiving


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
