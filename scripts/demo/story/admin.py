"""What an admin may, what nobody may, and what a deletion takes along."""

from google.cloud import firestore

from demo.acts import deletes, reads, writes
from demo.facts import below, in_feed, teaser
from demo.people import GUEST
from demo.steps import Chapter, Step, denied

ADMIN = Chapter(
    "The admin cleans up",
    (
        Step("root", "(admin) reads the private party", reads("events/party")),
        Step(
            "ben",
            "makes himself an admin",
            writes("users/ben", role="admin", updatedAt=firestore.SERVER_TIMESTAMP),
            denied("roles are given, not taken"),
        ),
        Step(
            GUEST, "writes a teaser", writes("event_teasers/fake", title="Fake"), denied("only functions write teasers")
        ),
        Step(
            "root",
            "(admin) writes a seat",
            writes("events/workshop/seats/root", seats=1),
            denied("not even an admin writes the ledger"),
        ),
        Step("ben", "deletes the workshop", deletes("events/workshop"), denied("it is not his event")),
        Step(
            "root",
            "(admin) deletes the workshop",
            deletes("events/workshop"),
            facts=(
                below("events/workshop/rsvps", documents=0),
                below("events/workshop/seats", documents=0),
                teaser("workshop", exists=False),
                in_feed("workshop", exists=False),
            ),
        ),
    ),
)
