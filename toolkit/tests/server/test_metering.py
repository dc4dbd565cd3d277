"""Streams of answers: short ones that are there already go as a list, all others are made as they are taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from firewarden.firestore.documents import DatabaseName
from firewarden.server.account import Account
from firewarden.server.auth import ADMIN
from firewarden.server.locks import Locks
from firewarden.server.meter import Ledger
from firewarden.server.metering import AT_ONCE_BYTES, metered
from firewarden.server.transports.interface import Context


@pytest.fixture
def context() -> Context:
    context = Context({})
    context.account = Account(Ledger(DatabaseName("demo-metering")), ADMIN, "")
    return context


def egress(context: Context) -> int:
    assert context.account is not None
    return context.account.egress


def test_a_short_list_stays_one_and_is_charged_at_once(context: Context) -> None:
    messages = [b"x" * (AT_ONCE_BYTES - 1), b"y"]
    answer = metered("BatchGetDocuments", "server_stream", lambda *_: messages)(None, context)
    assert answer == messages
    assert egress(context) == AT_ONCE_BYTES


def test_a_longer_list_is_charged_as_it_is_taken(context: Context) -> None:
    messages = [b"x" * AT_ONCE_BYTES, b"y"]
    answer = metered("BatchGetDocuments", "server_stream", lambda *_: messages)(None, context)
    assert not isinstance(answer, list)
    assert next(answer) == messages[0]
    assert egress(context) == AT_ONCE_BYTES


def test_what_is_made_lazily_is_not_made_before_it_is_taken(context: Context) -> None:
    made = []

    def messages(*_: Any) -> Iterator[bytes]:
        made.append(1)
        yield b"x"

    answer = metered("RunQuery", "server_stream", messages)(None, context)
    assert not made
    assert list(answer) == [b"x"]


def test_locks_of_documents_do_not_look_into_what_changes() -> None:
    class Unread:
        @property
        def fields(self) -> Any:
            raise AssertionError("nobody asked for a query")

    locks = Locks()
    locks.hold(1, ("notes", "a"))
    unread: Any = Unread()
    assert locks.holders(("notes", "a"), [unread, None], besides=None) == {1}
    assert locks.holders(("notes", "b"), [unread], besides=None) == frozenset()
