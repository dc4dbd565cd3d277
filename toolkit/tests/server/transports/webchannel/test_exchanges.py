"""What Google's emulator answers to a browser's requests, ours answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from firewarden.server.engine import Engine
from firewarden.server.serving import Server
from firewarden.store import Store
from firewarden.testing.session import Server as Found
from toolkit.tests.server.transports.webchannel.client import PATIENCE_S, Channel
from toolkit.tests.server.transports.webchannel.exchanges import EXCHANGES, SERVICE, answers, recorded

RECORDED = recorded()


@pytest.fixture(scope="module")
def local() -> Iterator[Server]:
    """Our server."""
    engine = Engine(Store())
    with Server(engine) as server:
        yield server
    engine.close()


def test_every_exchange_was_recorded() -> None:
    assert list(RECORDED) == list(EXCHANGES)


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_answers_are_those_of_googles_emulator(local: Server, exchange: str) -> None:
    assert list(answers(local.address, EXCHANGES[exchange])) == RECORDED[exchange]


def test_the_end_of_the_server_is_told_and_waits_for_no_channel() -> None:
    engine = Engine(Store())
    with Server(engine) as server:
        channel = Channel(server.address, f"{SERVICE}/Write/channel")
        channel.open({"database": channel.database})
        with channel.back() as back:
            assert next(iter(back))[1][0]["streamToken"] == "MA=="
            stopping = threading.Thread(target=server.stop)
            stopping.start()
            assert list(back) == [[2, ["stop"]]]
            stopping.join(PATIENCE_S)
    engine.close()


@pytest.mark.emulator
@pytest.mark.xdist_group("channels of Google's emulator")  # it may lose the first ones, if they are opened at once
@pytest.mark.parametrize("exchange", EXCHANGES)
def test_recorded_answers_are_still_given(official_firestore_server: Found, exchange: str) -> None:
    assert list(answers(official_firestore_server.host, EXCHANGES[exchange])) == RECORDED[exchange]
