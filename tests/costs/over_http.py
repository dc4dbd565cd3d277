"""What requests over HTTP cost: answers that are settled at once, offers, seats given by admins, numbers."""

from __future__ import annotations

from tests.costs import given
from tests.costs.actions import Action, Chapter, Cost, Do, Stage
from tests.costs.given import CROWD, PAID, WAITLIST

_STAKE = {"event": 1, "RSVP": 1, "ledger entry": 1}
_STANDING = {"own profile": 1, "blocks between them": 2}
_NEXT = {"next in line": 1, "their RSVP": 1}
_PATH = "/events/e/rsvp"


def _puts(stage: Stage) -> Do:
    given.event(stage, maxAttendees=2, **WAITLIST)
    given.profile(stage, "ana")
    return given.asking(stage, "PUT", _PATH, {"status": "going"})


def _puts_again(stage: Stage) -> Do:
    again = _puts(stage)
    again()
    return again


def _puts_when_full(stage: Stage) -> Do:
    given.event(stage, maxAttendees=1, **WAITLIST)
    given.settled(stage, "ben")
    return given.asking(stage, "PUT", _PATH, {"status": "going"})


def _deletes(stage: Stage) -> Do:
    given.event(stage, maxAttendees=2)
    given.settled(stage, "ana")
    return given.asking(stage, "DELETE", _PATH)


def _offered(stage: Stage) -> None:
    """Ana has an offer, ben is next."""
    given.event(stage, maxAttendees=1, **WAITLIST)
    given.settled(stage, "xena", "ana", "ben")
    given.change_event(stage, **PAID)
    given.leave(stage, "xena")
    given.settling(stage, "xena")()


def _accepts(stage: Stage) -> Do:
    _offered(stage)
    return given.asking(stage, "POST", f"{_PATH}/accept")


def _declines(stage: Stage) -> Do:
    _offered(stage)
    return given.asking(stage, "POST", f"{_PATH}/decline")


def _admits(stage: Stage) -> Do:
    given.event(stage, maxAttendees=1, **WAITLIST)
    given.settled(stage, "ben", "ana")
    return given.asking(stage, "POST", "/events/e/rsvps/ana/admit", uid="root", role="admin")


def _looks(stage: Stage) -> Do:
    given.event(stage, maxAttendees=2)
    return given.asking(stage, "GET", "/events/e/availability")


def _recounts(stage: Stage) -> Do:
    given.event(stage, maxAttendees=CROWD)
    given.settled(stage, *given.crowd())
    return given.asking(stage, "POST", "/events/e/recount", uid="root", role="admin")


def _heals(stage: Stage) -> Do:
    given.event(stage, maxAttendees=CROWD)
    given.settled(stage, *given.crowd())
    given.change_event(stage, attendingCount=1)
    return given.asking(stage, "POST", "/events/e/recount?heal=1", uid="root", role="admin")


_ALL = {"event": 1, "RSVPs": CROWD, "ledger entries": CROWD}
OVER_HTTP = Chapter(
    "Over HTTP, settled when it is answered",
    (
        Action(
            name="says going, there is room",
            prepare=_puts,
            floor=Cost(reads=_STAKE | _STANDING, writes={"event": 1, "RSVP": 1, "ledger entry": 1}),
        ),
        Action(name="says it again", prepare=_puts_again, floor=Cost(reads=_STAKE | _STANDING)),
        Action(
            name="says going, there is none: joins the line",
            prepare=_puts_when_full,
            floor=Cost(reads=_STAKE | _STANDING, writes={"event": 1, "RSVP": 1, "ledger entry": 1}),
        ),
        Action(
            name="deletes the RSVP, nobody waits",
            prepare=_deletes,
            floor=Cost(reads=_STAKE, writes={"event": 1}, deletes={"RSVP": 1, "ledger entry": 1}),
        ),
        Action(name="accepts an offer", prepare=_accepts, floor=Cost(reads=_STAKE | _STANDING, writes={"RSVP": 1})),
        Action(
            name="declines it, the next is offered the seat",
            prepare=_declines,
            floor=Cost(
                reads=_STAKE | _STANDING | _NEXT,
                writes={"event": 1, "RSVP": 1, "next in line": 1, "their RSVP": 1},
                deletes={"ledger entry": 1},
            ),
        ),
        Action(
            name="an admin seats somebody over capacity",
            prepare=_admits,
            floor=Cost(reads=_STAKE | _STANDING, writes={"event": 1, "RSVP": 1, "ledger entry": 1, "audit": 1}),
        ),
        Action(name="asks what is left", prepare=_looks, floor=Cost(reads={"event": 1})),
        Action(name=f"an admin recounts {CROWD} people, all is well", prepare=_recounts, floor=Cost(reads=_ALL)),
        Action(
            name=f"an admin heals the counts of {CROWD} people",
            prepare=_heals,
            floor=Cost(reads=_ALL, writes={"event": 1, "audit": 1}),
            beyond=Cost(
                reads={
                    "event": 9,
                    "RSVPs": 2 * CROWD,
                    "ledger entries": 4 * CROWD,
                    "looks for more": 3,
                    "ticket types and pools": 2,
                }
            ),
            because="counts, who has an RSVP, who is in the ledger, the line, tickets sold, counts again, in turn",
        ),
    ),
)
