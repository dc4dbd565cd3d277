"""A crowd that comes at once: few writes of the event's document, and nobody is left unsettled.

CI runs a small crowd; `make soak-burst` runs 1,000 (GATHER_BURST).
"""

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from firewarden.testing import Database
from gather.attendance.store import settle_rsvp
from gather.attendance.triggers import on_rsvp_written
from gather.runtime import installed, utc_now
from tests.conftest import settings_for
from tests.support.deliveries import deliver
from tests.support.events import assert_books_balance, event_document, rsvp_document
from tests.support.metering import Bill
from tests.support.runtimes import runtime_for

pytestmark = [pytest.mark.emulator, pytest.mark.xdist_group("functions")]

CROWD = int(os.environ.get("GATHER_BURST", "100"))
EVENT_WRITES_MAX = 20


def test_one_by_one_every_answer_is_a_write_of_the_event(firestore: Database) -> None:
    """Negative control: what is counted below would be seen."""
    client, bill = firestore.as_owner(), Bill()
    client.document("events/e").set(event_document())
    for number in range(EVENT_WRITES_MAX + 1):
        client.document(f"events/e/rsvps/guest{number}").set(rsvp_document(f"guest{number}"))
        settle_rsvp(client, "e", f"guest{number}", now=utc_now(), transact=bill.transact)
    assert bill.writes_of["events/e"] == EVENT_WRITES_MAX + 1


def test_a_burst_costs_few_writes_of_the_event_and_leaves_nobody_unsettled(firestore: Database) -> None:
    client, bill = firestore.as_owner(), Bill()
    client.document("events/e").set(event_document(maxAttendees=CROWD // 2, isWaitlistEnabled=True))
    uids = [f"guest{number:05}" for number in range(CROWD)]
    for first in range(0, CROWD, 250):
        batch = client.batch()
        for uid in uids[first : first + 250]:
            batch.set(client.document("events/e/rsvps", uid), rsvp_document(uid))
        batch.commit()
    images = {found.id: found for found in client.collection("events/e/rsvps").stream()}
    runtime = runtime_for(settings_for(firestore.project), client, transact=bill.transact)
    began = time.monotonic()
    with installed(runtime), ThreadPoolExecutor(16) as pool:
        list(
            pool.map(lambda uid: deliver(on_rsvp_written, None, images[uid], id=f"d-{uid}", eventId="e", uid=uid), uids)
        )
    # Shown by `make soak-burst`, which asks for it with -s.
    sys.stdout.write(
        f"{CROWD} settled in {time.monotonic() - began:.1f} s, {bill.writes_of['events/e']} writes of the event\n"
    )
    assert bill.writes_of["events/e"] <= EVENT_WRITES_MAX
    seats = assert_books_balance(client, "e")
    assert len(seats) == CROWD
    assert client.document("events/e").get().get("attendingCount") == CROWD // 2
    assert list(client.collection("events/e/pending").stream()) == []
    shown = {found.id: found.get("seatState") for found in client.collection("events/e/rsvps").stream()}
    assert shown == {uid: seat["state"] for uid, seat in seats.items()}
