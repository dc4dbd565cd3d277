"""What is played on every schedule."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from firewarden.errors import NotSettled
from firewarden.testing import Laboratory
from gather.attendance.model import Seat, SeatState, seat_document
from gather.transactions import Transact
from tests.simulation.acting import EVENT, Actor, Story, posted
from tests.simulation.buyers import Buyer
from tests.simulation.guests import guest
from tests.simulation.money import Ledgers
from tests.simulation.rest import comes_to_rest, everybody_was_told
from tests.simulation.sale import ORGANIZATION, POOL
from tests.simulation.staff import staff
from tests.simulation.stage import gather
from tests.simulation.stripe_account import StripeAccount
from tests.simulation.till import Till
from tests.simulation.watching import Watch
from tests.simulation.world import CREATOR, GUESTS, World
from tests.support.model_stripe import ModelStripe

ADMIN = "ada"
OPERATOR = "otto"
TREASURER = "olga"
ACCOUNTANT = "otis"
CRASH = 0.05
"""How likely a client's connection is lost for good at a write."""


def seats_are_settled(lab: Laboratory, *, transact: Transact | None = None, **model: Any) -> Story:
    """Everybody does at the same time what they do, one after the other; then everything comes to rest.

    `model` are options of the model of Stripe.
    """
    world, story, watch = World.drawn(lab.choices), Story(), Watch(lab)
    stripe = ModelStripe(lab.clock.now, refunds_take_time=world.refunds_take_time, **model)
    try:
        with (
            gather(lab, transact=transact, is_shared=world.shares_a_process, gateway=stripe) as app,
            _watched(lab, watch, StripeAccount(lab, stripe, partial(posted, lab, app)), world) as money,
        ):
            for uid, plan in world.guests.items():
                lab.start(uid, guest(Actor(lab, app, story, uid), plan), crash=CRASH)
            organizer = Actor(lab, app, story, CREATOR)
            lab.start(CREATOR, staff(organizer, world, world.organizer), crash=CRASH)
            lab.start(ADMIN, staff(Actor(lab, app, story, ADMIN, "admin"), world, world.admin), crash=CRASH)
            lab.start(OPERATOR, staff(Actor(lab, app, story, OPERATOR), world, world.operator))
            if money is not None:
                _sells(lab, partial(Actor, lab, app, story), world, money.stripe)
            comes_to_rest(watch, money)
            everybody_was_told(watch)
    except (AssertionError, NotSettled) as failure:
        raise AssertionError("\n".join([str(failure), "", f"{world.told()}", *story.lines])) from failure
    return story


@contextmanager
def _watched(lab: Laboratory, watch: Watch, stripe: StripeAccount, world: World) -> Iterator[Ledgers | None]:
    """The event is there and has been seen; inside, every commit is looked at, at money where anything is sold."""
    _opens(lab, world)
    lab.always(watch.looks)
    lab.settle()
    if not world.is_paid:
        yield None
        return
    money = Ledgers(watch, stripe)
    with lab.firestore.telling(money.told):
        lab.always(money.looks)
        yield money


def _sells(lab: Laboratory, actor: Callable[[str], Actor], world: World, stripe: StripeAccount) -> None:
    """Those who have to do with money do their part, too."""
    for uid, plan in world.buyers.items():
        buyer = Buyer(actor(uid), world.sale, stripe)
        lab.start(f"{uid} buying", buyer.plays(plan), crash=CRASH)
    lab.start(TREASURER, Till(actor(TREASURER), stripe).plays(world.till), crash=CRASH)
    lab.start(ACCOUNTANT, staff(actor(ACCOUNTANT), world, world.accountant))


def _opens(lab: Laboratory, world: World) -> None:
    """The event is there before anybody comes; where it is full, the first guest has come early."""
    event, now = lab.firestore.as_owner().document(EVENT), lab.clock.now()
    event.set(world.derived(now))
    if world.is_paid:
        _sets_up_the_sale(lab, world)
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


def _sets_up_the_sale(lab: Laboratory, world: World) -> None:
    client = lab.firestore.as_owner()
    organization, event, sale = client.document(f"organizations/{ORGANIZATION}"), client.document(EVENT), world.sale
    organization.set({"name": "Acme", "tier": "pro"})
    for uid in (CREATOR, TREASURER):
        organization.collection("members").document(uid).set({"role": "organizer"})
    for name, kind in sale.types.items():
        event.collection("ticketTypes").document(name).set(dict(kind))
    if sale.capacity is not None:
        event.collection("pools").document(POOL).set({"capacity": sale.capacity, "takenCount": 0})
