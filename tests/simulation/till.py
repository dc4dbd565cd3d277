"""What somebody of the organizer's does about money: gives it back, by us or in Stripe's dashboard."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from gather.payments.facts import GatewayRefusedError
from tests.simulation.acting import OK, Actor
from tests.simulation.deeds import Deed
from tests.simulation.stripe_account import StripeAccount
from tests.simulation.world import Plan

WAITS_S = (60, 600, 3 * 3600, 30 * 3600)
LOOKS_AGAIN_S = (1, 1, 3, 10, 60, 3600, 30 * 3600)
PARTS = (100, 300, 500, 5_000)
NOTHING_PAID = "refused, nothing is paid"


@dataclass(frozen=True, slots=True)
class Till:
    """Who refunds, and the account that the money comes from."""

    actor: Actor
    stripe: StripeAccount

    def plays(self, plan: Plan) -> Callable[[], None]:
        """Their part: one deed after the other."""

        def part() -> None:
            for turn, (deed, variant) in enumerate(plan.deeds):
                if deed is Deed.WAITS:
                    self.actor.lab.sleep(WAITS_S[variant])
                elif deed is not Deed.NOTHING:
                    self._waits_for_money()
                    self.actor.does(deed, variant, partial(_DEEDS[deed], self, variant, turn))

        return part

    def _waits_for_money(self) -> None:
        for seconds in LOOKS_AGAIN_S:
            if self.paid(0) is not None:
                return
            self.actor.lab.sleep(seconds)

    def paid(self, variant: int) -> tuple[str, Mapping[str, Any]] | None:
        """One of the payments that have money, as the organizer's list shows them."""
        payments = self.actor.lab.stored_in("payments")
        found = [(name, payment) for name, payment in payments.items() if payment["capturedCents"]]
        return found[variant % len(found)] if found else None

    def refunds(self, variant: int, turn: int, body: Callable[[str, Mapping[str, Any]], Mapping[str, Any]]) -> str:
        """Ask for a refund of one of them; `body` says of how much."""
        found = self.paid(variant)
        if found is None:
            return NOTHING_PAID
        asked = body(*found)
        return self.actor.requests("POST", f"/payments/{found[0]}/refunds", asked, key=f"refund-{turn}")[0]


def _refunds(till: Till, variant: int, turn: int) -> str:
    return till.refunds(variant, turn, lambda _name, _payment: {})


def _refunds_part(till: Till, variant: int, turn: int) -> str:
    return till.refunds(variant, turn, lambda _name, _payment: {"amountCents": PARTS[variant]})


def _refunds_ticket(till: Till, variant: int, turn: int) -> str:
    def body(name: str, payment: Mapping[str, Any]) -> Mapping[str, Any]:
        ticket = f"{payment.get('registrationId', name)}-{1 + variant // 2 % payment['seats']}"
        return {"amountCents": payment["amountCents"] // payment["seats"], "ticketIds": [ticket]}

    return till.refunds(variant, turn, body)


def _refunds_at_stripe(till: Till, variant: int, _turn: int) -> str:
    model = till.stripe.model
    paid = [intent for intent in model.intents.values() if intent.received_cents]
    if not paid:
        return NOTHING_PAID
    try:
        model.refund_in_dashboard(paid[variant % len(paid)].id, PARTS[variant])
    except GatewayRefusedError as refused:
        return f"refused, {refused.code}"
    till.stripe.tells()
    return OK


_DEEDS: Mapping[Deed, Callable[[Till, int, int], str]] = {
    Deed.REFUNDS: _refunds,
    Deed.REFUNDS_PART: _refunds_part,
    Deed.REFUNDS_TICKET: _refunds_ticket,
    Deed.REFUNDS_AT_STRIPE: _refunds_at_stripe,
}
