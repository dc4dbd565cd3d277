"""What the event's creator, an admin and who operates the backend do."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from google.cloud import firestore as sdk

from tests.simulation.acting import OK, Actor
from tests.simulation.deeds import Deed
from tests.simulation.world import GUESTS, Plan, World

SEATS = (2, 1, 3, 5)
WAITS_S = (1, 10, 120, 3600)
SKIPS_S = (3, 30, 300, 5 * 3600)
MOVES = (timedelta(days=1), timedelta(days=7), timedelta(hours=2), -timedelta(hours=2))
ABSENT = "refused, there is no event"


def staff(actor: Actor, world: World, plan: Plan) -> Callable[[], None]:
    """Somebody's part: one deed after the other."""

    def part() -> None:
        for deed, variant in plan.deeds:
            if deed is Deed.WAITS:
                actor.lab.sleep(WAITS_S[variant])
            elif deed is not Deed.NOTHING:
                actor.does(deed, variant, partial(_DEEDS[deed], actor, world, variant))

    return part


def creates(actor: Actor, world: World) -> None:
    """The event as its creator writes it."""
    times = {"createdAt": sdk.SERVER_TIMESTAMP, "updatedAt": sdk.SERVER_TIMESTAMP}
    actor.event.create(world.event(actor.lab.clock.now()) | times)


def _sets_seats(actor: Actor, _: World, variant: int) -> str:
    return _changes(actor, {"maxAttendees": SEATS[variant]})


def _sets_seats_by_http(actor: Actor, _: World, variant: int) -> str:
    return actor.asks("PATCH", "", {"maxAttendees": SEATS[variant]})


def _turns_policy(actor: Actor, _: World, variant: int) -> str:
    return _changes(actor, {"waitlistPolicy": ("strict", "skip")[variant % 2]})


def _turns_waitlist(actor: Actor, _: World, variant: int) -> str:
    return _changes(actor, {"isWaitlistEnabled": variant % 2 == 0})


def _turns_price(actor: Actor, _: World, variant: int) -> str:
    return _changes(actor, {"isPaid": variant % 2 == 0, "priceCents": 500, "currency": "EUR"})


def _turns_counting(actor: Actor, _: World, variant: int) -> str:
    return _changes(actor, {"countPartySize": variant % 2 == 0})


def _cancels(actor: Actor, _: World, __: int) -> str:
    return actor.asks("POST", "/cancel", {"reason": "rain"})


def _reopens(actor: Actor, _: World, __: int) -> str:
    return _changes(actor, {"canceled": False})


def _moves(actor: Actor, _: World, variant: int) -> str:
    found = actor.event.get().to_dict()
    return ABSENT if found is None else _changes(actor, {"startAt": found["startAt"] + MOVES[variant]})


def _ends(actor: Actor, _: World, variant: int) -> str:
    if variant % 2:
        return actor.asks("DELETE", "")
    if not actor.event.get().exists:
        return ABSENT
    actor.event.delete()
    return OK


def _replaces(actor: Actor, world: World, variant: int) -> str:
    ended = _ends(actor, world, 0)
    actor.lab.sleep((0.001, 0.1, 5, 60)[variant])
    creates(actor, world)
    return f"{ended}, and there was none" if ended != OK else OK


def _admits(actor: Actor, _: World, variant: int) -> str:
    return actor.asks("POST", f"/rsvps/{GUESTS[variant % len(GUESTS)]}/admit")


def _recounts(actor: Actor, _: World, __: int) -> str:
    return actor.asks("POST", "/recount?heal=1")


def _sweeps(actor: Actor, _: World, __: int) -> str:
    actor.lab.run("sweep_seats")
    return OK


def _sweeps_holds(actor: Actor, _: World, __: int) -> str:
    actor.lab.run("sweep_holds")
    return OK


def _reconciles(actor: Actor, _: World, __: int) -> str:
    actor.lab.run("reconcile_payments")
    return OK


def _skips(actor: Actor, _: World, variant: int) -> str:
    actor.lab.clock.advance(seconds=SKIPS_S[variant])
    return OK


def _changes(actor: Actor, fields: Mapping[str, Any]) -> str:
    actor.event.update({**fields, "updatedAt": sdk.SERVER_TIMESTAMP})
    return OK


_DEEDS: Mapping[Deed, Callable[[Actor, World, int], str]] = {
    Deed.SETS_SEATS: _sets_seats,
    Deed.SETS_SEATS_BY_HTTP: _sets_seats_by_http,
    Deed.TURNS_POLICY: _turns_policy,
    Deed.TURNS_WAITLIST: _turns_waitlist,
    Deed.TURNS_PRICE: _turns_price,
    Deed.TURNS_COUNTING: _turns_counting,
    Deed.CANCELS: _cancels,
    Deed.REOPENS: _reopens,
    Deed.MOVES: _moves,
    Deed.ENDS: _ends,
    Deed.REPLACES: _replaces,
    Deed.ADMITS: _admits,
    Deed.RECOUNTS: _recounts,
    Deed.SWEEPS: _sweeps,
    Deed.SWEEPS_HOLDS: _sweeps_holds,
    Deed.RECONCILES: _reconciles,
    Deed.SKIPS: _skips,
}
