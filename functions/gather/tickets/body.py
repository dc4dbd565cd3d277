"""Ticket types, pools and discount codes as HTTP clients send them; every fault at once. Pure.

As with events, what a field may hold is not said again here: what would be stored is read as every stored document
is, and whatever that reading would replace is refused.
"""

from collections.abc import Mapping
from typing import Any

from gather.events.body import Detail, read_moment
from gather.events.model import Fault
from gather.tickets.discount import parse_discount
from gather.tickets.model import parse_pool, parse_ticket_type

TYPE_FIELDS = (
    "name", "description", "priceCents", "currency", "totalQuantity", "salesStartAt", "salesEndAt", "minPerOrder",
    "maxPerOrder", "poolId", "hidden", "accessCode", "allowsSeveral",
)  # fmt: skip
"""What organizers write of a ticket type; soldCount and heldCount are the functions'."""
POOL_FIELDS = ("capacity",)
DISCOUNT_FIELDS = ("percent", "amountCents", "currency", "ticketTypeId", "validFrom", "validUntil", "usesMax")
MOMENTS = frozenset({"salesStartAt", "salesEndAt", "validFrom", "validUntil"})


def fields_of(body: object, names: tuple[str, ...]) -> tuple[dict[str, Any], list[Detail]]:
    """Return the fields sent, with their stored types; None says to remove one."""
    if not isinstance(body, Mapping):
        return {}, [{"field": "", "problem": "is not an object"}]
    details: list[Detail] = []
    fields: dict[str, Any] = {}
    for name, value in body.items():
        if name not in names:
            details.append({"field": str(name), "problem": f"is none of {', '.join(names)}"})
        else:
            fields[name] = read_moment(name, value, details) if name in MOMENTS and value is not None else value
    return fields, details


def type_faults(document: Mapping[str, Any]) -> list[Detail]:
    """Name everything in a ticket type that a reader would replace, and times that leave no time to buy."""
    ticket_type = parse_ticket_type("new", document)
    details = _details(ticket_type.faults)
    starts, ends = ticket_type.sales_start_at, ticket_type.sales_end_at
    if starts is not None and ends is not None and ends <= starts:
        details.append({"field": "salesEndAt", "problem": "is not after salesStartAt"})
    return details


def pool_faults(document: Mapping[str, Any]) -> list[Detail]:
    """Name everything in a pool that a reader would replace."""
    return _details(parse_pool("new", document).faults)


def discount_faults(document: Mapping[str, Any]) -> list[Detail]:
    """Name everything in a discount code that a reader would replace, and times that leave no time to use it."""
    discount = parse_discount("new", document)
    details = _details(discount.faults)
    begins, ends = discount.valid_from, discount.valid_until
    if begins is not None and ends is not None and ends <= begins:
        details.append({"field": "validUntil", "problem": "is not after validFrom"})
    return details


def _details(faults: tuple[Fault, ...]) -> list[Detail]:
    return [{"field": fault.field, "problem": fault.problem} for fault in faults]
