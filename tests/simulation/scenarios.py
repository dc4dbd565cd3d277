"""What is played on every schedule."""

from firewarden.errors import NotSettled
from firewarden.testing import Laboratory
from gather.attendance.model import Seat, SeatState, seat_document
from gather.transactions import Transact
from tests.simulation.acting import EVENT, Actor, Story
from tests.simulation.guests import guest
from tests.simulation.rest import comes_to_rest, everybody_was_told
from tests.simulation.staff import staff
from tests.simulation.stage import gather
from tests.simulation.watching import Watch
from tests.simulation.world import CREATOR, GUESTS, World

ADMIN = "ada"
OPERATOR = "otto"
CRASH = 0.05
"""How likely a client's connection is lost for good at a write."""


def seats_are_settled(lab: Laboratory, *, transact: Transact | None = None) -> Story:
    """Everybody does at the same time what they do, one after the other; then everything comes to rest."""
    world, story, watch = World.drawn(lab.choices), Story(), Watch(lab)
    try:
        with gather(lab, transact=transact, is_shared=world.shares_a_process) as app:
            organizer = Actor(lab, app, story, CREATOR)
            _opens(lab, world)
            lab.always(watch.looks)
            lab.settle()
            for uid, plan in world.guests.items():
                lab.start(uid, guest(Actor(lab, app, story, uid), plan), crash=CRASH)
            lab.start(CREATOR, staff(organizer, world, world.organizer), crash=CRASH)
            lab.start(ADMIN, staff(Actor(lab, app, story, ADMIN, "admin"), world, world.admin), crash=CRASH)
            lab.start(OPERATOR, staff(Actor(lab, app, story, OPERATOR), world, world.operator))
            comes_to_rest(watch)
            everybody_was_told(watch)
    except (AssertionError, NotSettled) as failure:
        raise AssertionError("\n".join([str(failure), "", f"{world.told()}", *story.lines])) from failure
    return story


def _opens(lab: Laboratory, world: World) -> None:
    """The event is there before anybody comes; where it is full, the first guest has come early."""
    event, now = lab.firestore.as_owner().document(EVENT), lab.clock.now()
    event.set(world.derived(now))
    if world.is_full:
        uid = GUESTS[0]
        history = [{"status": "going", "changedAt": now, "changedBy": uid}]
        times = {"createdAt": now, "updatedAt": now}
        rsvp = {"status": "going", "statusHistory": history, "partySize": world.seats, "seatState": "admitted"}
        event.collection("rsvps").document(uid).set(rsvp | times)
        seat = Seat(
            seats=world.early_seats,
            state=SeatState.ADMITTED,
            since=now,
            party_size=world.seats,
            event_created_at=event.get().create_time,
        )
        event.collection("seats").document(uid).set(seat_document(seat))
