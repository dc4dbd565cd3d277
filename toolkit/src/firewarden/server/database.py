"""A database that is being served: its documents, rules, transactions, and those who want to know of changes."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from firewarden.firestore.commits import Changed
from firewarden.firestore.documents import DatabaseName, DocumentPath, StoredDocument
from firewarden.firestore.query.available import AUTOMATIC, Available
from firewarden.firestore.status import invalid
from firewarden.server.account import Account
from firewarden.server.auth import Caller
from firewarden.server.clock import Now, later_than
from firewarden.server.judging import Denied, Judge
from firewarden.server.meter import Meter
from firewarden.server.options import Concurrency, Options
from firewarden.server.rulesets import Rulesets
from firewarden.server.transactions import Mode, Transaction, Transactions
from firewarden.store import Database as Documents
from firewarden.values import Timestamp

if TYPE_CHECKING:
    from firewarden.firestore.query.needs import Need


class Committed(NamedTuple):
    """What a commit has changed, by whom, and when."""

    database: DatabaseName
    time: Timestamp
    caller: Caller
    changes: tuple[Changed, ...]


OnCommit = Callable[[Committed], None]


class ServedDatabase:
    """Everything about one database while the server runs; what holds for all of them it has of `among`."""

    def __init__(self, name: DatabaseName, documents: Documents, among: Databases) -> None:
        self.name = name
        self.documents = documents
        self.options = among.options
        self.rulesets = among.rulesets
        self.now = among.now
        self.transactions = Transactions(among.options.limits.transaction_text)
        self.on_commit = among.on_commit
        self.denied = among.denied
        self.concurrency = among.options.concurrency
        self.available: Available = among.available_of.get(name.database, among.available)
        """The indexes that are defined."""
        is_new = documents.last_version == Timestamp(0)
        self.known_since = among.now() if is_new else Timestamp(0)
        """What was before, if anything was, was in another database of this name."""
        self.ledger = among.meter.ledger(name)
        """What its requests would have cost."""
        self._usage: Counter[Need] = Counter()
        self._warned: set[str] = set()
        self._read_up_to = Timestamp(0)
        self._recent: deque[Committed] = deque()

    def judge(self, stored: Callable[[DocumentPath], StoredDocument | None], account: Account | None = None) -> Judge:
        """Who decides about requests; rules see the documents that `stored` gives, which is charged to the account."""
        rules = self.rulesets.of(self.name)
        options = self.options
        return Judge(self.name, rules, stored, self.denied, account, options.coverage, options.evaluations)

    def read_time(self) -> Timestamp:
        """The time of what is read now: never before the last commit, and before every later one."""
        read_time = max(self.now(), self.documents.last_version, self._read_up_to)
        self._read_up_to = read_time
        return read_time

    def commit_time(self) -> Timestamp:
        """The time of a commit that is done now."""
        return later_than(max(self.documents.last_version, self._read_up_to), self.now())

    def begin(self, *, seconds: float, read_only: bool, read_time: Timestamp | None = None) -> Transaction:
        """Open a transaction."""
        if read_only:
            moment = self.read_time() if read_time is None else self.past(read_time)
            self.documents.snapshot(moment, now=self.read_time())  # refuses what is too old to be read
            return self.transactions.begin(Mode.READ_ONLY, now=seconds, read_time=moment)
        if self.concurrency is Concurrency.OPTIMISTIC:
            return self.transactions.begin(Mode.OPTIMISTIC, now=seconds, read_time=self.read_time())
        return self.transactions.begin(Mode.PESSIMISTIC, now=seconds)

    def past(self, moment: Timestamp) -> Timestamp:
        """A read time that a client asked for."""
        if moment.nanos <= 0:
            raise invalid("Only timestamps past epoch are supported.")
        if moment > self.read_time():
            raise invalid("The requested 'read_time' cannot be in the future.")
        return moment

    def note_usage(self, needs: Iterable[Need]) -> None:
        """Count what a query needs of composite indexes."""
        self._usage.update(each for each in needs if each.is_composite)

    def warn_once(self, text: str) -> None:
        """Tell what would go wrong in production, the first time that it would."""
        if text not in self._warned:
            self._warned.add(text)
            self.options.warn(f"{self.name}: {text}")

    def index_usage(self) -> list[tuple[Need, int]]:
        """What queries needed of composite indexes so far, and how often."""
        return list(self._usage.items())

    def remember(self, committed: Committed) -> None:
        """Tell of a commit, and keep it as long as a transaction is open that may have read what it changed."""
        if self._recent or self.transactions.any_open:
            oldest = self.transactions.oldest_optimistic()
            if oldest is not None:
                self._recent.append(committed)
            while self._recent and (oldest is None or self._recent[0].time <= oldest):
                self._recent.popleft()
        for tell in self.on_commit:
            tell(committed)

    def changed_since(self, transaction: Transaction) -> bool:
        """Whether something that an optimistic transaction has read has changed since."""
        return any(
            _was_read(transaction, change)
            for committed in self._recent
            if transaction.read_time is not None and committed.time > transaction.read_time
            for change in committed.changes
        )


def _was_read(transaction: Transaction, change: Changed) -> bool:
    if change.path in transaction.documents:
        return True
    if not transaction.queries:
        return False
    from firewarden.firestore.query.matching import matches  # noqa: PLC0415 - who runs no query does without

    states = [each.fields for each in (change.before, change.after) if each is not None]
    return any(matches(query, change.path, state) for query in transaction.queries for state in states)


class Databases:
    """The databases of a server, opened when they are first named."""

    def __init__(
        self,
        open_documents: Callable[[DatabaseName], Documents],
        options: Options,
        rulesets: Rulesets,
        now: Now,
        *,
        on_commit: list[OnCommit],
        denied: Denied | None,
        meter: Meter,
    ) -> None:
        self._open_documents = open_documents
        self.options = options
        self.rulesets = rulesets
        self.now = now
        self.on_commit = on_commit
        self.denied = denied
        self.meter = meter
        self.available: Available = AUTOMATIC
        self.available_of: dict[str, Available] = {}
        """By the ids of databases that have indexes of their own."""
        self._open: dict[DatabaseName, ServedDatabase] = {}

    def __getitem__(self, name: DatabaseName) -> ServedDatabase:
        served = self._open.get(name)
        if served is None:
            served = self._open[name] = ServedDatabase(name, self._open_documents(name), self)
        return served

    def opened(self) -> Sequence[ServedDatabase]:
        """Those that were named so far."""
        return list(self._open.values())
