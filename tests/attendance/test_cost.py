"""What one RSVP costs: document reads, writes and deletes of its settlement, counted where it does them.

The reads that the rules do for a client's own write are listed in rules/access.md.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from firewarden.testing import Database
from gather.attendance.store import settle_rsvp
from gather.transactions import run_transaction
from tests.support.events import NOW, event_document, rsvp_document

pytestmark = pytest.mark.emulator


class Meter:
    """A transaction that counts as Cloud Firestore bills: documents read, one for an empty query, writes, deletes."""

    def __init__(self, transaction: Any, bill: Counter[str]) -> None:
        self._transaction = transaction
        self._bill = bill

    def get_all(self, references: list[Any]) -> Any:
        self._bill["reads"] += len(references)
        return self._transaction.get_all(references)

    def get(self, query: Any) -> list[Any]:
        found = list(self._transaction.get(query))
        self._bill["reads"] += max(1, len(found))
        return found

    def __getattr__(self, name: str) -> Any:
        self._bill["deletes" if name == "delete" else "writes"] += 1
        return getattr(self._transaction, name)


@pytest.fixture
def bill(firestore: Database) -> Callable[[str], dict[str, int]]:
    """``bill(uid)``: settle the RSVP and return what that cost."""

    def settled(uid: str) -> dict[str, int]:
        counted: Counter[str] = Counter()

        def metered(client: Any, body: Callable[[Any], Any], *, contend_on: str | None = None) -> Any:
            return run_transaction(client, lambda transaction: body(Meter(transaction, counted)), contend_on=contend_on)

        settle_rsvp(firestore.as_owner(), "e", uid, now=NOW, transact=metered)
        return dict(counted)

    return settled


def test_one_uncontended_rsvp_costs_three_reads_and_three_writes(firestore: Database, bill: Any) -> None:
    """Read: event, RSVP, ledger entry. Written: ledger entry, seatState, attendingCount. Again: the reads only."""
    client = firestore.as_owner()
    client.document("events/e").set(event_document(maxAttendees=2, isWaitlistEnabled=True))
    client.document("events/e/rsvps/ana").set(rsvp_document("ana"))
    assert bill("ana") == {"reads": 3, "writes": 3}
    assert bill("ana") == {"reads": 3}


def test_leaving_costs_a_delete_and_serving_the_line_two_reads_more(firestore: Database, bill: Any) -> None:
    """The line: one entry and its RSVP read; its ledger entry and its RSVP written."""
    client = firestore.as_owner()
    client.document("events/e").set(event_document(maxAttendees=1, isWaitlistEnabled=True))
    for uid in ("ana", "ben"):
        client.document("events/e/rsvps", uid).set(rsvp_document(uid))
        bill(uid)
    client.document("events/e/rsvps/ana").delete()
    assert bill("ana") == {"reads": 5, "writes": 3, "deletes": 1}
