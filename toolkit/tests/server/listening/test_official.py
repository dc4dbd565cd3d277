"""What Google's emulator does otherwise than documented, and our server does not: see docs/differences.md."""

from __future__ import annotations

import pytest

from toolkit.tests.server.listening.conftest import Desk

pytestmark = pytest.mark.emulator


def test_every_change_sends_all_again(official: Desk) -> None:
    official.put("c/a", "c/b", x=1)
    stream = official.listen()
    stream.query(1)
    stream.hears("ADD 1", "c/a x=1 in [1]", "c/b x=1 in [1]", "CURRENT 1", "snapshot")
    official.put("c/a", x=2)
    stream.hears("RESET 1", "c/a x=2 in [1]", "c/b x=1 in [1]", "CURRENT 1", "snapshot")


def test_nothing_is_resumed(official: Desk) -> None:
    official.put("c/a", x=1)
    stream = official.listen()
    stream.query(1)
    stream.hears("ADD 1", "c/a x=1 in [1]", "CURRENT 1", "snapshot")
    stream.query(2, resume_token=stream.token())
    stream.hears("ADD 2", "RESET 2", "c/a x=1 in [2]", "CURRENT 2", "snapshot")


def test_once_is_not_looked_at(official: Desk) -> None:
    stream = official.listen()
    stream.query(1, once=True)
    stream.hears("ADD 1", "CURRENT 1", "snapshot")
    official.put("c/a", x=1)
    stream.hears("RESET 1", "c/a x=1 in [1]", "CURRENT 1", "snapshot")


def test_clients_number_targets_after_the_server(official: Desk) -> None:
    stream = official.listen()
    stream.query(0)
    stream.hears("ADD 1", "CURRENT 1", "snapshot")
    stream.query(5)
    stream.hears("ADD 5", "CURRENT 5", "snapshot")


def test_what_is_wrong_ends_the_stream_without_a_word(official: Desk) -> None:
    stream = official.listen()
    stream.documents(1)
    stream.hears("ADD 1", "CURRENT 1", "snapshot")
    stream.documents(1)
    stream.hears("end UNKNOWN")
    stream = official.listen()
    stream.query(1, limit={"value": -1})
    stream.hears("ADD 1", "end UNKNOWN")
    stream = official.listen()
    stream.documents(-1)
    stream.hears("end UNKNOWN Application error processing RPC")


def test_the_database_of_a_name_is_not_looked_at(official: Desk) -> None:
    official.put("c/a", x=1)
    stream = official.listen()
    stream.query(1, parent=official.root.replace("(default)", "other"))
    stream.hears("ADD 1", "c/a x=1 in [1]", "CURRENT 1", "snapshot")


def test_clearing_begins_anew(official: Desk) -> None:
    official.put("c/a", x=1)
    stream = official.listen()
    stream.query(1)
    stream.hears("ADD 1", "c/a x=1 in [1]", "CURRENT 1", "snapshot")
    official.clear()
    stream.hears("RESET 1", "CURRENT 1", "snapshot")
