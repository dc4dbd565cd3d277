"""Listeners of Google's Python client that lose their server: it comes back, or the connection was cut."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from google.cloud import firestore

from firewarden import Firestore
from firewarden.server.engine import Engine
from firewarden.server.serving import Server
from firewarden.store import Store
from toolkit.tests.sdk.watching import Watching


@contextmanager
def listening_to(host: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", host)
    client = firestore.Client(project="demo-again")
    yield client
    client.close()  # type: ignore[no-untyped-call]  # the client library leaves it untyped


@contextmanager
def serving(file: Path | None, port: int = 0) -> Iterator[Server]:
    engine = Engine(Store(file))
    with Server(engine, port=port) as server:
        yield server
    engine.close()


def test_a_server_that_comes_back_with_its_documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "data.sqlite3"
    with serving(file) as server:
        address = server.address
        with listening_to(address, monkeypatch) as client:
            notes = client.collection("notes")
            notes.document("stays").set({"n": 1})
            notes.document("goes").set({"n": 1})
            listener = Watching(notes)
            listener.shows({"notes/goes": {"n": 1}, "notes/stays": {"n": 1}})
            server.stop()
            server.engine.close()
            with serving(file, int(address.rpartition(":")[2])):
                notes.document("goes").delete()
                notes.document("comes").set({"n": 2})
                listener.shows({"notes/comes": {"n": 2}, "notes/stays": {"n": 1}})
                listener.stop()


def test_a_server_that_comes_back_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(None) as server:
        address = server.address
        with listening_to(address, monkeypatch) as client:
            notes = client.collection("notes")
            notes.document("a").set({"n": 1})
            listener = Watching(notes)
            listener.shows({"notes/a": {"n": 1}})
            server.stop()
            with serving(None, int(address.rpartition(":")[2])):
                notes.document("b").set({"n": 2})
                listener.shows({"notes/b": {"n": 2}})
                listener.stop()


class Line:
    """A port that leads to another, until it is cut."""

    def __init__(self, to: str) -> None:
        host, _, port = to.rpartition(":")
        self._to = (host, int(port))
        self._open: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Whoever is connected is not any more; new connections are led on."""
        ends, self._open = self._open, []
        for each in ends:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._listening.accept()
                there = socket.create_connection(self._to)
                self._open += [here, there]
                for one, other in ((here, there), (there, here)):
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with one, suppress(OSError):
            while data := one.recv(1 << 16):
                other.sendall(data)
        with suppress(OSError):
            other.shutdown(socket.SHUT_RDWR)


def test_a_connection_that_is_cut(our_server: Server, project: str, monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line(our_server.address)
    with listening_to(line.address, monkeypatch) as client:
        notes = client.collection("cut")
        notes.document("a").set({"n": 1})
        listener = Watching(notes)
        listener.shows({"cut/a": {"n": 1}})
        for number in range(2, 4):
            line.cut()
            monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", our_server.address)
            other = firestore.Client(project="demo-again")
            other.document("cut/a").set({"n": number})
            other.close()  # type: ignore[no-untyped-call]  # as above
            listener.shows({"cut/a": {"n": number}})
        listener.stop()
    line.close()


def test_a_database_in_the_process_is_listened_to_through_its_port() -> None:
    with Firestore() as db:
        notes = db.as_owner().collection("notes")
        listener = Watching(notes)
        listener.shows({})
        notes.document("a").set({"n": 1})
        listener.shows({"notes/a": {"n": 1}})
        limited = Watching(notes.order_by("n").limit(1))
        limited.shows({"notes/a": {"n": 1}})
        notes.document("b").set({"n": 0})
        limited.shows({"notes/b": {"n": 0}})
        db.clear()
        listener.shows({})
        listener.stop()
        limited.stop()
