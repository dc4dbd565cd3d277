"""Ticket types and pools as every reader sees them: what is for sale, when, to whom, and how many are gone. Pure.

`events/{eventId}/ticketTypes/{typeId}` and `events/{eventId}/pools/{poolId}`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gather.events.fields import FieldReader
from gather.events.model import Event, Fault
from gather.tickets.money import AMOUNT_MAX, step_of

NAME_MAX = 100
DESCRIPTION_MAX = 2_000
ACCESS_CODE_MAX = 100
TYPE_ID_MAX = 128
ORDER_MAX = 50
"""Tickets of one order, whatever the type says."""
ORDER_MAX_DEFAULT = 10
TYPES_MAX = 50
"""Types, and likewise pools, of one event: an order may read all of them."""
IMPLICIT_TYPE_ID = "admission"

CLOSING_FIELDS = frozenset(
    {
        "name",
        "priceCents",
        "currency",
        "totalQuantity",
        "soldCount",
        "heldCount",
        "salesStartAt",
        "salesEndAt",
        "minPerOrder",
        "maxPerOrder",
        "poolId",
        "hidden",
        "accessCode",
        "allowsSeveral",
        "capacity",
        "takenCount",
    }
)
"""Where one of these cannot be read, nothing is sold: any default would sell what nobody meant to sell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketType:
    """What can be bought. Without `total_quantity` only the event and the pool limit how many are sold."""

    id: str
    name: str
    description: str
    price_cents: int
    currency: str
    total_quantity: int | None
    sold_count: int
    held_count: int
    sales_start_at: datetime | None
    sales_end_at: datetime | None
    min_per_order: int
    max_per_order: int
    pool_id: str | None
    hidden: bool
    access_code: str | None
    allows_several: bool
    faults: tuple[Fault, ...] = ()

    @property
    def left(self) -> int | None:
        """Tickets neither sold nor held; None: unlimited."""
        if self.total_quantity is None:
            return None
        return max(0, self.total_quantity - self.sold_count - self.held_count)

    @property
    def is_readable(self) -> bool:
        """Whether nothing that a sale depends on is malformed."""
        return _is_readable(self.faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Seats that several ticket types share: all of them together never take more than `capacity`."""

    id: str
    capacity: int
    taken_count: int
    faults: tuple[Fault, ...] = ()

    @property
    def left(self) -> int:
        """Seats that nobody has taken."""
        return max(0, self.capacity - self.taken_count)

    @property
    def is_readable(self) -> bool:
        """Whether both its numbers could be read."""
        return _is_readable(self.faults)


def parse_ticket_type(type_id: str, data: Mapping[str, Any]) -> TicketType:
    """Any stored data has a reading; what could not be used is named in `faults` and may close the sale."""
    fields = FieldReader(data, deciding=CLOSING_FIELDS)
    name = fields.text("name", NAME_MAX)
    price_cents, currency = fields.whole("priceCents", 0), currency_of(fields)
    for field, value in (("name", name), ("priceCents", price_cents), ("currency", currency)):
        if value is None:
            fields.missing(field)
    if price_cents is not None and currency is not None:
        hold_amount(fields, "priceCents", price_cents, currency)
    least, most = _per_order(fields)
    return TicketType(
        id=type_id,
        name=name or "",
        description=fields.text("description", DESCRIPTION_MAX) or "",
        price_cents=price_cents or 0,
        currency=currency or "",
        total_quantity=fields.whole("totalQuantity", 0),
        sold_count=fields.whole("soldCount", 0) or 0,
        held_count=fields.whole("heldCount", 0) or 0,
        sales_start_at=fields.moment("salesStartAt"),
        sales_end_at=fields.moment("salesEndAt"),
        min_per_order=least,
        max_per_order=most,
        pool_id=fields.document_id("poolId", TYPE_ID_MAX),
        hidden=fields.flag("hidden", default=False, when_malformed=True),
        access_code=fields.text("accessCode", ACCESS_CODE_MAX),
        allows_several=fields.flag("allowsSeveral", default=False),
        faults=tuple(fields.faults),
    )


def parse_pool(pool_id: str, data: Mapping[str, Any]) -> Pool:
    """Any stored data has a reading; a pool whose numbers cannot be read has no seats."""
    fields = FieldReader(data, deciding=CLOSING_FIELDS)
    capacity, taken = fields.whole("capacity", 0), fields.whole("takenCount", 0)
    if capacity is None:
        fields.missing("capacity")
    return Pool(id=pool_id, capacity=capacity or 0, taken_count=taken or 0, faults=tuple(fields.faults))


def implicit_type(event: Event) -> TicketType | None:
    """A paid event without ticket types sells one: admission at the event's price; a free one takes RSVPs instead."""
    if not event.is_paid:
        return None
    faults = [fault for fault in event.faults if fault.field in {"isPaid", "priceCents", "currency"}]
    if event.price_cents is None or event.currency is None:
        faults.append(Fault("priceCents", "or the currency is missing, which a paid event needs"))
    else:
        fields = FieldReader({})
        hold_amount(fields, "priceCents", event.price_cents, event.currency)
        faults += fields.faults
    return TicketType(
        id=IMPLICIT_TYPE_ID,
        name="Admission",
        description="",
        price_cents=event.price_cents or 0,
        currency=event.currency or "",
        total_quantity=None,
        sold_count=0,
        held_count=0,
        sales_start_at=None,
        sales_end_at=None,
        min_per_order=1,
        max_per_order=ORDER_MAX_DEFAULT,
        pool_id=None,
        hidden=False,
        access_code=None,
        allows_several=False,
        faults=tuple(faults),
    )


def find_type(types: Sequence[TicketType], name_or_id: str) -> TicketType | None:
    """A type by its id, else by its name, however it is written: "vip" finds "VIP"."""
    key = name_key(name_or_id)
    by_id = (each for each in types if each.id == name_or_id)
    return next(by_id, next((each for each in types if name_key(each.name) == key), None))


def name_key(name: str) -> str:
    """Names are one when they differ only in case and in blanks."""
    return " ".join(name.split()).casefold()


def currency_of(fields: FieldReader) -> str | None:
    """The field `currency`: three letters, upper case."""
    code = fields.text("currency", 3)
    if code is not None and not (len(code) == 3 and code.isascii() and code.isalpha()):
        fields.fault("currency", "is not a code of three letters")
        return None
    return code.upper() if code else None


def hold_amount(fields: FieldReader, name: str, amount_cents: int, currency: str) -> None:
    """An amount can be charged: not too large, and in whole steps of its currency."""
    if amount_cents > AMOUNT_MAX:
        fields.fault(name, f"is above {AMOUNT_MAX}, the largest amount that can be charged")
    if amount_cents % step_of(currency):
        fields.fault(name, f"is not a multiple of {step_of(currency)}, the smallest amount of {currency}")


def _per_order(fields: FieldReader) -> tuple[int, int]:
    least = fields.whole("minPerOrder", 1) or 1
    most = fields.whole("maxPerOrder", 1) or max(least, ORDER_MAX_DEFAULT)
    if not least <= most <= ORDER_MAX:
        fields.fault("maxPerOrder", f"is below minPerOrder or above {ORDER_MAX}")
    return least, min(most, ORDER_MAX)


def _is_readable(faults: Sequence[Fault]) -> bool:
    return all(fault.field not in CLOSING_FIELDS for fault in faults)
