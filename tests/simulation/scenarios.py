"""What is played on every schedule, and what is played to see it fail."""

from firewarden.testing import Laboratory
from tests.simulation.seats import EVENT, Crowd
from tests.simulation.stage import gather, unprotected


def seats_are_settled(lab: Laboratory) -> None:
    """The functions as they are."""
    with gather(lab):
        crowd = Crowd.of(lab)
        crowd.comes()
        crowd.comes_to_rest()
        crowd.everybody_is_answered()


def seats_without_transactions(lab: Laboratory) -> None:
    """Negative control: the same functions, reading and writing without a transaction."""
    with gather(lab, unprotected):
        crowd = Crowd.of(lab)
        crowd.comes()
        crowd.comes_to_rest()
        crowd.everybody_is_answered()


def seats_counted_by_differences(lab: Laboratory) -> None:
    """Negative control: a count that is kept by adding what changed."""
    with gather(lab):
        crowd = Crowd.of(lab)
        crowd.seats = 100
        crowd.comes_unwatched()
        lab.settle()
        event = lab.stored(EVENT)
        assert event is not None
        going = sum(rsvp["partySize"] for rsvp in lab.stored_in(f"{EVENT}/rsvps").values() if rsvp["status"] == "going")
        assert event["attendingCount"] == going, f"{going} are going, the count is {event['attendingCount']}"
