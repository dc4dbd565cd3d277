"""What one schedule plays: an event, and who does what to it. All of it is drawn before anything happens.

Every number is one of the schedule's choices, and so many are drawn whatever they come to: then a schedule is made
simpler by setting any of them to 0, which is the plainest event and nothing done.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from firewarden.triggers.choices import Choices
from tests.simulation.deeds import (
    ACCOUNTANT,
    ADMIN,
    ARRIVAL,
    BUYER,
    GUEST,
    OPERATOR,
    ORDER,
    ORGANIZER,
    PATIENCE,
    PAYMENT,
    SELLER,
    TILL,
    WRITES,
    Deed,
)
from tests.simulation.sale import ORGANIZATION, SALES, Sale

GUESTS = ("ana", "ben", "dora")
BUYERS = ("ana", "ben", "emil")
"""Two of them are guests as well, who answer and buy at the same time."""
CREATOR = "cleo"
SEATS_MAX = 4
VARIANTS = 4


@dataclass(frozen=True, slots=True)
class Plan:
    """What somebody does, one after the other; each with a number that says how much, or which."""

    deeds: tuple[tuple[Deed, int], ...]

    def of_writes(self) -> "Plan":
        """What of it needs no endpoint."""
        return Plan(tuple(each for each in self.deeds if each[0] in WRITES))


@dataclass(frozen=True, slots=True)
class World:
    """One event and its people."""

    seats: int
    policy: str
    has_waitlist: bool
    is_paid: bool
    counts_parties: bool
    starts_in: timedelta
    shares_a_process: bool
    is_full: bool
    guests: dict[str, Plan]
    organizer: Plan
    admin: Plan
    operator: Plan
    sale: Sale
    refunds_take_time: bool
    buyers: dict[str, Plan]
    till: Plan
    accountant: Plan

    @classmethod
    def drawn(cls, choices: Choices) -> "World":
        """The world of a schedule. Where tickets are sold there are some for most who come."""
        is_paid = choices.pick(5) > 1
        return cls(
            seats=1 + choices.pick(SEATS_MAX) + (2 if is_paid else 0),
            policy=("strict", "skip")[choices.pick(2)],
            has_waitlist=choices.pick(4) < 3,
            is_paid=is_paid,
            counts_parties=choices.pick(4) < 3,
            starts_in=(timedelta(days=30), timedelta(days=30), timedelta(hours=6))[choices.pick(3)],
            shares_a_process=choices.pick(2) == 0,
            is_full=choices.pick(8) > (4 if is_paid else 3),
            guests={uid: Plan((_drawn(ARRIVAL, choices), *_all(GUEST, 2, choices))) for uid in GUESTS},
            organizer=Plan(_all(SELLER if is_paid else ORGANIZER, 3, choices)),
            admin=Plan(_all(ADMIN, 1, choices)),
            operator=Plan(_all(OPERATOR, 1, choices)),
            sale=SALES[choices.pick(len(SALES))],
            refunds_take_time=choices.pick(3) == 2,
            buyers={
                uid: Plan((_drawn(ORDER, choices), _drawn(PAYMENT, choices), _drawn(BUYER, choices))) for uid in BUYERS
            },
            till=Plan((_drawn(PATIENCE, choices), *_all(TILL, 2, choices))),
            accountant=Plan((_drawn(PATIENCE, choices), *_all(ACCOUNTANT, 2, choices))),
        )

    @property
    def early_seats(self) -> int:
        """What the first guest has where the event is full already, as one that was free before has to begin."""
        return self.seats if self.counts_parties else 1

    def told(self) -> str:
        """The event in one line."""
        line = "no waitlist" if not self.has_waitlist else f"{self.policy} waitlist"
        price = "paid" if self.is_paid else "free"
        counted = "parties" if self.counts_parties else "RSVPs"
        where = "one process" if self.shares_a_process else "a process each"
        seats = f"{self.seats} seats for {counted}" + (
            f", {self.early_seats} of them {GUESTS[0]}'s" if self.is_full else ""
        )
        price = f"{price} ({self.sale.told})" if self.is_paid else price
        return f"A {price} event in {self.starts_in}, {seats}, {line}; {where}."

    def event(self, now: datetime) -> dict[str, Any]:
        """The event as its creator writes it; the times are the database's to set."""
        start = now.replace(microsecond=0) + self.starts_in
        document = {
            "title": "Festival",
            "titleLower": "festival",
            "description": "",
            "startAt": start,
            "visibility": "public",
            "published": True,
            "createdBy": CREATOR,
            "maxAttendees": self.seats,
            "isWaitlistEnabled": self.has_waitlist,
            "waitlistPolicy": self.policy,
            "countPartySize": self.counts_parties,
        }
        return document | (
            {"isPaid": True, "priceCents": 500, "currency": "EUR", "organizationId": ORGANIZATION}
            if self.is_paid
            else {}
        )

    def derived(self, now: datetime) -> dict[str, Any]:
        """The event when the functions have seen it: so it begins, which spares each schedule their first work."""
        event = self.event(now) | {"createdAt": now, "updatedAt": now}
        counts = {"attendingCount": self.early_seats if self.is_full else 0, "waitlistCount": 0, "sequence": 0}
        return event | counts | {"lastEndAt": event["startAt"] + timedelta(hours=1)}


def _all(possible: tuple[Deed, ...], number: int, choices: Choices) -> tuple[tuple[Deed, int], ...]:
    return tuple(_drawn(possible, choices) for _ in range(number))


def _drawn(possible: tuple[Deed, ...], choices: Choices) -> tuple[Deed, int]:
    return possible[choices.pick(len(possible))], choices.pick(VARIANTS)
