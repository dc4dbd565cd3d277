"""What one request would have cost in Cloud Firestore: counted while it runs, entered in a ledger when it is over.

How things are counted is the law of `firestore.billing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from firewarden.firestore.billing.usage import Usage
from firewarden.firestore.documents import DocumentPath
from firewarden.server.auth import Caller

if TYPE_CHECKING:
    from firewarden.firestore.query.model import Query
    from firewarden.firestore.query.statistics import Statistics
    from firewarden.firestore.writes import Write
    from firewarden.server.meter import Ledger

ACTION_HEADER = "x-firewarden-action"
"""Sent with a name of one's own by those who want to know what an action of a user has cost."""


class Did(StrEnum):
    """What a request did with something that a record names."""

    READ = "read"
    QUERIED = "queried"
    COUNTED = "counted"
    LOOKED_UP = "looked up"
    WROTE = "wrote"
    DELETED = "deleted"


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


def _text(query: Query) -> str:
    from firewarden.firestore.billing.wording import query_text  # noqa: PLC0415 - for records, which few want

    return query_text(query)
