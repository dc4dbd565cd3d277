"""An order and what it comes to: one law for every way to buy. Pure.

Whoever sells reads the event, its types, pools and the discount code in a transaction and asks `quote`; prices come
from there, never from the buyer.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gather.events.model import Event, is_past
from gather.tickets.attendee import Attendee
from gather.tickets.discount import DiscountCode, discount_of, problem_of
from gather.tickets.model import Pool, TicketType, find_type, implicit_type
from gather.tickets.money import AMOUNT_MAX, shared_out, step_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a buyer asks for; `ticket_type` is a name or an id, None where the event sells only one."""

    ticket_type: str | None = None
    quantity: int
    attendees: tuple[Attendee, ...] = ()
    access_code: str | None = None
    discount_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Tickets charged at one price, any discount taken off already."""

    ticket_type_id: str
    name: str
    quantity: int
    unit_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What an order comes to: `unit_cents` is the type's price; `items` are what is charged and make up the amount."""

    ticket_type: TicketType
    quantity: int
    unit_cents: int
    discount_cents: int
    amount_cents: int
    currency: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why nothing is sold: `code` is one of the client's error codes."""

    code: str
    message: str


def quote(
    order: Order,
    event: Event,
    types: Sequence[TicketType],
    pools: Mapping[str, Pool],
    discount: DiscountCode | None,
    *,
    now: datetime,
    own_seats: int = 0,
) -> Quote | Refusal:
    """Sell what is for sale to who may buy it, as long as type, pool and event all have room for the whole order.

    `types` and `pools` are the event's, `discount` what is stored under the order's code. `own_seats` are seats of the
    event that the buyer holds already and that this order would take over, such as an offer's.
    """
    found = _type_of(order, types, event)
    if isinstance(found, Refusal):
        return found
    refusal = (
        _not_on_sale(found, event, pools, now)
        or _wrong_quantity(order, found)
        or _no_room(order.quantity, found, event, pools, own_seats)
        or _bad_discount(order, found, discount, now)
    )
    return refusal or _priced(order.quantity, found, discount if order.discount_code is not None else None)


def is_admitted(ticket_type: TicketType, access_code: str | None) -> bool:
    """A type with an access code is sold to who knows it, a hidden one without a code to nobody.

    Compared in constant time, so that answers do not tell how much of a guess was right.
    """
    if ticket_type.access_code is None:
        return not ticket_type.hidden
    offered = (access_code or "").strip().encode(errors="replace")
    return hmac.compare_digest(offered, ticket_type.access_code.encode(errors="replace"))


def _type_of(order: Order, types: Sequence[TicketType], event: Event) -> TicketType | Refusal:
    implicit = None if types else implicit_type(event)
    offered = types if implicit is None else (implicit,)
    if order.ticket_type is not None:
        found = find_type(offered, order.ticket_type)
    else:
        listed = [each for each in offered if is_admitted(each, order.access_code)]
        if len(listed) > 1:
            return Refusal(code="invalid_ticket_type", message="say which ticket type: the event sells several")
        found = listed[0] if listed else None
    if found is None or (found.hidden and not is_admitted(found, order.access_code)):
        return Refusal(code="invalid_ticket_type", message="the event sells no such ticket")
    if not is_admitted(found, order.access_code):
        return Refusal(code="invalid_code", message="these tickets need an access code, and this is not it")
    return found


def _not_on_sale(ticket_type: TicketType, event: Event, pools: Mapping[str, Pool], now: datetime) -> Refusal | None:
    if event.canceled:
        return Refusal(code="event_canceled", message="the event is canceled")
    if is_past(event, now):
        return Refusal(code="event_past", message="the event is over")
    if ticket_type.sales_start_at is not None and now < ticket_type.sales_start_at:
        return Refusal(code="sales_closed", message="the sale has not begun yet")
    if ticket_type.sales_end_at is not None and now >= ticket_type.sales_end_at:
        return Refusal(code="sales_closed", message="the sale is over")
    pool = None if ticket_type.pool_id is None else pools.get(ticket_type.pool_id)
    lacks_pool = ticket_type.pool_id is not None and (pool is None or not pool.is_readable)
    is_limitless = any(fault.field == "maxAttendees" for fault in event.faults)
    if lacks_pool or is_limitless or not ticket_type.is_readable:
        return Refusal(code="sales_closed", message="these tickets are not set up to be sold; tell the organizer")
    return None


def _wrong_quantity(order: Order, ticket_type: TicketType) -> Refusal | None:
    least, most = ticket_type.min_per_order, ticket_type.max_per_order
    if not least <= order.quantity <= most:
        return Refusal(code="invalid_quantity", message=f"an order is of {least} to {most} of these tickets")
    if len(order.attendees) > order.quantity:
        return Refusal(code="invalid_quantity", message="more attendees are named than tickets ordered")
    if ticket_type.price_cents * order.quantity > AMOUNT_MAX:
        return Refusal(code="invalid_quantity", message="the order is too large for one payment; buy fewer at once")
    return None


def _no_room(
    quantity: int, ticket_type: TicketType, event: Event, pools: Mapping[str, Pool], own_seats: int
) -> Refusal | None:
    if ticket_type.left is not None and quantity > ticket_type.left:
        return Refusal(code="sold_out", message=f"{ticket_type.left} of these tickets are left")
    if ticket_type.pool_id is not None and quantity > (left := pools[ticket_type.pool_id].left):
        return Refusal(code="capacity_exceeded", message=f"{left} seats are left where these tickets admit to")
    if event.max_attendees is not None:
        left = max(0, event.max_attendees - event.attending_count + own_seats)
        if quantity > left:
            return Refusal(code="sold_out", message=f"{left} seats are left at the event")
    return None


def _bad_discount(
    order: Order, ticket_type: TicketType, discount: DiscountCode | None, now: datetime
) -> Refusal | None:
    if order.discount_code is None:
        return None
    problem = "there is no such code" if discount is None else problem_of(discount, ticket_type, now=now)
    return None if problem is None else Refusal(code="invalid_code", message=problem)


def _priced(quantity: int, ticket_type: TicketType, discount: DiscountCode | None) -> Quote:
    currency, total_cents = ticket_type.currency, ticket_type.price_cents * quantity
    discount_cents = 0 if discount is None else discount_of(discount, total_cents, currency)
    amount_cents = total_cents - discount_cents
    shares = shared_out(amount_cents, quantity, step=step_of(currency))
    return Quote(
        ticket_type=ticket_type,
        quantity=quantity,
        unit_cents=ticket_type.price_cents,
        discount_cents=discount_cents,
        amount_cents=amount_cents,
        currency=currency,
        items=tuple(
            Item(ticket_type_id=ticket_type.id, name=ticket_type.name, quantity=many, unit_cents=each)
            for many, each in shares
        ),
    )
