"""Sales for tests of papers: what a fulfilled payment hands to them."""

from datetime import UTC, datetime
from typing import Any

from gather.receipts.sale import Line, Party, Refunded, Sale

PAID_AT = datetime(2026, 5, 7, 18, 30, tzinfo=UTC)
BUYER = Party(name="Ana Example", email="ana@example.org")
ORGANIZATION = {
    "name": "Acme",
    "tier": "pro",
    "billing": {
        "legalName": "Acme Events GmbH",
        "address": ["Beispielstraße 1", "10115 Berlin", "Germany"],
        "vatId": "DE123456789",
        "vatRateBasisPoints": 1900,
        "email": "billing@example.org",
    },
}


def sale(payment_id: str = "a1b2c3d4e5f6g7h8i9j0", **fields: Any) -> Sale:
    """Two tickets of 59.50 EUR for the Spring Concert, sold by `acme` to `ana`."""
    values: dict[str, Any] = {
        "payment_id": payment_id,
        "event_id": "concert",
        "event_title": "Spring Concert",
        "event_start_at": datetime(2026, 6, 1, 18, 0, tzinfo=UTC),
        "timezone": "Europe/Berlin",
        "uid": "ana",
        "organization_id": "acme",
        "registration_id": "r1",
        "buyer": BUYER,
        "currency": "EUR",
        "lines": (Line(description="Spring Concert: Standard", quantity=2, unit_cents=5950),),
        "paid_at": PAID_AT,
        "admitted": True,
    }
    return Sale(**values | fields)


def refunded(refund_id: str, amount_cents: int, at: datetime = PAID_AT) -> Refunded:
    """A refund that has succeeded."""
    return Refunded(id=refund_id, amount_cents=amount_cents, reason="requested_by_customer", at=at)
