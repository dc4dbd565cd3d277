"""What must hold of every change and after every commit; `rest` has what must hold once everything is at rest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from firewarden.server.database import Committed
from firewarden.testing.in_process.plain import plain
from tests.payments.soak.books import Books, oversold
from tests.payments.soak.world import World
from tests.support.money_laws import faults_of_change

Document = Mapping[str, Any]

KEPT = frozenset({"tickets", "stripe_events"})
"""Collections of which nothing is ever deleted, besides those of money."""
COUNTED = frozenset(
    {"events", "seats", "ticketTypes", "pools", "discountCodes", "payments", "registrations", "invoices"}
)
"""Collections that have to agree with each other after every commit."""


class LawBrokenError(AssertionError):
    """Something that must hold does not."""


@dataclass(slots=True)
class Laws:
    """Watches every commit; what it finds is raised by `check`, outside of the commit."""

    world: World
    books: Books = field(default_factory=Books)
    broken: dict[str, None] = field(default_factory=dict)
    """What was found, in order, once each."""

    def watch(self, committed: Committed) -> None:
        """Look at every document that a commit changes, and at what they come to together."""
        is_counted = False
        for change in committed.changes:
            collection, path = change.path[-2], "/".join(change.path)
            before = None if change.before is None else plain(change.before.fields)
            after = None if change.after is None else plain(change.after.fields)
            if collection in COUNTED:
                is_counted = True
                self.books.take(collection, change.path[-1], after)
            for fault in faults_of_change(change.path, before, after):
                self._say(fault)
            if after is None:
                self._holds(collection not in KEPT, f"{path} was deleted")
            else:
                self._look(collection, path, before or {}, after)
        if is_counted:
            for fault in self.books.faults():
                self._say(fault)

    def check(self) -> None:
        """Raise if anything was found."""
        twice = [name for name, times in self.world.applied.items() if times > 1]
        self._holds(not twice, f"applied more than once: {twice}")
        if self.broken:
            raise LawBrokenError("; ".join(self.broken))

    def _look(self, collection: str, path: str, before: Document, after: Document) -> None:
        problem = oversold(collection, before, after)
        self._holds(problem is None, f"{path} is {problem}")
        look = getattr(self, f"_{collection}", None)
        if look is not None:
            look(path, before, after)

    def _payments(self, path: str, before: Document, after: Document) -> None:
        self._holds(after["admitted"] or not before.get("admitted", False), f"{path} was admitted, and is no more")

    def _registrations(self, path: str, before: Document, after: Document) -> None:
        self._keeps_history("statusHistory", path, before, after)

    def _rsvps(self, path: str, before: Document, after: Document) -> None:
        self._keeps_history("statusHistory", path, before, after)

    def _stripe_events(self, path: str, before: Document, after: Document) -> None:
        was, state = before.get("state"), after["state"]
        if state == "done" and "paymentId" in after and before.get("settledAt") != after["settledAt"]:
            self.world.applied[path.rpartition("/")[2]] += 1
        self._holds(was in {None, "received", state}, f"{path} went back from {was}")

    def _keeps_history(self, name: str, path: str, before: Document, after: Document) -> None:
        old = before.get(name, [])
        self._holds(after[name][: len(old)] == old, f"the history of {path} was rewritten")

    def _holds(self, holds: object, otherwise: str) -> None:
        if not holds:
            self._say(otherwise)

    def _say(self, what: str) -> None:
        self.broken[what] = None
