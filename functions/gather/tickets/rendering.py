"""Ticket types, registrations and tickets as HTTP clients are shown them. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from gather.events.model import Event
from gather.events.rendering import plain
from gather.tickets.attendee import attendee_document
from gather.tickets.body import TYPE_FIELDS
from gather.tickets.model import Pool, TicketType, implicit_type
from gather.tickets.order import Order, Quote, is_admitted, quote
from gather.tickets.registration import Registration, spoken
from gather.tickets.ticket import Ticket, TicketStatus

MANAGERS_ONLY = ("soldCount", "heldCount")


def offered(
    event: Event,
    types: Sequence[TicketType],
    pools: Mapping[str, Pool],
    access_code: str | None,
    *,
    now: datetime,
) -> list[dict[str, Any]]:
    """What a buyer with that access code is shown: hidden types only to who knows the code."""
    implicit = None if types else implicit_type(event)
    all_ = types if implicit is None else (implicit,)
    shown = [each for each in all_ if not each.hidden or is_admitted(each, access_code)]
    return [_offer(event, each, pools, access_code, now) for each in shown]


def _offer(
    event: Event,
    ticket_type: TicketType,
    pools: Mapping[str, Pool],
    access_code: str | None,
    now: datetime,
) -> dict[str, Any]:
    """`state` is what the smallest order would be answered; `quantityMax` is the largest that would be taken."""
    order = Order(ticket_type=ticket_type.id, quantity=ticket_type.min_per_order, access_code=access_code)
    answer = quote(order, event, [ticket_type], pools, None, now=now)
    offer = {
        "id": ticket_type.id,
        "name": ticket_type.name,
        "description": ticket_type.description,
        "priceCents": ticket_type.price_cents,
        "currency": ticket_type.currency,
        "salesStartAt": ticket_type.sales_start_at,
        "salesEndAt": ticket_type.sales_end_at,
        "quantityMin": ticket_type.min_per_order,
        "quantityMax": _most(event, ticket_type, pools) if isinstance(answer, Quote) else 0,
        "state": "on_sale" if isinstance(answer, Quote) else answer.code,
    }
    return {name: plain(value) for name, value in offer.items() if value is not None}


def _most(event: Event, ticket_type: TicketType, pools: Mapping[str, Pool]) -> int:
    limits = [ticket_type.max_per_order]
    if ticket_type.left is not None:
        limits.append(ticket_type.left)
    if ticket_type.pool_id is not None:
        limits.append(pools[ticket_type.pool_id].left)
    if event.max_attendees is not None:
        limits.append(event.max_attendees - event.attending_count)
    return min(limits)


def type_json(type_id: str, stored: Mapping[str, Any]) -> dict[str, Any]:
    """A ticket type as its organizers set it up, with what is sold and held."""
    return {"id": type_id} | _shown(stored, (*TYPE_FIELDS, *MANAGERS_ONLY, "createdAt", "updatedAt"))


def pool_json(pool_id: str, stored: Mapping[str, Any]) -> dict[str, Any]:
    """A pool as its organizers set it up, with what is taken."""
    return {"id": pool_id} | _shown(stored, ("capacity", "takenCount", "createdAt", "updatedAt"))


def discount_json(stored: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """A discount code as its organizers set it up, with how often it was used."""
    return _shown(stored, ("code", *names, "usesCount", "createdAt", "updatedAt"))


def registration_json(registration: Registration, tickets: Sequence[Ticket]) -> dict[str, Any]:
    """A registration for its owner and its organizers."""
    shown = {
        "code": spoken(registration.code),
        "id": registration.id,
        "eventId": registration.event_id,
        "uid": registration.uid,
        "organizationId": registration.organization_id,
        "ticketTypeId": registration.ticket_type_id,
        "quantity": registration.quantity,
        "attendees": [attendee_document(each) for each in registration.attendees],
        "status": registration.status.value,
        "statusHistory": [
            {"status": each.status.value, "changedAt": each.changed_at, "changedBy": each.changed_by}
            for each in registration.history
        ],
        "paymentId": registration.payment_id,
        "tickets": [ticket_json(each) for each in tickets],
        "createdAt": registration.created_at,
    }
    return {name: plain(value) for name, value in shown.items() if value is not None}


def ticket_json(ticket: Ticket) -> dict[str, Any]:
    """A ticket for its owner and its organizers; a void one shows no code."""
    is_valid = ticket.status is TicketStatus.VALID
    shown = {
        "id": ticket.id,
        "eventId": ticket.event_id,
        "ticketTypeId": ticket.ticket_type_id,
        "number": ticket.number,
        "attendee": None if ticket.attendee is None else attendee_document(ticket.attendee),
        "registrationId": ticket.registration_id,
        "paymentId": ticket.payment_id,
        "status": ticket.status.value,
        "code": ticket.code if is_valid else None,
        "issuedAt": ticket.issued_at,
        "voidedAt": ticket.voided_at,
    }
    return {name: plain(value) for name, value in shown.items() if value is not None}


def _shown(stored: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: plain(stored[name]) for name in names if name in stored}
