"""Ticket types, pools, discount codes, registrations and tickets in Firestore, mostly as a transaction reads them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from google.cloud.firestore_v1.base_query import FieldFilter

from gather.events.fields import is_document_id
from gather.tickets.discount import DiscountCode, discount_id, parse_discount
from gather.tickets.model import TYPES_MAX, Pool, TicketType, find_type, parse_pool, parse_ticket_type
from gather.tickets.order import Order
from gather.tickets.registration import (
    Registration,
    heard,
    parse_registration,
)
from gather.tickets.ticket import Ticket, TicketStatus, parse_ticket, ticket_id
from gather.transactions import read, read_all, read_query

DISCOUNTS_MAX = 500
"""Discount codes of one event that are listed."""
REVOCATIONS_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """What is stored about what an order asks for: enough of the event's types and pools to `quote` it.

    `documents` are their snapshots by path, there or not.
    """

    types: tuple[TicketType, ...]
    pools: Mapping[str, Pool]
    discount: DiscountCode | None
    documents: Mapping[str, Any]


def read_sale(
    transaction: Any, client: Any, event_id: str, order: Order, *, event_created_at: datetime | None = None
) -> Sale:
    """Read what an order depends on: one type where it is named by its id, else all; its pool; its discount code.

    A code that belongs to an event of the same id, but of another time of creation, is none of this event's.
    """
    code = None if order.discount_code is None else discount_id(event_id, order.discount_code)
    discount = read_discount(transaction, client, code)
    if discount is not None and discount.event_created_at not in {None, event_created_at}:
        discount = None
    kinds = _named_type(transaction, client, event_id, order) or read_query(transaction, types_of(client, event_id))
    types = tuple(parse_ticket_type(each.id, each.to_dict()) for each in kinds)
    wanted = None if order.ticket_type is None else find_type(types, order.ticket_type)
    pool_ids = {each.pool_id for each in ([wanted] if wanted else types) if each.pool_id is not None}
    found = read_all(transaction, [pool_ref(client, event_id, pool_id) for pool_id in sorted(pool_ids)])
    pools = {each.id: parse_pool(each.id, each.to_dict()) for each in found if each.exists}
    documents = {each.reference.path: each for each in [*kinds, *found]}
    return Sale(types=types, pools=pools, discount=discount, documents=documents)


def read_types(transaction: Any, client: Any, event_id: str) -> tuple[TicketType, ...]:
    """Read all ticket types of an event."""
    page = read_query(transaction, types_of(client, event_id))
    return tuple(parse_ticket_type(each.id, each.to_dict()) for each in page)


def read_discount(transaction: Any, client: Any, name: str | None) -> DiscountCode | None:
    """Read a discount code by its id; None where there is none."""
    if name is None or not is_document_id(name):
        return None
    found = read(transaction, client.document("discountCodes", name))
    return parse_discount(found.id, found.to_dict()) if found.exists else None


def count_use(transaction: Any, client: Any, discount: DiscountCode | None, by: int) -> None:
    """Count a code used once more, or once less where an order came to nothing; it was read in this transaction."""
    if discount is not None:
        uses = max(0, discount.uses_count + by)
        transaction.update(client.document("discountCodes", discount.id), {"usesCount": uses})


def tickets_of(transaction: Any, client: Any, purchase_id: str, quantity: int) -> tuple[Ticket, ...]:
    """Read the tickets of a purchase, by their names; those not issued are left out."""
    refs = [ticket_ref(client, ticket_id(purchase_id, number)) for number in range(1, quantity + 1)]
    return tuple(ticket for each in read_all(transaction, refs) if (ticket := ticket_in(each)) is not None)


def load_registration(client: Any, text: str) -> Registration | None:
    """One read; None for what is no code, and for a code that nobody has."""
    code = heard(text)
    return None if code is None else registration_in(registration_ref(client, code).get())


def load_ticket(client: Any, name: str) -> Ticket | None:
    """One read; None for a missing ticket and for an id that no ticket can have."""
    return ticket_in(ticket_ref(client, name).get()) if is_document_id(name) else None


def revocations_page(client: Any, event_id: str, after: tuple[Any, str] | None) -> tuple[list[Any], bool]:
    """The next tickets revoked at an event after a place in the list, and whether these are the last ones."""
    query = revocations_of(client, event_id)
    if after is not None:
        moment, name = after
        query = query.start_after({"voidedAt": moment, "__name__": ticket_ref(client, name)})
    page = list(query.select(["voidedAt"]).limit(REVOCATIONS_PAGE).stream())
    return page, len(page) < REVOCATIONS_PAGE


def registration_in(snapshot: Any) -> Registration | None:
    """The registration in a snapshot; None where there is none."""
    return parse_registration(snapshot.id, snapshot.to_dict()) if snapshot.exists else None


def ticket_in(snapshot: Any) -> Ticket | None:
    """The ticket in a snapshot; None where there is none."""
    return parse_ticket(snapshot.id, snapshot.to_dict()) if snapshot.exists else None


def type_ref(client: Any, event_id: str, type_id: str) -> Any:
    """Where a ticket type is kept."""
    return client.document("events", event_id, "ticketTypes", type_id)


def pool_ref(client: Any, event_id: str, pool_id: str) -> Any:
    """Where a pool is kept."""
    return client.document("events", event_id, "pools", pool_id)


def registration_ref(client: Any, code: str) -> Any:
    """Where a registration is kept."""
    return client.document("registrations", code)


def ticket_ref(client: Any, name: str) -> Any:
    """Where a ticket is kept."""
    return client.document("tickets", name)


def discount_ref(client: Any, event_id: str, code: str) -> Any | None:
    """Where an event's discount code is kept, however it was typed; None for what can be no code."""
    name = discount_id(event_id, code)
    return client.document("discountCodes", name) if name is not None and is_document_id(name) else None


def types_of(client: Any, event_id: str) -> Any:
    """An event's ticket types."""
    return client.collection("events", event_id, "ticketTypes").limit(TYPES_MAX)


def pools_of(client: Any, event_id: str) -> Any:
    """An event's pools."""
    return client.collection("events", event_id, "pools").limit(TYPES_MAX)


def discounts_of(client: Any, event_id: str) -> Any:
    """An event's discount codes."""
    mine = client.collection("discountCodes").where(filter=FieldFilter("eventId", "==", event_id))
    return mine.limit(DISCOUNTS_MAX)


def registrations_of(client: Any, event_id: str) -> Any:
    """Every registration for an event, and for those that had its id before."""
    return client.collection("registrations").where(filter=FieldFilter("eventId", "==", event_id))


def revocations_of(client: Any, event_id: str) -> Any:
    """An event's tickets that let nobody in any more, in the order in which they were revoked."""
    mine = client.collection("tickets").where(filter=FieldFilter("eventId", "==", event_id))
    void = mine.where(filter=FieldFilter("status", "==", TicketStatus.VOID.value))
    return void.order_by("voidedAt").order_by("__name__")


def _named_type(transaction: Any, client: Any, event_id: str, order: Order) -> list[Any]:
    if order.ticket_type is None or not is_document_id(order.ticket_type):
        return []
    found = read(transaction, type_ref(client, event_id, order.ticket_type))
    return [found] if found.exists else []
