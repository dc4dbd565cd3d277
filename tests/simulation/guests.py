"""What guests do about their RSVPs."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from google.cloud import firestore as sdk

from tests.simulation.acting import OK, Actor
from tests.simulation.deeds import Deed
from tests.simulation.world import Plan

PARTIES = (1, 1, 2, 3)
WAITS_S = (1, 20, 180, 3 * 3600)
ABSENT = "refused, there is no RSVP"


def guest(actor: Actor, plan: Plan) -> Callable[[], None]:
    """The guest's part: one deed after the other."""

    def part() -> None:
        for deed, variant in plan.deeds:
            if deed is Deed.WAITS:
                actor.lab.sleep(WAITS_S[variant])
            elif deed is not Deed.NOTHING:
                actor.does(deed, variant, partial(_DEEDS[deed], actor, variant))

    return part


def _goes(actor: Actor, variant: int) -> str:
    return _says(actor, "going", {"partySize": PARTIES[variant]})


def _maybe(actor: Actor, _: int) -> str:
    return _says(actor, "maybe", {})


def _leaves(actor: Actor, _: int) -> str:
    return _says(actor, "not-going", {})


def _says(actor: Actor, status: str, changes: Mapping[str, Any]) -> str:
    """As a web client does: look, then create or change what is there. Somebody else may have changed it meanwhile."""
    rsvp = _rsvp(actor)
    found = rsvp.get().to_dict()
    entry = {"status": status, "changedAt": actor.lab.clock.now(), "changedBy": actor.uid}
    written = {**changes, "status": status, "updatedAt": sdk.SERVER_TIMESTAMP}
    if found is None:
        rsvp.create({**written, "statusHistory": [entry], "createdAt": sdk.SERVER_TIMESTAMP})
    else:
        rsvp.update({**written, "statusHistory": [*found["statusHistory"], entry]})
    return OK


def _resizes(actor: Actor, variant: int) -> str:
    _rsvp(actor).update({"partySize": 1 + variant, "updatedAt": sdk.SERVER_TIMESTAMP})
    return OK


def _deletes(actor: Actor, _: int) -> str:
    rsvp = _rsvp(actor)
    if not rsvp.get().exists:
        return ABSENT
    rsvp.delete()
    return OK


def _goes_by_http(actor: Actor, variant: int) -> str:
    return actor.asks("PUT", "/rsvp", {"status": "going", "partySize": PARTIES[variant]})


def _leaves_by_http(actor: Actor, _: int) -> str:
    return actor.asks("PUT", "/rsvp", {"status": "not-going"})


def _deletes_by_http(actor: Actor, _: int) -> str:
    return actor.asks("DELETE", "/rsvp")


def _accepts(actor: Actor, _: int) -> str:
    return actor.asks("POST", "/rsvp/accept")


def _declines(actor: Actor, _: int) -> str:
    return actor.asks("POST", "/rsvp/decline")


def _rsvp(actor: Actor) -> Any:
    return actor.event.collection("rsvps").document(actor.uid)


_DEEDS: Mapping[Deed, Callable[[Actor, int], str]] = {
    Deed.GOES: _goes,
    Deed.GOES_BY_HTTP: _goes_by_http,
    Deed.MAYBE: _maybe,
    Deed.LEAVES: _leaves,
    Deed.LEAVES_BY_HTTP: _leaves_by_http,
    Deed.DELETES: _deletes,
    Deed.DELETES_BY_HTTP: _deletes_by_http,
    Deed.RESIZES: _resizes,
    Deed.ACCEPTS: _accepts,
    Deed.DECLINES: _declines,
}
