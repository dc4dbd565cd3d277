"""What requests would have cost in Cloud Firestore, collected from their accounts: a ledger for each database.

Sums are always kept, one for each method, kind of caller and action. Single requests, with what they have read, are
kept only where somebody asked for that. What fails costs what rules have looked up, since they have decided; what has
to be asked again costs once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from enum import StrEnum
from itertools import count
from typing import NamedTuple

from firewarden.firestore.billing.usage import NOTHING, Usage
from firewarden.firestore.documents import DatabaseName, DocumentPath
from firewarden.server.account import Account, Did
from firewarden.server.auth import Caller

_RECORDS_MAX = 10_000
"""Single requests that a database remembers."""
_ENTRIES_MAX = 50
"""Of one request that touches more than that, so many documents are named."""


class Kind(StrEnum):
    """Who asks, as rules tell them apart."""

    ADMIN = "admin"
    USER = "user"
    GUEST = "guest"


class Record(NamedTuple):
    """One request. `caller` is the kind, or the user's id. `things` are paths and queries."""

    number: int
    method: str
    caller: str
    action: str
    usage: Usage
    things: tuple[tuple[Did, str], ...]


class _Sum:
    """Requests of one kind, added up."""

    __slots__ = ("deletes", "egress", "index_entries", "lookups", "reads", "requests", "ttl_deletes", "writes")

    def __init__(self) -> None:
        self.requests = self.reads = self.writes = self.deletes = 0
        self.index_entries = self.lookups = self.ttl_deletes = self.egress = 0

    def add(self, account: Account) -> None:
        self.requests += 1
        self.egress += account.egress
        self.reads += account.reads
        if account.writes:
            self.writes += account.writes
        if account.deletes:
            self.deletes += account.deletes
        if account.index_entries:
            self.index_entries += account.index_entries
        if account.ttl_deletes:
            self.ttl_deletes += account.ttl_deletes
        if account.looked_up:
            self.lookups += len(account.looked_up)
            self.reads += len(account.looked_up)

    def usage(self) -> Usage:
        counts = (self.reads, self.writes, self.deletes, self.index_entries, self.lookups, self.ttl_deletes)
        return Usage(*counts, egress=self.egress)


class Entry(NamedTuple):
    """What requests of one method, kind of caller and action came to."""

    database: str
    method: str
    caller: Kind
    action: str
    requests: int
    usage: Usage


class Ledger:
    """The accounts of one database."""

    __slots__ = ("_sums", "is_recording", "last", "name", "numbers", "records")

    def __init__(self, name: DatabaseName, *, is_recording: bool = False, numbers: Iterator[int] | None = None) -> None:
        self.name = name
        self.is_recording = is_recording
        self.records: deque[Record] = deque(maxlen=_RECORDS_MAX)
        """Of single requests, the last ones, while it is recording."""
        self.numbers = count(1) if numbers is None else numbers
        """What records are numbered with; the ledgers of one meter share them."""
        self.last = 0
        """The number of the last record."""
        self._sums: dict[tuple[str, str, str], _Sum] = {}

    def enter(self, account: Account, method: str) -> None:
        """Add an account."""
        caller = account.caller
        # Plain strings: members of an enumeration are slow to hash, and this is done for every request.
        kind = "admin" if caller.is_admin else "guest" if caller.claims is None else "user"
        key = (method, kind, account.action)
        found = self._sums.get(key)
        if found is None:
            found = self._sums[key] = _Sum()
        found.add(account)
        if account.things is not None:
            self._record(account, method, kind)

    def expired(self, caller: Caller, path: DocumentPath) -> None:
        """Add a document that a time-to-live policy has deleted."""
        account = Account(self, caller, "")
        account.expired(path)
        account.close("TTL")

    def entries(self) -> list[Entry]:
        """The sums."""
        return [
            Entry(self.name.database, method, Kind(kind), action, each.requests, each.usage())
            for (method, kind, action), each in self._sums.items()
        ]

    def reset(self) -> None:
        """Forget the sums and the records; numbers go on."""
        self._sums.clear()
        self.records.clear()

    def _record(self, account: Account, method: str, kind: str) -> None:
        usage = account.usage()
        if usage == NOTHING:
            return
        looked_up = sorted("/".join(each) for each in account.looked_up or ())
        things = [*(account.things or ()), *((Did.LOOKED_UP, each) for each in looked_up)]
        who = str((account.caller.claims or {}).get("sub", "")) if kind == Kind.USER else ""
        self.last = next(self.numbers)
        kept = tuple(things[:_ENTRIES_MAX])
        if len(things) > len(kept):
            kept += ((things[-1][0], f"{len(things) - len(kept)} more"),)
        self.records.append(Record(self.last, method, who or kind, account.action, usage, kept))


class Meter:
    """The ledgers of all databases, and of which projects single requests are kept."""

    __slots__ = ("_numbers", "_recorded", "ledgers")

    def __init__(self) -> None:
        self.ledgers: dict[DatabaseName, Ledger] = {}
        self._recorded: set[str] = set()
        self._numbers = count(1)

    def ledger(self, name: DatabaseName) -> Ledger:
        """The one of a database."""
        found = self.ledgers.get(name)
        if found is None:
            is_recording = name.project in self._recorded
            found = self.ledgers[name] = Ledger(name, is_recording=is_recording, numbers=self._numbers)
        return found

    def of_project(self, project: str) -> list[Ledger]:
        """Those of a project's databases."""
        return [each for name, each in self.ledgers.items() if name.project == project]

    def record(self, project: str) -> None:
        """From now on keep single requests of a project."""
        self._recorded.add(project)
        for each in self.of_project(project):
            each.is_recording = True
