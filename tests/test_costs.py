"""What Gather claims to cost, measured by Firewarden's meter rather than counted by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from firewarden.firestore.billing.prices import known_prices
from firewarden.firestore.billing.usage import Usage
from firewarden.testing import Database, Meter
from gather.feeds.store import sync_fragment
from gather.http.app import create_app
from gather.runtime import Runtime
from tests.feeds.samples import NOW, document
from tests.support.costs import Stage, measured, table
from tests.support.runtimes import runtime_for

pytestmark = pytest.mark.emulator

CLAIMED = {
    "a member writes an RSVP": Usage(reads=4, lookups=4, writes=1),
    "its trigger settles it": Usage(reads=3, writes=3),
    "the trigger is delivered once more": Usage(reads=3),
    "one leaves, the next in line gets the seat": Usage(reads=5, writes=3, deletes=1),
    "the first calendar fetches a feed that nobody has made yet": Usage(reads=65, writes=2),
    "another calendar fetches it": Usage(reads=1),
    "a calendar asks again, nothing has changed": Usage(reads=1),
}


@pytest.fixture
def stage(firestore: Database, gather_runtime: Runtime) -> Iterator[Stage]:
    runtime = runtime_for(gather_runtime.settings, firestore.as_owner(), now=lambda: NOW)

    def put_in_feed(event_id: str) -> None:
        runtime.firestore.collection("events").document(event_id).set(document())
        sync_fragment(runtime.firestore, event_id, now=NOW, settings=runtime.settings)

    with create_app(runtime).test_client() as client:
        yield Stage(firestore, client, put_in_feed)


def test_every_action_costs_what_is_claimed(stage: Stage, meter: Meter) -> None:
    found = measured(stage, meter)
    assert {name: _counted(usage) for name, usage in found.items()} == CLAIMED
    assert "| its trigger settles it | 3 | 0 | 3 | 0 | 3.60 |" in table(found, known_prices()).splitlines()


def _counted(usage: Usage) -> Usage:
    """Without what is no document: bytes and index entries."""
    return usage - Usage(egress=usage.egress, index_entries=usage.index_entries)
