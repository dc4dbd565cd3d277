"""What ana has paid for, and what is given back of it."""

from typing import Any

from gather.payments.refunds import Wanted
from gather.runtime import Runtime
from tests.support.stored import stored

PAYMENT = "payments/paymentana"
TICKET = "registration-paymentana-{}"


def refunds_of(found: Runtime) -> list[dict[str, Any]]:
    return [each.to_dict() for each in found.firestore.collection(f"{PAYMENT}/refunds").stream()]


def tickets_of(found: Runtime, quantity: int) -> list[str]:
    return [stored(found, f"tickets/{TICKET.format(number)}")["status"] for number in range(1, quantity + 1)]


def wanted(amount_cents: int | None = None, refund_id: str = "r1", **fields: Any) -> Wanted:
    asked: dict[str, Any] = {"reason": "ill", "ticket_ids": (), "requested_by": "olga"} | fields
    return Wanted(refund_id=refund_id, amount_cents=amount_cents, **asked)
