"""Issuing tickets: one for each seat of a purchase, signed, and the same ones however often they are issued. Pure."""

from collections.abc import Sequence
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gather.tickets.attendee import Attendee
from gather.tickets.ticket import Ticket, TicketStatus, signed_code, ticket_id


def issued(  # noqa: PLR0913  # the fields of a document
    purchase_id: str,
    number: int,
    *,
    event_id: str,
    uid: str,
    ticket_type_id: str,
    key: Ed25519PrivateKey,
    at: datetime,
    attendees: Sequence[Attendee] = (),
    organization_id: str | None = None,
    registration_id: str | None = None,
    payment_id: str | None = None,
) -> Ticket:
    """The purchase's ticket of that number, counted from 1, for the attendee of that number where one is named."""
    name = ticket_id(purchase_id, number)
    return Ticket(
        id=name,
        event_id=event_id,
        uid=uid,
        ticket_type_id=ticket_type_id,
        number=number,
        code=signed_code(name, event_id, key),
        status=TicketStatus.VALID,
        issued_at=at,
        attendee=attendees[number - 1] if number <= len(attendees) else None,
        organization_id=organization_id,
        registration_id=registration_id,
        payment_id=payment_id,
    )
