"""What people do about their RSVPs at an event that sells tickets too, and the triggers that settle what they say."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from google.cloud import firestore as sdk

from gather.attendance.model import Status
from gather.attendance.offers import answer_offer
from gather.attendance.sweep import sweep
from gather.attendance.triggers import on_rsvp_written
from gather.attendance.write import delete_rsvp, put_rsvp
from gather.events.triggers import on_event_written
from gather.runtime import installed
from tests.payments.soak.buying import BUYERS, member
from tests.payments.soak.subjects import picked
from tests.payments.soak.world import Delivery, World
from tests.support.deliveries import deliver

GUESTS = ("eli", "fay")
PEOPLE = (*GUESTS, *GUESTS, *BUYERS)
"""Guests answer more often than those who buy."""
STATUSES = ("going", "going", "going", "maybe", "not-going")
COMES_TWICE = 0.25
TRIGGERS: Mapping[str, Callable[..., Any]] = {"rsvps": on_rsvp_written, "events": on_event_written}


@dataclass(slots=True)
class Attending:
    """Everybody who answers the event."""

    world: World

    def weights(self) -> Mapping[str, int]:
        """How often each happens; where nobody answers there are the purchases' own changes to be settled."""
        with_guests = {"answer": 5, "answer_directly": 5, "leave": 1, "delete": 1, "answer_offer": 2, "sweep_seats": 2}
        return {"trigger": 8, **with_guests} if self.world.setting.has_guests else {"trigger": 2}

    def answer(self) -> None:
        """Over HTTP: settled at once, or refused."""
        rng, found = self.world.rng, self.world.found
        uid, status, party = rng.choice(PEOPLE), Status(rng.choice(STATUSES)), rng.choice([1, 1, 2])
        put_rsvp(
            found.firestore,
            "e",
            uid,
            status=status,
            changes={"partySize": party} if status is Status.GOING else {},
            viewer_of=member(uid),
            now=found.now(),
            transact=found.transact,
        )

    def answer_directly(self) -> None:
        """As a web client writes: settled when the trigger hears of it."""
        rng, now = self.world.rng, self.world.found.now()
        uid, status = rng.choice(PEOPLE), rng.choice(STATUSES)
        reference = self.world.found.firestore.document("events/e/rsvps", uid)
        entry = {"status": status, "changedAt": now, "changedBy": uid}
        written = {"status": status, "partySize": rng.choice([1, 1, 2]), "updatedAt": sdk.SERVER_TIMESTAMP}
        stored = reference.get().to_dict()
        if stored is None:
            reference.create({**written, "statusHistory": [entry], "createdAt": sdk.SERVER_TIMESTAMP})
        elif stored["status"] != status:
            reference.update({**written, "statusHistory": [*stored["statusHistory"], entry]})

    def leave(self) -> None:
        for uid in picked(self.world, self._who_answered()):
            found = self.world.found
            args = (found.firestore, "e", uid)
            delete_rsvp(*args, viewer_of=member(uid), now=found.now(), transact=found.transact)

    def delete(self) -> None:
        for uid in picked(self.world, self._who_answered()):
            self.world.found.firestore.document("events/e/rsvps", uid).delete()

    def answer_offer(self) -> None:
        offered = [uid for uid, seat in self.world.firestore.stored_in("events/e/seats").items() if _is_offer(seat)]
        for uid in picked(self.world, offered):
            answer_offer(
                self.world.found.firestore,
                "e",
                uid,
                accepts=self.world.rng.random() < 0.5,
                viewer_of=member(uid),
                now=self.world.found.now(),
                transact=self.world.found.transact,
            )

    def trigger(self) -> None:
        """Any change of those not delivered yet, in any order; some come twice, and what fails comes again."""
        for delivery in picked(self.world, self.world.outbox):
            self._deliver(delivery)
            if self.world.rng.random() >= COMES_TWICE and delivery in self.world.outbox:
                self.world.outbox.remove(delivery)

    def sweep_seats(self) -> None:
        sweep(self.world.found)

    def come_to_rest(self) -> None:
        """What is waiting arrives, in any order, and what it leads to."""
        world = self.world
        while world.outbox:
            waiting = list(world.outbox)
            world.outbox.clear()
            world.rng.shuffle(waiting)
            for delivery in waiting:
                self._deliver(delivery)
        sweep(world.found)

    def _deliver(self, delivery: Delivery) -> None:
        params = {"eventId": "e"} | ({} if delivery.uid is None else {"uid": delivery.uid})
        function = TRIGGERS["events" if delivery.uid is None else "rsvps"]
        with installed(self.world.found):
            deliver(function, delivery.before, delivery.after, id=delivery.id, **params)

    def _who_answered(self) -> list[str]:
        return list(self.world.firestore.stored_in("events/e/rsvps"))


def _is_offer(seat: Mapping[str, Any]) -> bool:
    return bool(seat["state"] == "held" and seat.get("source") == "rsvp")
