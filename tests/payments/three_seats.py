"""Three seats at 10 euros each: waiting for their money, and paid."""

from dataclasses import replace
from datetime import timedelta

from gather.payments.model import Item, Payment, PaymentStatus
from tests.support.events import NOW

SEATS = 3
PRICE = 1_000
ITEM = Item(
    name="VIP", ticket_type_id="vip", quantity=SEATS, unit_cents=PRICE, discount_cents=0, amount_cents=SEATS * PRICE
)
PENDING = Payment(
    id="p",
    event_id="e",
    uid="ana",
    organization_id="acme",
    registration_id="r",
    items=(ITEM,),
    seats=SEATS,
    amount_cents=SEATS * PRICE,
    currency="EUR",
    livemode=False,
    hold_expires_at=NOW + timedelta(minutes=31),
    created_at=NOW,
)
PAID = replace(PENDING, status=PaymentStatus.SUCCEEDED, captured_cents=SEATS * PRICE)
