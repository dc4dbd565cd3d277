"""One event with few seats, and a crowd that comes, changes its mind and leaves, all at once.

What must hold after every commit, and what once everything is at rest (`spec`: seats are never oversold, counts are the
ledger's, everybody is answered, no history is rewritten).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from google.api_core.exceptions import GoogleAPICallError
from google.cloud import firestore as sdk

from firewarden.testing import Laboratory

EVENT = "events/festival"
GUESTS = 8
TRIES = 5
SWEPT_MINUTES = 10
TAKEN = ("admitted", "held")


@dataclass(frozen=True, slots=True)
class Guest:
    """One of the crowd: how many they are, and what they do after their first answer."""

    uid: str
    party_size: int
    second_thought: str


@dataclass(slots=True)
class Crowd:
    """The guests of one schedule, and the event they want to attend; both drawn from the schedule's seed."""

    lab: Laboratory
    seats: int = 0
    policy: str = "skip"
    has_waitlist: bool = True
    grows: bool = False
    guests: list[Guest] = field(default_factory=list)
    histories: dict[str, list[Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, lab: Laboratory) -> "Crowd":
        rng = Random(lab.choices.seed)
        guests = [
            Guest(
                f"guest{number}",
                rng.choice([1, 1, 1, 2, 3]),
                rng.choice(["stay", "stay", "withdraw", "delete", "grow", "return"]),
            )
            for number in range(GUESTS)
        ]
        return cls(
            lab,
            seats=rng.randrange(2, 9),
            policy=rng.choice(["skip", "strict"]),
            has_waitlist=rng.random() < 0.8,
            grows=rng.random() < 0.3,
            guests=guests,
        )

    def comes(self) -> None:
        """Everybody comes at once, and what must hold is looked at after every commit."""
        self.lab.always(self.nothing_is_oversold)
        self.lab.always(self.histories_only_grow)
        self.comes_unwatched()

    def comes_unwatched(self) -> None:
        """The event is there and at rest, then everybody comes at once."""
        lab = self.lab
        lab.firestore.as_owner().document(EVENT).set(self._event())
        lab.settle()
        for guest in self.guests:
            lab.start(guest.uid, self._doing(guest))
        if self.grows:
            lab.start("organizer", self._grow)

    def comes_to_rest(self) -> None:
        """Nothing is on its way any more, and the sweep has found what was left behind."""
        self.lab.settle()
        self.lab.clock.advance(minutes=SWEPT_MINUTES)
        self.lab.settle()

    # --- What must hold --------------------------------------------------------------------------------------

    def nothing_is_oversold(self) -> None:
        """Σ admitted and held ≤ capacity, after every commit; and the event's count is that sum."""
        event = self.lab.stored(EVENT)
        assert event is not None
        taken = self._taken()
        assert taken <= event["maxAttendees"], f"oversold: {taken} of {event['maxAttendees']} seats are taken"
        assert event["attendingCount"] == taken, f"{taken} seats are taken, the count is {event['attendingCount']}"

    def histories_only_grow(self) -> None:
        """What a history once said it says for ever, as long as its RSVP is there."""
        now = {uid: rsvp["statusHistory"] for uid, rsvp in self.lab.stored_in(f"{EVENT}/rsvps").items()}
        for uid, history in now.items():
            before = self.histories.get(uid, [])
            assert history[: len(before)] == before, f"the history of {uid} was {before} and is {history}"
        self.histories = now

    def everybody_is_answered(self) -> None:
        """At rest: who is going has a seat, who has none is told so, and the ledger says the same."""
        lab = self.lab
        rsvps, seats = lab.stored_in(f"{EVENT}/rsvps"), lab.stored_in(f"{EVENT}/seats")
        assert set(seats) <= set(rsvps), f"seats of nobody: {set(seats) - set(rsvps)}"
        for uid, rsvp in rsvps.items():
            assert rsvp["statusHistory"][-1]["status"] == rsvp["status"], f"{uid}: {rsvp}"
            state = seats.get(uid, {}).get("state")
            assert (rsvp["status"] == "going") == (state == "admitted"), (
                f"{uid} is {rsvp['status']}, their seat {state}"
            )
            assert rsvp["status"] == "not-going" or rsvp["seatState"] in (state, "declined"), f"{uid}: {rsvp}, {state}"
        event = lab.stored(EVENT)
        assert event is not None
        waiting = sum(seat["state"] == "waitlisted" for seat in seats.values())
        assert event["waitlistCount"] == waiting, f"{waiting} wait, the count is {event['waitlistCount']}"

    def _taken(self) -> int:
        seats = self.lab.stored_in(f"{EVENT}/seats").values()
        return sum(seat["seats"] for seat in seats if seat["state"] in TAKEN)

    # --- What people do --------------------------------------------------------------------------------------

    def _event(self) -> dict[str, Any]:
        now = self.lab.clock.now()
        start = now + timedelta(days=30)
        return {
            "title": "Festival",
            "titleLower": "festival",
            "description": "",
            "startAt": start,
            "visibility": "public",
            "published": True,
            "createdBy": "cleo",
            "createdAt": now,
            "updatedAt": now,
            "attendingCount": 0,
            "waitlistCount": 0,
            "lastEndAt": start + timedelta(hours=1),
            "sequence": 0,
            "maxAttendees": self.seats,
            "isWaitlistEnabled": self.has_waitlist,
            "waitlistPolicy": self.policy,
        }

    def _grow(self) -> None:
        self.lab.firestore.as_owner().document(EVENT).update({"maxAttendees": self.seats + 2})

    def _doing(self, guest: Guest) -> Callable[[], None]:
        def act() -> None:
            for write in self._writes(guest):
                self._insist(write)

        return act

    def _insist(self, write: Callable[[], Any]) -> None:
        """Rules refuse what is not true any more, and an event that is full; then a person looks again."""
        for _ in range(TRIES):
            try:
                write()
            except GoogleAPICallError:
                self.lab.sleep(1)
            else:
                return

    def _writes(self, guest: Guest) -> Iterator[Callable[[], Any]]:
        rsvp = self.lab.firestore.as_user(guest.uid, role="member").document(f"{EVENT}/rsvps/{guest.uid}")

        def entry(status: str) -> dict[str, Any]:
            return {"status": status, "changedAt": self.lab.clock.now(), "changedBy": guest.uid}

        def change(status: str) -> None:
            found = rsvp.get().to_dict()
            if found is not None:
                history = [*found["statusHistory"], entry(status)]
                rsvp.update({"status": status, "statusHistory": history, "updatedAt": sdk.SERVER_TIMESTAMP})

        def create() -> None:
            rsvp.set(
                {
                    "status": "going",
                    "statusHistory": [entry("going")],
                    "partySize": guest.party_size,
                    "createdAt": sdk.SERVER_TIMESTAMP,
                    "updatedAt": sdk.SERVER_TIMESTAMP,
                }
            )

        yield create
        match guest.second_thought:
            case "withdraw":
                yield lambda: change("not-going")
            case "return":
                yield lambda: change("not-going")
                yield lambda: change("going")
            case "delete":
                yield rsvp.delete
            case "grow":
                yield lambda: rsvp.update({"partySize": guest.party_size + 1, "updatedAt": sdk.SERVER_TIMESTAMP})
