"""Importing into Firestore: what is written, what is left alone, and that the rules would take it from a member."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import recurring_ical_events
from google.cloud import firestore as sdk

from calendars.convert import Conversion, convert
from calendars.fields import Options
from calendars.source import read_source
from calendars.store import Change, Written, import_events, new_document
from firewarden.testing import Database
from tests.support.calendars import calendar_text, event_text

pytestmark = pytest.mark.emulator

Run = Callable[..., list[Change]]
REAL = Path(str(recurring_ical_events.__file__)).parent / "test" / "calendars" / "daylight_saving_time.ics"
BEFORE = """DTSTART;TZID=Europe/Berlin:20300107T180000
RRULE:FREQ=WEEKLY;COUNT=4
EXDATE;TZID=Europe/Berlin:20300114T180000
LOCATION:Hall"""


def of(*lines: str) -> Conversion:
    return convert([read_source("a.ics", calendar_text(event_text(*lines)).encode())], Options())


@pytest.fixture
def run(firestore: Database) -> Run:
    def imported(conversion: Conversion, *, dry_run: bool = False) -> list[Change]:
        seen: list[Written] = []

        def on_written(batch: Sequence[Written]) -> None:
            seen.extend(batch)

        client = firestore.as_owner()
        written = import_events(client, conversion.events, created_by="ana", on_written=on_written, dry_run=dry_run)
        assert seen == written
        return [one.change for one in written]

    return imported


def stored(firestore: Database) -> dict[str, Any]:
    (snapshot,) = firestore.as_owner().collection("events").stream()
    return dict(snapshot.to_dict() or {})


def test_a_second_import_of_the_same_file_writes_nothing(firestore: Database, run: Run) -> None:
    assert run(of(BEFORE)) == [Change.NEW]
    first = stored(firestore)
    assert run(of(BEFORE)) == [Change.UNCHANGED]
    assert stored(firestore) == first


def test_a_changed_event_is_updated_and_what_its_calendar_dropped_goes(firestore: Database, run: Run) -> None:
    run(of(BEFORE))
    first = stored(firestore)
    assert run(of("DTSTART;TZID=Europe/Berlin:20300107T190000", "SUMMARY:New name")) == [Change.CHANGED]
    second = stored(firestore)
    assert (second["title"], second["titleLower"]) == ("New name", "new name")
    assert not {"recurrence", "location"} & second.keys()
    assert second["createdAt"] == first["createdAt"] < second["updatedAt"]


def test_an_import_leaves_alone_what_others_decide(firestore: Database, run: Run) -> None:
    """Counts, capacity, a draft's state and who may read it are not the calendar's."""
    run(of(BEFORE))
    (snapshot,) = firestore.as_owner().collection("events").stream()
    others = {"visibility": "public", "published": False, "maxAttendees": 3, "attendingCount": 2, "createdBy": "ben"}
    snapshot.reference.update(others)
    assert run(of(BEFORE)) == [Change.UNCHANGED]
    run(of(BEFORE, "SUMMARY:New name"))
    assert others.items() <= stored(firestore).items()


def test_a_calendar_can_make_an_event_private(firestore: Database, run: Run) -> None:
    run(of(BEFORE))
    assert run(of(BEFORE, "CLASS:PRIVATE")) == [Change.CHANGED]
    assert stored(firestore)["visibility"] == "private"
    assert run(of(BEFORE)) == [Change.UNCHANGED]


def test_a_dry_run_tells_and_writes_nothing(firestore: Database, run: Run) -> None:
    assert run(of(BEFORE), dry_run=True) == [Change.NEW]
    assert list(firestore.as_owner().collection("events").stream()) == []


def test_an_import_goes_on_where_another_one_was_stopped(run: Run) -> None:
    conversion = convert([read_source(REAL.name, REAL.read_bytes())], Options())
    half = Conversion(conversion.events[: len(conversion.events) // 2], conversion.entries)
    run(half)
    changes = run(conversion)
    assert changes == [Change.UNCHANGED] * len(half.events) + [Change.NEW] * (len(changes) - len(half.events))


def test_the_rules_accept_every_imported_event_from_a_member(firestore: Database) -> None:
    """Owner writes pass no rule; the documents are still what a client would be allowed to write."""
    conversion = convert([read_source(REAL.name, REAL.read_bytes())], Options(visibility="public"))
    client: sdk.Client = firestore.as_user("ana", role="member")
    for event in conversion.events:
        client.document(f"events/{event.event_id}").create(new_document(event, "ana"))
    assert len(conversion.events) > 50
