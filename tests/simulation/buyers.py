"""What buyers do: order, pay on Stripe's page or do not, come back, give up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from gather.payments.facts import GatewayRefusedError
from tests.simulation.acting import EVENT, OK, Actor
from tests.simulation.deeds import Deed
from tests.simulation.sale import Sale
from tests.simulation.stripe_account import BANK_S, StripeAccount
from tests.simulation.world import Plan

QUANTITIES = (1, 1, 2, 1)
PARTIES = (1, 1, 2, 3)
WAITS_S = (5, 120, 40 * 60, 26 * 3600)
NOTHING_ORDERED = "refused, nothing is ordered"
NOTHING_TO_PAY = "refused, there is nothing to pay"


@dataclass(slots=True)
class Buyer:
    """Somebody who buys, and what they know of their last order."""

    actor: Actor
    sale: Sale
    stripe: StripeAccount
    turns: int = 0
    ordered: Mapping[str, Any] = field(default_factory=dict)

    @property
    def session_id(self) -> str | None:
        """Where they can pay."""
        return self.ordered.get("sessionId")

    @property
    def payment(self) -> str | None:
        """The address of what they have ordered, if it costs something."""
        payment = self.ordered.get("payment")
        return None if payment is None else f"/payments/{payment['id']}"

    def plays(self, plan: Plan) -> Callable[[], None]:
        """The buyer's part: one deed after the other."""

        def part() -> None:
            for turn, (deed, variant) in enumerate(plan.deeds):
                self.turns = turn
                if deed is Deed.WAITS:
                    self.actor.lab.sleep(WAITS_S[variant])
                elif deed is not Deed.NOTHING:
                    self.actor.does(deed, variant, partial(_DEEDS[deed], self, variant))

        return part


def _orders(buyer: Buyer, variant: int) -> str:
    wanted = {"ticketType": kind} if (kind := buyer.sale.wanted(variant)) is not None else {}
    return _order(buyer, "/tickets/purchase", {"quantity": QUANTITIES[variant], **wanted})


def _checks_out(buyer: Buyer, variant: int) -> str:
    wanted = {"ticketType": kind} if (kind := buyer.sale.wanted(variant)) is not None else {}
    return _order(buyer, "/checkout", {"partySize": PARTIES[variant], **wanted})


def _order(buyer: Buyer, path: str, body: Mapping[str, Any]) -> str:
    key = f"{buyer.actor.uid}-{buyer.turns}"  # the same when it is tried again
    answer, content = buyer.actor.requests("POST", f"/{EVENT}{path}", body, key=key)
    if answer == OK:
        buyer.ordered = content
    return answer


def _pays(buyer: Buyer, _: int) -> str:
    return _on_the_page(buyer, buyer.stripe.model.pay)


def _pays_later(buyer: Buyer, variant: int) -> str:
    def begins(session_id: str) -> None:
        buyer.stripe.model.pay_later(session_id)
        buyer.stripe.settles(session_id, after_s=BANK_S[variant], succeeds=variant != 1)

    return _on_the_page(buyer, begins)


def _is_declined(buyer: Buyer, _: int) -> str:
    return _on_the_page(buyer, buyer.stripe.model.decline)


def _on_the_page(buyer: Buyer, act: Callable[[str], None]) -> str:
    if buyer.session_id is None:
        return NOTHING_TO_PAY
    try:
        act(buyer.session_id)
    except GatewayRefusedError as refused:
        return f"refused, {refused.code}"
    finally:
        buyer.stripe.tells()
    return OK


def _returns(buyer: Buyer, _: int) -> str:
    path = buyer.payment
    return NOTHING_ORDERED if path is None else buyer.actor.requests("GET", f"{path}/success")[0]


def _gives_up(buyer: Buyer, _: int) -> str:
    path = buyer.payment
    return NOTHING_ORDERED if path is None else buyer.actor.requests("POST", f"{path}/cancel")[0]


def _returns_tickets(buyer: Buyer, _: int) -> str:
    registration = buyer.ordered.get("registration")
    if registration is None:
        return NOTHING_ORDERED
    return buyer.actor.requests("POST", f"/registrations/{registration['code']}/cancel")[0]


_DEEDS: Mapping[Deed, Callable[[Buyer, int], str]] = {
    Deed.ORDERS: _orders,
    Deed.CHECKS_OUT: _checks_out,
    Deed.PAYS: _pays,
    Deed.PAYS_LATER: _pays_later,
    Deed.IS_DECLINED: _is_declined,
    Deed.RETURNS: _returns,
    Deed.GIVES_UP: _gives_up,
    Deed.RETURNS_TICKETS: _returns_tickets,
}
