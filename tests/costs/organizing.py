"""What organizers and time do to seats: more room, called off, deleted; and the sweep that looks after all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from gather.attendance.sweep import sweep
from gather.events.store import delete_below
from gather.notifications.announce import announce
from tests.costs import given
from tests.costs.actions import Action, Chapter, Cost, Do, Stage
from tests.costs.given import CROWD, PAID, WAITLIST
from tests.support.events import NOW


def _more_room(stage: Stage) -> Do:
    given.event(stage, maxAttendees=1, **WAITLIST)
    given.settled(stage, "ana", *given.crowd())
    given.change_event(stage, maxAttendees=1 + CROWD)
    return given.settling_event(stage)


def _less_room(stage: Stage) -> Do:
    given.event(stage, maxAttendees=CROWD, **WAITLIST)
    given.settled(stage, *given.crowd())
    given.change_event(stage, maxAttendees=1)
    return given.settling_event(stage)


def _called_off(stage: Stage) -> Do:
    given.event(stage)
    given.settled(stage, *given.crowd())
    given.change_event(stage, canceled=True)
    stage.owner.document("events/e/announcements/1").set({"type": "event_canceled", "at": NOW})
    return lambda: announce(stage.owner, "e")


def _deleted(stage: Stage) -> Do:
    given.event(stage)
    given.settled(stage, *given.crowd())
    stage.owner.document("events/e").delete()
    return lambda: delete_below(stage.owner, "e")


def _sweeping(stage: Stage, **later: float) -> Do:
    runtime = replace(stage.runtime, now=lambda: NOW + timedelta(**later))
    return lambda: sweep(runtime)


def _nothing(stage: Stage) -> Do:
    return _sweeping(stage)


def _one_event(stage: Stage) -> Do:
    given.event(stage, maxAttendees=CROWD)
    given.settled(stage, *given.crowd())
    return _sweeping(stage)


def _lapsed(stage: Stage) -> Do:
    given.event(stage, maxAttendees=1, startAt=NOW + timedelta(days=9), lastEndAt=NOW + timedelta(days=9), **WAITLIST)
    given.settled(stage, "xena", "ana", "ben")
    given.change_event(stage, **PAID)
    given.leave(stage, "xena")
    given.settling(stage, "xena")()
    return _sweeping(stage, hours=25)


_SERVED = {"next in line": CROWD, "their RSVPs": CROWD}
_ENTRIES = Cost(reads={"index entries": 1})
_BY_TIME = "a range in order of time and name is billed for up to 1,000 index entries besides"
_LOOKS = {"looks for markers, offers, announcements, deletions, events": 5, "place of the sweep": 1}
ORGANIZING = Chapter(
    "An organizer changes the event",
    (
        Action(
            name=f"raises the capacity: {CROWD} get seats",
            prepare=_more_room,
            floor=Cost(reads={"event": 1, "look for offers": 1} | _SERVED, writes={"event": 1} | _SERVED),
            beyond=Cost(reads={"event": 1, "look for offers": 1}),
            because="the next page of the line would begin here; that there is none is seen by reading the event again",
        ),
        Action(
            name="lowers it below what is taken",
            prepare=_less_room,
            floor=Cost(reads={"event": 1, "look for offers": 1}),
        ),
        Action(
            name=f"calls it off: {CROWD} are told",
            prepare=_called_off,
            floor=Cost(
                reads={"announcement": 1, "event": 1, "RSVPs": CROWD},
                writes={"notifications": CROWD, "mails": CROWD},
                deletes={"announcement": 1},
            ),
            beyond=Cost(reads={"announcement": 2, "event": 1, "look for more": 1}, writes={"place reached": 1}),
            because="each page of 100 is a transaction that keeps its place, and the last one finds nobody",
        ),
        Action(
            name=f"deletes it, {CROWD} were going",
            prepare=_deleted,
            floor=Cost(
                reads={"names of what is below": 1, "RSVPs": CROWD, "ledger entries": CROWD},
                deletes={"RSVPs": CROWD, "ledger entries": CROWD},
            ),
            beyond=Cost(reads={"event": 3, "looks for more": 2, "deletion that was left": 1}),
            because="an event of the same name may be there again: each page is deleted in a transaction that looks",
        ),
    ),
)
SWEEP = Chapter(
    "The sweep, every five minutes",
    (
        Action(name="there is nothing to do", prepare=_nothing, floor=Cost(reads=_LOOKS, writes={"place": 1})),
        Action(
            name=f"the counts of an event with {CROWD} people are compared",
            prepare=_one_event,
            floor=Cost(reads=_LOOKS | {"sums of its ledger": 2}, writes={"place": 1}),
            beyond=_ENTRIES,
            because=_BY_TIME,
        ),
        Action(
            name="an offer has lapsed, the next gets one",
            prepare=_lapsed,
            floor=Cost(
                reads=_LOOKS
                | {"sums of its ledger": 2, "event": 1, "offer": 1, "RSVP": 1, "next in line": 1, "their RSVP": 1},
                writes={"event": 1, "RSVP": 1, "next in line": 1, "their RSVP": 1, "place": 1},
                deletes={"offer": 1},
            ),
            beyond=Cost(reads={**_ENTRIES.reads, "event": 1, "look for offers": 1}),
            because="as before, and a second look finds no offer more",
        ),
    ),
)
