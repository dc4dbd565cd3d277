"""What a request reads from: the present, a past moment, or a transaction, which remembers what was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from firewarden.firestore.documents import DocumentPath, StoredDocument
from firewarden.server.database import ServedDatabase
from firewarden.server.transactions import Mode, Transaction
from firewarden.store import StoreSnapshot
from firewarden.values import Timestamp

if TYPE_CHECKING:
    from firewarden.firestore.query.model import Query


class Selector(NamedTuple):
    """Which consistency a request asks for; at most one of them is given."""

    transaction: bytes = b""
    read_time: Timestamp | None = None
    begin_read_only: bool | None = None
    """Begin a transaction with this read: True a read-only one, False a read-write one."""
    begin_read_time: Timestamp | None = None


PRESENT = Selector()


class View(NamedTuple):
    """One state of a database. `began` is the transaction that the request itself began."""

    database: ServedDatabase
    snapshot: StoreSnapshot
    read_time: Timestamp
    transaction: Transaction | None = None
    began: bool = False

    def document(self, path: DocumentPath) -> StoredDocument | None:
        """The document at a path, noted as read."""
        transaction = self.transaction
        if transaction is not None:
            if transaction.mode is Mode.PESSIMISTIC:
                self.database.transactions.locks.hold(transaction.id, path)
            elif transaction.mode is Mode.OPTIMISTIC:
                transaction.documents.add(path)
        return self.snapshot.document(path)

    def asked(self, query: Query) -> None:
        """Note that a query is run."""
        transaction = self.transaction
        if transaction is not None:
            if transaction.mode is Mode.PESSIMISTIC:
                self.database.transactions.locks.hold_query(transaction.id, query)
            elif transaction.mode is Mode.OPTIMISTIC:
                transaction.queries.append(query)

    @property
    def in_transaction(self) -> bool:
        """What rules know of a transaction: only of one that may write, and that was begun before this request."""
        return self.transaction is not None and not self.began and self.transaction.mode is not Mode.READ_ONLY


def view(database: ServedDatabase, selector: Selector, *, seconds: float) -> View:
    """The state that a request asks for; begins a transaction if it wants one."""
    transaction = None
    if selector.transaction:
        transaction = database.transactions.find(selector.transaction, now=seconds)
    elif selector.begin_read_only is not None:
        transaction = database.begin(
            seconds=seconds, read_only=selector.begin_read_only, read_time=selector.begin_read_time
        )
    moment = selector.read_time if transaction is None else transaction.read_time
    if moment is None:
        read_time = database.read_time()
        snapshot = database.documents.snapshot(None)
    else:
        read_time = database.past(moment)
        snapshot = database.documents.snapshot(read_time, now=database.read_time())
    return View(database, snapshot, read_time, transaction, began=selector.begin_read_only is not None)
