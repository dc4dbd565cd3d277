"""Ticket types, pools and orders for tests, as organizers would have set them up and buyers would ask."""

from datetime import UTC, datetime, timedelta
from typing import Any

from gather.events.model import Event, parse_event
from gather.tickets.discount import DiscountCode, parse_discount
from gather.tickets.model import Pool, TicketType, parse_pool, parse_ticket_type

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
"""When the orders of pure tests are placed."""


def type_document(**fields: Any) -> dict[str, Any]:
    """A ticket type at 25.00 EUR, nothing sold yet."""
    return {"name": "VIP", "priceCents": 2_500, "currency": "EUR", "soldCount": 0, "heldCount": 0} | fields


def discount_document(**fields: Any) -> dict[str, Any]:
    """A code, SAVE, that says what it takes off by its fields."""
    return {"code": "SAVE", "usesCount": 0} | fields


def ticket_type(type_id: str = "t", **fields: Any) -> TicketType:
    return parse_ticket_type(type_id, type_document(**fields))


def pool(pool_id: str = "hall", **fields: Any) -> Pool:
    return parse_pool(pool_id, {"capacity": 100, "takenCount": 0} | fields)


def discount_code(**fields: Any) -> DiscountCode:
    return parse_discount("e:SAVE", discount_document(**fields))


def event_to_come(**fields: Any) -> Event:
    """An event two days after noon."""
    start = NOON + timedelta(days=2)
    document = {"title": "Concert", "startAt": start, "visibility": "public", "createdBy": "cleo"}
    return parse_event("e", document | fields)
