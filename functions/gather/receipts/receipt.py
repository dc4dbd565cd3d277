"""Receipts: the one paper that every captured payment has, numbered without a counter. Pure.

A receipt never changes, except that its reference to an event becomes null when that event is deleted.
"""

import re
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from gather.receipts.sale import Line, Party, Sale

NUMBER = re.compile(r"RCP-\d{4}-\d{4}-[A-Z0-9]{8}")
_SUFFIX_LENGTH = 8
_UNUSABLE = re.compile("[^A-Z0-9]")


def receipt_numbers(payment_id: str, at: datetime) -> tuple[str, ...]:
    """A receipt is numbered `RCP-YYYY-MMDD-XXXXXXXX` by its day in UTC and the first 8 characters of the payment.

    The others are for the day on which two payments begin alike: the next 8 characters, as far as they reach.
    """
    letters = _UNUSABLE.sub("", payment_id.upper())
    suffixes = [letters[start : start + _SUFFIX_LENGTH] for start in range(0, len(letters), _SUFFIX_LENGTH)]
    day = at.astimezone(UTC)
    numbers = tuple(f"RCP-{day.year:04}-{day:%m%d}-{suffix}" for suffix in suffixes if len(suffix) == _SUFFIX_LENGTH)
    if not numbers:
        raise ValueError(f"payment {payment_id!r} has no {_SUFFIX_LENGTH} letters or digits to number a receipt by")
    return numbers


def free_number(payment_id: str, at: datetime, taken: Collection[str]) -> str:
    """Return the first number that no other payment has; the last one where all are taken, and creating it fails."""
    numbers = receipt_numbers(payment_id, at)
    return next((number for number in numbers if number not in taken), numbers[-1])


def receipt_document(number: str, sale: Sale, seller: Party, *, invoice_id: str | None, at: datetime) -> dict[str, Any]:
    """Return the receipt as it is stored, for ever."""
    return {
        "number": number,
        "paymentId": sale.payment_id,
        "eventId": sale.event_id,
        "eventTitle": sale.event_title,
        "eventStartAt": sale.event_start_at,
        "timezone": sale.timezone,
        "uid": sale.uid,
        "organizationId": sale.organization_id,
        "registrationId": sale.registration_id,
        "invoiceId": invoice_id,
        "seller": party_map(seller),
        "buyer": party_map(sale.buyer),
        "currency": sale.currency,
        "lines": [line_map(line) for line in sale.lines],
        "amountCents": sale.amount_cents,
        "paidAt": sale.paid_at,
        "issuedAt": at,
        "admitted": sale.admitted,
    }


def party_map(party: Party) -> dict[str, Any]:
    """Return who sells or buys, as papers store it."""
    return {"name": party.name, "address": list(party.address), "vatId": party.vat_id, "email": party.email}


def line_map(line: Line) -> dict[str, Any]:
    """Return a position as papers store it."""
    return {
        "description": line.description,
        "quantity": line.quantity,
        "unitCents": line.unit_cents,
        "discountCents": line.discount_cents,
        "amountCents": line.amount_cents,
    }
