"""Commits: all writes of a request happen together, or nothing does.

In this order, as Firestore has it: the transaction must be open, rules allow, preconditions hold, nobody else has read
what changes. Then it is stored, those who wait go on, and whoever wants to know is told.
"""

from __future__ import annotations

from collections.abc import Sequence

from firewarden.firestore.commits import Changed, WriteResult, fold
from firewarden.firestore.query.entry_limits import check_index_entries
from firewarden.firestore.status import Code, StatusError, invalid
from firewarden.firestore.writes import Write
from firewarden.server.account import Account
from firewarden.server.auth import Caller
from firewarden.server.database import Committed, ServedDatabase
from firewarden.server.transactions import Mode, Transaction
from firewarden.server.waiting import Patience, WouldBlock
from firewarden.store import Change
from firewarden.values import Timestamp

CONTENTION = "Too much contention on these documents. Please try again."
"""Production's words for a lock that was not to be had in time."""


def commit(
    database: ServedDatabase,
    caller: Caller,
    writes: Sequence[Write],
    *,
    transaction: bytes = b"",
    seconds: float,
    patience: Patience,
    auto_id: bool = False,
    account: Account | None = None,
) -> tuple[Sequence[WriteResult], Timestamp]:
    """Do all the writes at one time, which is returned with the result of each."""
    opened = database.transactions.find(transaction, now=seconds) if transaction else None
    if opened is not None and opened.mode is Mode.READ_ONLY and writes:
        raise invalid("Cannot modify entities in a read-only transaction.")
    try:
        time = database.commit_time()
        stored = database.documents.reader([each.path for each in writes])
        if not caller.is_admin:
            database.judge(stored, account).commit(caller, writes, time, auto_id=auto_id)
        changes, results = fold(writes, stored, database.name, time=time, limits=database.options.limits)
        written = [each.after for each in changes if each.after is not None]
        check_index_entries(written, database.available, database.options.limits)
        _keep_apart(database, opened, changes, seconds, patience)
    except StatusError:
        if opened is not None:  # it is over, as in Firestore: what it has read is not held any longer
            database.transactions.end(opened)
        raise
    if changes:
        database.documents.commit(list(map(_stored, changes)), time=time)
    if account is not None:
        account.written(writes)
    if opened is not None:
        database.transactions.end(opened)
    if changes:
        database.remember(Committed(database.name, time, caller, changes))
    return results, time


def _stored(changed: Changed) -> Change:
    after = changed.after
    if after is None:
        return Change(changed.path, None, None, None)
    return Change(changed.path, after.data, after.create_time, after.update_time)


def _keep_apart(
    database: ServedDatabase,
    opened: Transaction | None,
    changes: Sequence[Changed],
    seconds: float,
    patience: Patience,
) -> None:
    """Let nothing change that an open transaction has read: wait for it to end, or give up."""
    transactions = database.transactions
    if opened is None and not transactions.locks.any_held:  # as mostly
        return
    if opened is not None and opened.mode is Mode.OPTIMISTIC and changes and database.changed_since(opened):
        raise StatusError(Code.ABORTED, CONTENTION)
    holders = _holders(database, opened, changes)
    if holders and transactions.expire(seconds):
        holders = _holders(database, opened, changes)
    if not holders:
        if opened is not None:
            transactions.locks.go_on(opened.id)
        return
    if patience.waiting_since is None:
        patience.waiting_since = seconds
    left = patience.waiting_since + database.options.lock_wait - seconds
    if left <= 0 or (opened is not None and not transactions.locks.wait(opened.id, holders)):
        raise StatusError(Code.ABORTED, CONTENTION)
    raise WouldBlock(transactions.ended, left)


def _holders(database: ServedDatabase, opened: Transaction | None, changes: Sequence[Changed]) -> frozenset[int]:
    own = None if opened is None else opened.id
    locks = database.transactions.locks
    if not locks.any_held:
        return frozenset()
    found: set[int] = set()
    for change in changes:
        found |= locks.holders(change.path, (change.before, change.after), besides=own)
    return frozenset(found)
