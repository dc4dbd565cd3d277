"""Transactions of one database: begun, found by their id, ended, and forgotten when nobody uses them any more."""

from __future__ import annotations

import struct
from enum import Enum
from itertools import count
from typing import TYPE_CHECKING

from firewarden.firestore.documents import DocumentPath
from firewarden.firestore.status import StatusError, invalid
from firewarden.limits import PRODUCTION, TRANSACTION_IDLE_SECONDS, TRANSACTION_SECONDS
from firewarden.server.locks import Locks
from firewarden.server.waiting import Signal
from firewarden.values import Timestamp

if TYPE_CHECKING:
    from firewarden.firestore.query.model import Query

_ID = struct.Struct("<BQ")
_ID_MARK = 0x11


LOOK_EVERY_S = 1.0
"""How often, at most, a new transaction makes the server look for such ones: there may be many open."""


class Mode(Enum):
    """What a transaction may do, and how it is kept apart from others."""

    READ_ONLY = "read-only"
    PESSIMISTIC = "pessimistic"
    OPTIMISTIC = "optimistic"


class Transaction:
    """One transaction. `read_time` is fixed if it is read-only or optimistic; times `begun` and `used` in seconds."""

    __slots__ = ("begun", "documents", "id", "mode", "queries", "read_time", "used")

    def __init__(self, number: int, mode: Mode, now: float, read_time: Timestamp | None) -> None:
        self.id = number
        self.mode = mode
        self.begun = self.used = now
        self.read_time = read_time
        self.documents: set[DocumentPath] = set()
        """What it has read by name, if it is optimistic."""
        self.queries: list[Query] = []
        """What it has asked for, if it is optimistic."""

    @property
    def name(self) -> bytes:
        """The id as clients see it."""
        return _ID.pack(_ID_MARK, self.id)


class Transactions:
    """The open transactions of a database, and their locks."""

    __slots__ = ("_ids", "_last", "_look_again", "_open", "_over_text", "ended", "locks")

    def __init__(self, over_text: str = PRODUCTION.transaction_text) -> None:
        self._over_text = over_text
        self._ids = count(1)
        self._open: dict[int, Transaction] = {}
        self._last = 0
        self.locks = Locks()
        self.ended = Signal()
        self._look_again = 0.0

    @property
    def any_open(self) -> bool:
        """Whether there are open transactions."""
        return bool(self._open)

    def begin(self, mode: Mode, *, now: float, read_time: Timestamp | None = None) -> Transaction:
        """Open a transaction; what was left alone for too long is over."""
        if now >= self._look_again:
            self._look_again = now + LOOK_EVERY_S
            self.expire(now)
        opened = Transaction(next(self._ids), mode, now, read_time)
        self._open[opened.id] = opened
        self._last = opened.id
        return opened

    def find(self, name: bytes, *, now: float) -> Transaction:
        """The open transaction of this id; refuses what is none, or not open any more."""
        found = self._open.get(self._number(name))
        if found is None or _is_over(found, now):
            raise invalid(self._over_text)
        found.used = now
        return found

    def end(self, transaction: Transaction) -> None:
        """Close it and let those who wait for it go on."""
        if self._open.pop(transaction.id, None) is not None:
            self.locks.release(transaction.id)
            self.ended.fire()

    def roll_back(self, name: bytes) -> None:
        """End a transaction; one that has ended already stays as it is."""
        number = self._number(name)
        found = self._open.get(number)
        if found is not None:
            self.end(found)
        elif number > self._last:
            raise invalid("Transaction is invalid or expired.")

    def is_known(self, name: bytes) -> bool:
        """Whether there is, or was, a transaction of this id."""
        return 0 < self._number(name) <= self._last

    def end_all(self) -> None:
        """End every transaction."""
        for each in list(self._open.values()):
            self.end(each)

    def oldest_optimistic(self) -> Timestamp | None:
        """The earliest read time of the open optimistic transactions."""
        times = [each.read_time for each in self._open.values() if each.mode is Mode.OPTIMISTIC and each.read_time]
        return min(times, default=None)

    def expire(self, now: float) -> bool:
        """End what nobody has used for too long; whether there was any."""
        over = [each for each in self._open.values() if _is_over(each, now)]
        for each in over:
            self.end(each)
        return bool(over)

    def _number(self, name: bytes) -> int:
        if len(name) != _ID.size or name[0] != _ID_MARK:
            raise _not_an_id()
        number: int = _ID.unpack(name)[1]
        return number


def _is_over(transaction: Transaction, now: float) -> bool:
    return now - transaction.used > TRANSACTION_IDLE_SECONDS or now - transaction.begun > TRANSACTION_SECONDS


def _not_an_id() -> StatusError:
    return invalid("Invalid transaction.")
