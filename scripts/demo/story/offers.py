"""A tasting that comes to cost money: offers that hold a seat, one passed on, one taken, and one guest too many."""

from demo.acts import answers_rsvp, changes, creates, deletes, later, posts, requests
from demo.facts import below, rsvp, seats, told
from demo.steps import Chapter, Step, answers

OFFERS = Chapter(
    "The tasting has 2 seats, and then costs money",
    (
        Step(
            "ana",
            "creates a tasting with 2 seats and a waitlist",
            creates(
                "tasting",
                title="Cheese tasting",
                startAt=later(20, 18),
                visibility="members",
                published=True,
                maxAttendees=2,
                isWaitlistEnabled=True,
            ),
        ),
        Step(
            "ben",
            "is going, a party of 2",
            answers_rsvp("tasting", "going", partySize=2),
            facts=(told("ana", "tasting", ["rsvp_going"]),),
        ),
        Step("cleo", "is going", answers_rsvp("tasting", "going")),
        Step("gus", "is going", answers_rsvp("tasting", "going")),
        Step(
            "fay",
            "is going",
            answers_rsvp("tasting", "going"),
            facts=(seats("tasting", taken=2, waiting=3),),
        ),
        Step("ana", "seats fay beyond the 2", posts("/events/tasting/rsvps/fay/admit"), answers(403, "only admins do")),
        Step(
            "root",
            "(admin) seats fay beyond the 2",
            posts("/events/tasting/rsvps/fay/admit"),
            answers(200),
            facts=(
                rsvp("tasting", "fay", status="going", seat="admitted"),
                seats("tasting", taken=3, waiting=2),
                told("fay", "tasting", ["seat_promoted"]),
            ),
        ),
        Step(
            "ana",
            "makes it cost 15 euros",
            changes("tasting", isPaid=True, priceCents=1500, currency="EUR"),
            facts=(seats("tasting", taken=3, waiting=2),),
        ),
        Step(
            "ben",
            "leaves: cleo, first in line, is offered the seat",
            deletes("events/tasting/rsvps/ben"),
            facts=(
                rsvp("tasting", "cleo", status="maybe", seat="held"),
                seats("tasting", taken=2, waiting=1),
                told("cleo", "tasting", ["seat_offered"]),
            ),
        ),
        Step(
            "gus",
            "takes the offer that cleo has",
            posts("/events/tasting/rsvp/accept"),
            answers(409, "he has none"),
        ),
        Step(
            "cleo",
            "declines: gus is offered it",
            posts("/events/tasting/rsvp/decline"),
            answers(200),
            facts=(
                rsvp("tasting", "cleo", status="not-going", seat=None),
                rsvp("tasting", "gus", status="maybe", seat="held"),
            ),
        ),
        Step(
            "gus",
            "accepts, and has to pay until tomorrow",
            posts("/events/tasting/rsvp/accept"),
            answers(200),
            facts=(rsvp("tasting", "gus", status="going", seat="held"), seats("tasting", taken=2, waiting=0)),
        ),
        Step(
            "ana",
            "calls the tasting off: who is going is told",
            posts("/events/tasting/cancel"),
            answers(200),
            facts=(
                told("fay", "tasting", ["event_canceled", "seat_promoted"]),
                told("gus", "tasting", ["event_canceled", "seat_offered"]),
                told("cleo", "tasting", ["seat_offered"]),
                rsvp("tasting", "gus", status="maybe", seat="waitlisted"),
            ),
        ),
        Step(
            "ana",
            "reads who changed what: it came to be, took fay, cost money, was called off",
            requests("/events/tasting/audit"),
            answers(200),
            facts=(below("events/tasting/audit", documents=4),),
        ),
        Step("ben", "reads who changed what", requests("/events/tasting/audit"), answers(403, "he does not run it")),
        Step(
            "ana",
            "deletes the tasting",
            deletes("events/tasting"),
            facts=tuple(
                below(f"events/tasting/{name}", documents=0) for name in ("rsvps", "seats", "audit", "pending")
            ),
        ),
    ),
)
