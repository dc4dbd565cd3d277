"""What answers cost: clients' own writes, their settlement, and what follows of it."""

from __future__ import annotations

from google.cloud.firestore import SERVER_TIMESTAMP

from gather.attendance.draining import drain_once
from gather.attendance.pace import BURST
from gather.attendance.triggers import on_rsvp_written
from gather.events.triggers import on_event_written
from gather.notifications.store import recount_unread
from gather.runtime import installed
from tests.costs import given
from tests.costs.actions import Action, Chapter, Cost, Do, Stage
from tests.costs.given import CROWD, PAID, WAITLIST
from tests.support.deliveries import deliver
from tests.support.events import NOW

_ALLOWED = {"event": 1, "own profile": 1, "blocks between them": 2}
_STAKE = {"event": 1, "RSVP": 1, "ledger entry": 1}
_SETTLED = {"event": 1, "RSVP": 1, "ledger entry": 1}
_NEXT = {"next in line": 1, "their RSVP": 1}
_NEXT_SERVED = {"event": 1, "next in line": 1, "their RSVP": 1}


def _writes(stage: Stage) -> Do:
    given.event(stage, maxAttendees=2, **WAITLIST)
    given.profile(stage, "ana")
    client = stage.firestore.as_user("ana", role="member")
    return lambda: client.document("events/e/rsvps/ana").create(given.new_rsvp("ana"))


def _grows(stage: Stage) -> Do:
    _writes(stage)()
    client = stage.firestore.as_user("ana", role="member")
    return lambda: client.document("events/e/rsvps/ana").update({"partySize": 2, "updatedAt": SERVER_TIMESTAMP})


def _withdraws(stage: Stage) -> Do:
    _writes(stage)()
    rsvp = stage.firestore.as_user("ana", role="member").document("events/e/rsvps/ana")
    entries = [*rsvp.get().get("statusHistory"), {"status": "not-going", "changedAt": NOW, "changedBy": "ana"}]
    update = {"status": "not-going", "statusHistory": entries, "updatedAt": SERVER_TIMESTAMP}
    return lambda: rsvp.update(update)


def _deletes(stage: Stage) -> Do:
    _writes(stage)()
    return stage.firestore.as_user("ana", role="member").document("events/e/rsvps/ana").delete


DIRECT = Chapter(
    "A member answers, straight to Firestore",
    (
        Action(name="says going", prepare=_writes, floor=Cost(lookups=_ALLOWED, writes={"RSVP": 1})),
        Action(name="changes the size of the party", prepare=_grows, floor=Cost(lookups=_ALLOWED, writes={"RSVP": 1})),
        Action(name="says not-going", prepare=_withdraws, floor=Cost(writes={"RSVP": 1})),
        Action(name="deletes the RSVP", prepare=_deletes, floor=Cost(deletes={"RSVP": 1})),
    ),
)


def _newcomer(stage: Stage) -> Do:
    given.event(stage, maxAttendees=2, **WAITLIST)
    given.going(stage, "ana")
    return given.settling(stage)


def _again(stage: Stage) -> Do:
    again = _newcomer(stage)
    again()
    return again


def _one_too_many(stage: Stage) -> Do:
    given.event(stage, maxAttendees=1, **WAITLIST)
    given.settled(stage, "ben")
    given.going(stage, "ana")
    return given.settling(stage)


def _one_too_many_without_a_line(stage: Stage) -> Do:
    given.event(stage, maxAttendees=1)
    given.settled(stage, "ben")
    given.going(stage, "ana")
    return given.settling(stage)


def _growing(stage: Stage) -> Do:
    given.event(stage, maxAttendees=2)
    given.settled(stage, "ana")
    given.change_rsvp(stage, partySize=2)
    return given.settling(stage)


def _growing_too_far(stage: Stage) -> Do:
    given.event(stage, maxAttendees=2)
    given.settled(stage, "ana")
    given.change_rsvp(stage, partySize=3)
    return given.settling(stage)


def _no_longer_going(stage: Stage) -> Do:
    given.event(stage, maxAttendees=2)
    given.settled(stage, "ana")
    given.says(stage, "not-going")
    return given.settling(stage)


def _gone(stage: Stage) -> Do:
    given.event(stage, maxAttendees=2)
    given.settled(stage, "ana")
    given.leave(stage)
    return given.settling(stage)


def _gone_and_the_next(stage: Stage) -> Do:
    given.event(stage, maxAttendees=1, **WAITLIST)
    given.settled(stage, "ana", "ben")
    given.leave(stage)
    return given.settling(stage)


def _gone_and_who_fits(stage: Stage) -> Do:
    given.event(stage, maxAttendees=1, waitlistPolicy="skip", **WAITLIST)
    given.settled(stage, "ana")
    given.settled(stage, "ben", partySize=2)
    given.settled(stage, "gus")
    given.leave(stage)
    return given.settling(stage)


def _gone_and_the_next_offered(stage: Stage) -> Do:
    given.event(stage, maxAttendees=1, **WAITLIST)
    given.settled(stage, "ana", "ben")
    given.change_event(stage, **PAID)
    given.leave(stage)
    return given.settling(stage)


SETTLED = Chapter(
    "Its trigger settles it",
    (
        Action(name="there is room", prepare=_newcomer, floor=Cost(reads=_STAKE, writes=_SETTLED)),
        Action(name="the same, delivered once more", prepare=_again, floor=Cost(reads=_STAKE)),
        Action(name="there is none: joins the line", prepare=_one_too_many, floor=Cost(reads=_STAKE, writes=_SETTLED)),
        Action(
            name="there is none and no line: declined",
            prepare=_one_too_many_without_a_line,
            floor=Cost(reads=_STAKE, writes={"RSVP": 1}),
        ),
        Action(
            name="a party grows",
            prepare=_growing,
            floor=Cost(reads=_STAKE, writes={"event": 1, "ledger entry": 1}),
        ),
        Action(
            name="a party grows beyond the room: put back",
            prepare=_growing_too_far,
            floor=Cost(reads=_STAKE, writes={"RSVP": 1}),
        ),
        Action(
            name="is no longer going, nobody waits",
            prepare=_no_longer_going,
            floor=Cost(reads=_STAKE, writes={"event": 1, "RSVP": 1}, deletes={"ledger entry": 1}),
        ),
        Action(
            name="has deleted the RSVP, nobody waits",
            prepare=_gone,
            floor=Cost(reads=_STAKE, writes={"event": 1}, deletes={"ledger entry": 1}),
        ),
        Action(
            name="... and the next in line gets the seat",
            prepare=_gone_and_the_next,
            floor=Cost(reads=_STAKE | _NEXT, writes=_NEXT_SERVED, deletes={"ledger entry": 1}),
        ),
        Action(
            name="... under skip, past a party that does not fit",
            prepare=_gone_and_who_fits,
            floor=Cost(reads=_STAKE | _NEXT, writes=_NEXT_SERVED, deletes={"ledger entry": 1}),
            beyond=Cost(reads={"index entries": 1}),
            because="a query by size, in order of time, is billed for up to 1,000 index entries besides",
        ),
        Action(
            name="... of a paid event, and is offered it",
            prepare=_gone_and_the_next_offered,
            floor=Cost(reads=_STAKE | _NEXT, writes=_NEXT_SERVED, deletes={"ledger entry": 1}),
        ),
    ),
)


def _hot(stage: Stage) -> Do:
    given.event(stage, maxAttendees=2, busyUntil=NOW + BURST, **WAITLIST)
    given.going(stage, "ana")
    return given.settling(stage)


def _group(stage: Stage) -> Do:
    given.event(stage, maxAttendees=CROWD // 2, busyUntil=NOW + BURST, **WAITLIST)
    for uid in given.crowd():
        given.going(stage, uid)
        given.settling(stage, uid)()
    return lambda: drain_once(stage.runtime, "e")


HOT = Chapter(
    "The event is busy: markers, and a group for all of them",
    (
        Action(name="a marker is left", prepare=_hot, floor=Cost(reads=_STAKE, writes={"marker": 1})),
        Action(
            name=f"{CROWD} markers are settled",
            prepare=_group,
            floor=Cost(
                reads={"markers": CROWD, "event": 1, "RSVPs": CROWD, "ledger entries": CROWD},
                writes={"event": 1, "RSVPs": CROWD, "ledger entries": CROWD},
                deletes={"markers": CROWD},
            ),
            beyond=Cost(reads={"event": 1, "look for more": 1}),
            because="whether the event has rested is seen before all else is read, and markers may have come since",
        ),
    ),
)


def _shown(stage: Stage) -> Do:
    """The change that a settlement makes of the RSVP is told of by an event of its own."""
    given.event(stage)
    given.profile(stage, "cleo")
    given.going(stage, "ana")
    before = stage.owner.document("events/e/rsvps/ana").get()
    given.settling(stage)()
    after = stage.owner.document("events/e/rsvps/ana").get()

    def delivered() -> None:
        with installed(stage.runtime):
            deliver(on_rsvp_written, before, after, eventId="e", uid="ana")

    return delivered


def _counted(stage: Stage) -> Do:
    _shown(stage)()
    return lambda: recount_unread(stage.owner, "cleo")


def _counts_changed(stage: Stage) -> Do:
    given.event(stage)
    given.going(stage, "ana")
    before = stage.owner.document("events/e").get()
    given.settling(stage)()
    after = stage.owner.document("events/e").get()

    def delivered() -> None:
        with installed(stage.runtime):
            deliver(on_event_written, before, after, eventId="e")

    return delivered


def _noted(stage: Stage) -> Do:
    given.event(stage)
    given.settled(stage, "ana")
    before = stage.owner.document("events/e/rsvps/ana").get()
    given.change_rsvp(stage, notes="late")
    after = stage.owner.document("events/e/rsvps/ana").get()

    def delivered() -> None:
        with installed(stage.runtime):
            deliver(on_rsvp_written, before, after, eventId="e", uid="ana")

    return delivered


FOLLOWS = Chapter(
    "What follows",
    (
        Action(name="the event's counts have changed", prepare=_counts_changed, floor=Cost()),
        Action(name="notes have changed", prepare=_noted, floor=Cost()),
        Action(
            name="the RSVP shows a seat: its creator is told",
            prepare=_shown,
            floor=Cost(reads={"whose event it is": 1, "blocks between them": 2}, writes={"notification": 1, "mail": 1}),
        ),
        Action(
            name="a notification is there: the unread are counted",
            prepare=_counted,
            floor=Cost(reads={"counter": 1, "count of unread": 1}, writes={"counter": 1}),
        ),
    ),
)
