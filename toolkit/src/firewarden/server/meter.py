"""What requests would have cost in Cloud Firestore: an account for each while it runs, a ledger for each database.

How things are counted is the law of `firestore.billing`; here it is collected. Sums are always kept, one for each
method, kind of caller and action. Single requests, with what they have read, are kept only where somebody asked for
that. What fails costs what rules have looked up, since they have decided; what has to be asked again costs once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from firewarden.firestore.billing.usage import NOTHING, Usage
from firewarden.firestore.documents import DatabaseName, DocumentPath
from firewarden.server.auth import Caller

if TYPE_CHECKING:
    from firewarden.firestore.query.model import Query
    from firewarden.firestore.query.statistics import Statistics
    from firewarden.firestore.writes import Write

ACTION_HEADER = "x-firewarden-action"
"""Sent with a name of one's own by those who want to know what an action of a user has cost."""
_RECORDS_MAX = 10_000
"""Single requests that a database remembers."""
_ENTRIES_MAX = 50
"""Of one request that touches more than that, so many documents are named."""


class Kind(StrEnum):
    """Who asks, as rules tell them apart."""

    ADMIN = "admin"
    USER = "user"
    GUEST = "guest"


class Did(StrEnum):
    """What a request did with something that a record names."""

    READ = "read"
    QUERIED = "queried"
    COUNTED = "counted"
    LOOKED_UP = "looked up"
    WROTE = "wrote"
    DELETED = "deleted"


class Record(NamedTuple):
    """One request. `caller` is the kind, or the user's id. `things` are paths and queries."""

    number: int
    method: str
    caller: str
    action: str
    usage: Usage
    things: tuple[tuple[Did, str], ...]


class Account:
    """What one request comes to. A stream may keep its own, and `post` it as often as it likes.

    With `things` None nobody wants to know what was read.
    """

    # Of the class, so that a request pays only for what it counts.
    reads = writes = deletes = index_entries = egress = ttl_deletes = 0
    looked_up: set[DocumentPath] | None = None
    things: list[tuple[Did, str]] | None = None

    def __init__(self, ledger: Ledger, caller: Caller, action: str) -> None:
        self._ledger = ledger
        self.caller = caller
        self.action = action
        if ledger.is_recording:
            self.things = []

    def documents_read(self, number: int, paths: Iterable[DocumentPath] = ()) -> None:
        """Documents that were asked for by name, found or not, or that a listener is told of: a read each."""
        self.reads += number
        if self.things is not None:
            self._name(Did.READ, paths)

    def query_run(self, query: Query, statistics: Statistics) -> None:
        """A query, with the true counts of its run; of one that was only explained all are 0."""
        from firewarden.firestore.billing.law import query_reads  # noqa: PLC0415 - who runs no query does without

        self.reads += query_reads(query, statistics)
        self.index_entries += statistics.entries
        if self.things is not None:
            self.things.append((Did.QUERIED, _text(query)))

    def aggregation_run(self, query: Query, statistics: Statistics) -> None:
        """An aggregation of what a query finds."""
        from firewarden.firestore.billing.law import aggregation_reads  # noqa: PLC0415 - the same

        self.reads += aggregation_reads(statistics)
        self.index_entries += statistics.entries
        if self.things is not None:
            self.things.append((Did.COUNTED, _text(query)))

    def ids_listed(self, what: str) -> None:
        """A request for something else than documents: ids of collections, cursors."""
        from firewarden.firestore.billing.law import MINIMUM_READS  # noqa: PLC0415 - the same

        self.reads += MINIMUM_READS
        if self.things is not None:
            self.things.append((Did.READ, what))

    def rules_read(self, paths: Iterable[DocumentPath]) -> None:
        """What rules have looked up besides what the request itself is about: each document once a request."""
        if self.looked_up is None:
            self.looked_up = set()
        self.looked_up.update(paths)

    def written(self, writes: Sequence[Write]) -> None:
        """Writes that were done. One that only verifies a document is none; the page does not speak of them."""
        for each in writes:
            if each.verify:
                continue
            if each.fields is None:
                self.deletes += 1
            else:
                self.writes += 1
        if self.things is not None:
            self._name(Did.WROTE, (each.path for each in writes if not each.verify and each.fields is not None))
            self._name(Did.DELETED, (each.path for each in writes if not each.verify and each.fields is None))

    def expired(self, path: DocumentPath) -> None:
        """A document that a time-to-live policy has deleted."""
        self.ttl_deletes += 1
        if self.things is not None:
            self._name(Did.DELETED, (path,))

    def close(self, method: str) -> None:
        """Enter it in the ledger, for good."""
        self._ledger.enter(self, method)

    def post(self, method: str) -> None:
        """Enter it in the ledger, and begin anew."""
        self._ledger.enter(self, method)
        self.reads = self.writes = self.deletes = self.index_entries = self.egress = self.ttl_deletes = 0
        self.looked_up = None
        self.things = [] if self._ledger.is_recording else None

    def usage(self) -> Usage:
        """The counts so far; lookups are reads as well."""
        lookups = len(self.looked_up) if self.looked_up else 0
        return Usage(
            reads=self.reads + lookups,
            writes=self.writes,
            deletes=self.deletes,
            index_entries=self.index_entries,
            lookups=lookups,
            ttl_deletes=self.ttl_deletes,
            egress=self.egress,
        )

    def _name(self, did: Did, paths: Iterable[DocumentPath]) -> None:
        things = self.things
        if things is not None:
            things.extend((did, "/".join(path)) for path in paths)


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


def _text(query: Query) -> str:
    from firewarden.firestore.billing.wording import query_text  # noqa: PLC0415 - for records, which few want

    return query_text(query)
