"""What one RSVP costs: document reads, writes and deletes of its settlement, counted where it does them.

The reads that the rules do for a client's own write are listed in rules/access.md.
"""

from collections.abc import Callable
from typing import Any

import pytest

from firewarden.testing import Database
from gather.attendance.pending import settle_or_mark
from tests.support.events import NOW, event_document, rsvp_document
from tests.support.metering import Bill

pytestmark = pytest.mark.emulator


@pytest.fixture
def bill(firestore: Database) -> Callable[[str], dict[str, int]]:
    """``bill(uid)``: settle the RSVP as its trigger does and return what that cost."""

    def settled(uid: str) -> dict[str, int]:
        counted = Bill()
        settle_or_mark(firestore.as_owner(), "e", uid, now=NOW, transact=counted.transact)
        return dict(counted.total)

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
