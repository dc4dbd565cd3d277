"""Three seats, parties of several, a waitlist: RSVPs through Firestore and over HTTP, settled by the functions."""

from google.cloud import firestore

from demo.acts import answers_rsvp, deletes, requests, requests_rsvp, rewrites_history, writes
from demo.facts import history, rsvp, seats
from demo.people import GUEST
from demo.steps import Chapter, Step, answers, denied

SEATS = Chapter(
    "The workshop has 3 seats. Who gets one?",
    (
        Step("ana", "blocks dora", writes("users/ana/blocks/dora", createdAt=firestore.SERVER_TIMESTAMP)),
        Step(
            "root",
            "(admin) bars hugo from RSVPs",
            writes("users/hugo", blockedFromRsvp=True, updatedAt=firestore.SERVER_TIMESTAMP),
        ),
        Step(
            "ben",
            "is going",
            answers_rsvp("workshop", "going"),
            facts=(rsvp("workshop", "ben", status="going", seat="admitted"), seats("workshop", taken=1, waiting=0)),
        ),
        Step(
            "cleo",
            "is going, a party of 2",
            answers_rsvp("workshop", "going", partySize=2),
            facts=(rsvp("workshop", "cleo", status="going", seat="admitted"), seats("workshop", taken=3, waiting=0)),
        ),
        Step(
            "fay",
            "is going, over HTTP",
            requests_rsvp("workshop", "going"),
            answers(200),
            facts=(rsvp("workshop", "fay", status="maybe", seat="waitlisted"), seats("workshop", taken=3, waiting=1)),
        ),
        Step(
            "gus",
            "is going, a party of 2",
            answers_rsvp("workshop", "going", partySize=2),
            facts=(rsvp("workshop", "gus", status="maybe", seat="waitlisted"), seats("workshop", taken=3, waiting=2)),
        ),
        Step("dora", "wants to join", answers_rsvp("workshop", "going"), denied("ana has blocked her")),
        Step("dora", "tries it over HTTP", requests_rsvp("workshop", "going"), answers(403, "ana has blocked her")),
        Step("hugo", "wants to join", answers_rsvp("workshop", "going"), denied("an admin has barred him from RSVPs")),
        Step(GUEST, "tries it over HTTP", requests_rsvp("workshop", "going"), answers(401, "nobody is signed in")),
        Step(
            "ben",
            "answers in cleo's name",
            answers_rsvp("workshop", "not-going", of="cleo"),
            denied("an RSVP is written by the one who attends"),
        ),
        Step(
            "ben",
            "rewrites the history of his RSVP",
            rewrites_history("workshop"),
            denied("a history only grows"),
            facts=(history("workshop", "ben", entries=1),),
        ),
        Step(GUEST, "asks over HTTP how many seats are left", requests("/events/workshop/availability"), answers(200)),
        Step(
            "ben",
            "leaves: fay, first in line, moves up",
            deletes("events/workshop/rsvps/ben"),
            facts=(rsvp("workshop", "fay", status="going", seat="admitted"), seats("workshop", taken=3, waiting=1)),
        ),
        Step(
            "cleo",
            "is not going: gus and company move up",
            answers_rsvp("workshop", "not-going"),
            facts=(
                rsvp("workshop", "gus", status="going", seat="admitted"),
                rsvp("workshop", "cleo", status="not-going", seat=None),
                seats("workshop", taken=3, waiting=0),
            ),
        ),
    ),
)
