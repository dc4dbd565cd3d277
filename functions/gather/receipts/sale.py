"""What papers are made of: the sale as the payment saw it, and what was given back of it since. Values only."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who sells or buys, as it stands on a paper; `address` is lines from top to bottom."""

    name: str
    address: tuple[str, ...] = ()
    vat_id: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One position: `discount_cents` is taken off all of it. Amounts are minor units and include VAT."""

    description: str
    quantity: int
    unit_cents: int
    discount_cents: int = 0

    @property
    def amount_cents(self) -> int:
        """What the position comes to."""
        return self.quantity * self.unit_cents - self.discount_cents


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """A captured payment. Its lines sum up to what was captured; no organization means no invoice.

    `admitted` is false where money came for seats that were gone: there is a receipt, and a refund, but no seat to
    confirm.
    """

    payment_id: str
    event_id: str | None
    event_title: str
    event_start_at: datetime | None
    timezone: str | None
    """The event's: papers say the day on which it begins there."""
    uid: str
    organization_id: str | None
    registration_id: str | None
    buyer: Party
    currency: str
    lines: tuple[Line, ...]
    paid_at: datetime
    admitted: bool

    def __post_init__(self) -> None:
        if self.amount_cents <= 0 or any(line.amount_cents < 0 for line in self.lines):
            raise ValueError(f"payment {self.payment_id}: papers are for money paid, not for {self.amount_cents}")

    @property
    def amount_cents(self) -> int:
        """What was paid, VAT included."""
        return sum(line.amount_cents for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refunded:
    """Money that has gone back: a refund that has succeeded."""

    id: str
    amount_cents: int
    reason: str | None
    at: datetime
