"""What every method needs to know of its caller and of the state it is to read."""

from __future__ import annotations

from typing import Any, NamedTuple

from firewarden.firestore.documents import DatabaseName
from firewarden.firestore.status import Code, StatusError
from firewarden.server.account import ACTION_HEADER, Account
from firewarden.server.auth import Caller, caller_of
from firewarden.server.database import ServedDatabase
from firewarden.server.engine import Engine
from firewarden.server.transports.interface import Context
from firewarden.server.views import PRESENT, Selector
from firewarden.server.waiting import Patience
from firewarden.values import NANOS_PER_SECOND, Timestamp

EXPLAIN_HEADER = "x-firewarden-explain"
"""Sent with `1` by those who want to know why they are denied: the explanation follows the official text."""
_YES = ("1", "true", "yes")


class Call(NamedTuple):
    """One request: who asks, in which database, at which second of the engine's stopwatch."""

    engine: Engine
    database: ServedDatabase
    caller: Caller
    seconds: float
    patience: Patience
    account: Account

    def require_admin(self, what: str) -> None:
        """Refuse users and guests."""
        if not self.caller.is_admin:
            raise StatusError(Code.PERMISSION_DENIED, f"{what} require admin authentication.")


def call(engine: Engine, context: Context, name: DatabaseName) -> Call:
    """The call that a transport has received for a database."""
    verify = engine.options.verify
    caller = caller_of(context.metadata.get("authorization"), verify=verify)
    # Explanations show documents, which is not for those whose tokens are verified.
    wants = context.metadata.get(EXPLAIN_HEADER)
    if wants is not None and verify is None and wants.lower() in _YES:
        caller = caller._replace(wants_explanation=True)
    database = engine.databases[name]
    account = context.account
    if account is None:
        account = context.account = Account(database.ledger, caller, context.metadata.get(ACTION_HEADER, ""))
    return Call(engine, database, caller, engine.seconds(), context.patience, account)


def moment(message: Any, field: str) -> Timestamp | None:
    """A `google.protobuf.Timestamp` in a message, if it is there."""
    if not message.HasField(field):
        return None
    found = getattr(message, field)
    return Timestamp(found.seconds * NANOS_PER_SECOND + found.nanos)


def selector(message: Any) -> Selector:
    """The consistency that a reading request asks for."""
    chosen = message.WhichOneof("consistency_selector")
    if chosen == "transaction":
        return Selector(transaction=message.transaction)
    if chosen == "read_time":
        return Selector(read_time=moment(message, "read_time"))
    if chosen == "new_transaction":
        read_only, read_time = transaction_options(message.new_transaction)
        return Selector(begin_read_only=read_only, begin_read_time=read_time)
    return PRESENT


def transaction_options(message: Any) -> tuple[bool, Timestamp | None]:
    """Whether a transaction is to be read-only, and as of when."""
    if message.WhichOneof("mode") == "read_only":
        return True, moment(message.read_only, "read_time")
    return False, None
