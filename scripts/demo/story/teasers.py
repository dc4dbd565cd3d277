"""A draft goes online and is called off: teaser and feed follow."""

from demo.acts import answers_rsvp, changes, lists_teasers, reads
from demo.facts import feed_status, in_feed, teaser
from demo.people import GUEST
from demo.steps import Chapter, Step, denied

TEASERS = Chapter(
    "The spring fair goes online, and is called off",
    (
        Step(
            "ana",
            "publishes the spring fair",
            changes("fair", published=True),
            facts=(teaser("fair", exists=True), in_feed("fair", exists=True)),
        ),
        Step(GUEST, "reads the spring fair", reads("events/fair")),
        Step(GUEST, "lists the teasers", lists_teasers()),
        Step(
            "ana",
            "cancels the spring fair",
            changes("fair", canceled=True, cancelReason="Storm warning"),
            facts=(teaser("fair", exists=False), feed_status("fair", "CANCELLED")),
        ),
        Step("ben", "wants to join the fair", answers_rsvp("fair", "going"), denied("the fair is canceled")),
    ),
)
