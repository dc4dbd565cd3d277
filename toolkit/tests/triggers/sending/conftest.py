"""Both kinds of Firestore, registered at; a host that listens, and what the sender reports."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from firewarden.errors import EmulatorNotFound
from firewarden.server.engine import Engine
from firewarden.server.events import telling
from firewarden.server.serving import Server
from firewarden.store import Store
from firewarden.testing import start_emulator
from firewarden.triggers.sending import Sender
from toolkit.tests.triggers.sending.engines import Firestore
from toolkit.tests.triggers.sending.receiving import Receiver, receiving


@pytest.fixture(scope="module")
def ours() -> Iterator[Firestore]:
    """Our own."""
    with receiving() as receiver:
        sender = Sender(receiver.address)
        engine = Engine(Store())
        engine.on_commit.append(telling(sender.changed))
        with Server(engine, events=sender) as server:
            firestore = Firestore(server.address, receiver)
            yield firestore
            firestore.close()
        sender.stop()
        engine.close()


@pytest.fixture(scope="module")
def official() -> Iterator[Firestore]:
    """Google's emulator, where one is found."""
    with receiving() as receiver:
        try:
            starting = start_emulator(functions_emulator=receiver.address)
            running = starting.__enter__()
        except EmulatorNotFound as missing:
            pytest.skip(f"no emulator of Google's to ask: {missing.message}")
        try:
            firestore = Firestore(running.host, receiver)
            yield firestore
            firestore.close()
        finally:
            starting.__exit__(None, None, None)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def said() -> list[str]:
    """What the sender reports."""
    return []
