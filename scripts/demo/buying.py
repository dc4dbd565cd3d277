"""Buying in the story: orders over HTTP, what their buyers do on the pay page, and what must come of them."""

from typing import Any

import httpx

from demo.steps import Act, Fact
from demo.world import World


def founds_club(world: World) -> None:
    """An organization that may sell, as whoever runs the site has set it up; ana organizes for it."""
    club = {"name": "Gather Club", "tier": "pro", "billing": {"legalName": "Gather Club e.V."}}
    world.owner.document("organizations/club").set(club)
    world.owner.document("organizations/club/members/ana").set({"role": "organizer"})


def orders(event: str, **order: Any) -> Act:
    """Seats are held, and a pay page waits for this buyer."""

    def act(world: World, who: str) -> httpx.Response:
        response = world.http(who, "POST", f"/events/{event}/tickets/purchase", json=order)
        if response.is_success:
            world.orders[who] = response.json()
        return response

    return act


def pays(**how: Any) -> Act:
    """The buyer visits the pay page of what they ordered last."""

    def act(world: World, who: str) -> str:
        done = world.at_stripe("pay", world.orders[who]["sessionId"], **how)["done"]
        return str(done["message"] or done["status"])

    return act


def waits_for_the_bank(*, of: str) -> Act:
    """The delayed payment's money comes."""

    def act(world: World, _: str) -> None:
        world.at_stripe("settle", world.orders[of]["sessionId"])

    return act


def refunds(of: str, **body: Any) -> Act:
    """The organizer gives money back."""

    def act(world: World, who: str) -> httpx.Response:
        return world.http(who, "POST", f"/payments/{_payment_id(world, of)}/refunds", json=body)

    return act


def fetches_receipt(of: str) -> Act:
    """Somebody asks for the receipt of what another, or they themselves, have paid."""
    return lambda world, who: world.http(who, "GET", f"/payments/{_payment_id(world, of)}/receipt")


def payment(of: str, *, status: str, refunded: int = 0) -> Fact:
    """What became of the money."""

    def look(world: World) -> str:
        stored = world.stored(f"payments/{_payment_id(world, of)}") or {}
        return f"{stored.get('status')}, {stored.get('refundedCents', 0)} given back"

    return Fact(f"{of}'s payment", look, f"{status}, {refunded} given back")


def tickets(of: str, *, valid: int, void: int = 0) -> Fact:
    """The tickets that somebody has."""

    def look(world: World) -> str:
        found = [ticket.to_dict() or {} for ticket in world.owner.collection("tickets").stream()]
        states = [ticket["status"] for ticket in found if ticket["uid"] == of]
        return f"{states.count('valid')} valid, {states.count('void')} void"

    return Fact(f"{of}'s tickets", look, f"{valid} valid, {void} void")


def _payment_id(world: World, of: str) -> str:
    return str(world.orders[of]["payment"]["id"])
