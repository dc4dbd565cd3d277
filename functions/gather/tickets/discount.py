"""Discount codes: what an order costs less by, until when, how often. Pure.

`discountCodes/{eventId}:{CODE}`: the id is made of the code, so a code is unique per event and found by one read.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gather.events.fields import FieldReader
from gather.events.model import Fault
from gather.tickets.model import TYPE_ID_MAX, TicketType, currency_of, hold_amount
from gather.tickets.money import percent_of, step_of

CODE = re.compile(r"[A-Z0-9][A-Z0-9_-]{1,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscountCode:
    """A percentage or an amount off an order; without `ticket_type_id` off any of the event's types."""

    id: str
    code: str
    percent: int | None
    amount_cents: int | None
    currency: str | None
    ticket_type_id: str | None
    valid_from: datetime | None
    valid_until: datetime | None
    uses_max: int | None
    uses_count: int
    event_created_at: datetime | None = None
    """Whose it is: an event deleted and created again under the same id does not inherit its predecessor's codes."""
    faults: tuple[Fault, ...] = ()


def parse_discount(discount_id: str, data: Mapping[str, Any]) -> DiscountCode:
    """Any stored data has a reading; a code with faults is good for nothing."""
    fields = FieldReader(data, deciding=data.keys())
    percent, amount_cents = fields.whole("percent", 1), fields.whole("amountCents", 1)
    currency = currency_of(fields)
    if percent is not None and percent > 100:
        fields.fault("percent", "is above 100")
    if (percent is None) == (amount_cents is None):
        fields.fault("percent", "and amountCents are both there or both missing")
    if amount_cents is not None and currency is None:
        fields.missing("currency")
    if amount_cents is not None and currency is not None:
        hold_amount(fields, "amountCents", amount_cents, currency)
    code = fields.text("code", 40) or ""
    if normalised(code) != code:
        fields.fault("code", "is not 2 to 40 capital letters, digits, - and _")
    return DiscountCode(
        id=discount_id,
        code=code,
        percent=percent,
        amount_cents=amount_cents,
        currency=currency,
        ticket_type_id=fields.document_id("ticketTypeId", TYPE_ID_MAX),
        valid_from=fields.moment("validFrom"),
        valid_until=fields.moment("validUntil"),
        uses_max=fields.whole("usesMax", 1),
        uses_count=fields.whole("usesCount", 0) or 0,
        event_created_at=created_at if isinstance(created_at := data.get("eventCreatedAt"), datetime) else None,
        faults=tuple(fields.faults),
    )


def discount_id(event_id: str, code: str) -> str | None:
    """The document that holds a code, however it was typed; None for what can be no code."""
    found = normalised(code)
    return None if found is None else f"{event_id}:{found}"


def normalised(code: str) -> str | None:
    """A code as it is kept: without blanks around it, in capitals."""
    kept = code.strip().upper()
    return kept if CODE.fullmatch(kept) else None


def problem_of(discount: DiscountCode, ticket_type: TicketType, *, now: datetime) -> str | None:
    """Say why a code is not good for an order of this type now, None where it is; at its end it has expired."""
    problems = (
        (bool(discount.faults), "this code cannot be used"),
        (discount.ticket_type_id not in {None, ticket_type.id}, "this code is not for these tickets"),
        (discount.currency not in {None, ticket_type.currency}, "this code is for another currency"),
        (discount.valid_from is not None and now < discount.valid_from, "this code is not valid yet"),
        (discount.valid_until is not None and now >= discount.valid_until, "this code has expired"),
        (discount.uses_max is not None and discount.uses_count >= discount.uses_max, "this code has been used up"),
    )
    return next((message for is_so, message in problems if is_so), None)


def discount_of(discount: DiscountCode, total_cents: int, currency: str) -> int:
    """What the whole order costs less by: never more than it costs.

    A percentage is taken of the order, not of each ticket, and rounded half up to what the currency can charge.
    """
    if discount.percent is not None:
        return percent_of(total_cents, discount.percent, step=step_of(currency))
    return min(discount.amount_cents or 0, total_cents)
