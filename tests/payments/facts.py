"""A payment of 50 dollars, its refunds, and facts about them as Stripe might tell."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from gather.payments.facts import IntentFacts, RefundFacts, SessionFacts
from gather.payments.fold import Facts, fold_all
from gather.payments.model import Item, Payment, Refund

NOW = datetime(2030, 5, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
PRICE = 5000
SESSION, INTENT, CHARGE = "cs_1", "pi_1", "ch_1"


def payment(**fields: Any) -> Payment:
    item = Item(name="Adult", ticket_type_id="adult", quantity=2, unit_cents=2500, discount_cents=0, amount_cents=PRICE)
    whole = Payment(
        id="p1",
        event_id="e",
        uid="ana",
        organization_id="acme",
        registration_id="r1",
        items=(item,),
        seats=2,
        amount_cents=PRICE,
        currency="usd",
        livemode=False,
        hold_expires_at=NOW + timedelta(minutes=31),
        created_at=NOW,
    )
    return replace(whole, **fields)


def session(status: Any = "open", payment_status: Any = "unpaid", **fields: Any) -> SessionFacts:
    known = SessionFacts(
        id=SESSION,
        status=status,
        payment_status=payment_status,
        payment_intent_id=INTENT if status == "complete" else None,
        expires_at=NOW + timedelta(minutes=31),
        livemode=False,
        payment_id="p1",
        amount_cents=PRICE,
        currency="usd",
    )
    return replace(known, **fields)


def intent(status: str = "succeeded", received_cents: int = PRICE, *refunds: RefundFacts, **fields: Any) -> IntentFacts:
    known = IntentFacts(
        id=INTENT,
        status=status,
        amount_cents=PRICE,
        received_cents=received_cents,
        currency="usd",
        charge_id=CHARGE if received_cents else None,
        refunds=refunds,
        livemode=False,
        payment_id="p1",
    )
    return replace(known, **fields)


def given_back(cents: int, status: str = "succeeded", stripe_id: str = "re_1", ours: str | None = None) -> RefundFacts:
    return RefundFacts(id=stripe_id, amount_cents=cents, status=status, refund_id=ours, payment_intent_id=INTENT)


def refund(refund_id: str = "r1", cents: int = 1000, **fields: Any) -> Refund:
    known = Refund(
        id=refund_id,
        payment_id="p1",
        amount_cents=cents,
        reason="requested_by_customer",
        requested_by="olga",
        created_at=NOW,
    )
    return replace(known, **fields)


def folded(*facts: Facts, of: Payment | None = None, refunds: dict[str, Refund] | None = None) -> Payment:
    """The payment after all of these, one after the other."""
    found, known = of or payment(), refunds or {}
    for fact in facts:
        found, known = fold_all(found, known, fact, now=LATER)
    return found
