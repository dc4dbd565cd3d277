"""Registrations and tickets of ana's at event `e`, stored as a purchase would have left them."""

from dataclasses import replace
from typing import Any

from gather.attendance.model import Seat, SeatState
from gather.tickets.registration import Registration, Status, registered, registration_document
from gather.tickets.seats import carry_out, open_holding, plan_seats
from gather.tickets.ticket import (
    Ticket,
    TicketStatus,
    signed_code,
    signing_key,
    ticket_document,
    ticket_id,
)
from gather.transactions import run_transaction
from tests.conftest import settings_for
from tests.support.events import NOW, given_event

CODE = "ABCDEFGH23"
KEY = signing_key(settings_for("demo").ticket_signing_key)


def given_event_of_acme(client: Any, **fields: Any) -> None:
    given_event(client, organizationId="acme", **fields)
    client.document("organizations/acme/members/olga").set({"role": "organizer"})


def given_registration(
    client: Any, status: Status = Status.CONFIRMED, *, code: str = CODE, quantity: int = 2, **fields: Any
) -> Registration:
    """A registration of ana's with its tickets, without seats."""
    found = registered(
        code, event_id="e", uid="ana", ticket_type_id="t", quantity=quantity, status=status, at=NOW, **fields
    )
    client.document("registrations", code).set(registration_document(found))
    for number in range(1, quantity + 1):
        given_ticket(client, ticket_id(code, number), number=number, registration_id=code)
    return found


def given_ticket(client: Any, name: str = "x-1", **fields: Any) -> Ticket:
    ticket = Ticket(
        id=name,
        event_id="e",
        uid="ana",
        ticket_type_id="t",
        number=1,
        code=signed_code(name, "e", KEY),
        status=TicketStatus.VALID,
        issued_at=NOW,
    )
    client.document("tickets", name).set(ticket_document(replace(ticket, **fields)))
    return ticket


def given_seats(client: Any, seats: int) -> None:
    """Let ana's registration take seats, as a purchase does."""

    def body(transaction: Any) -> None:
        holding = open_holding(transaction, client, "e", uid="ana", key=CODE, type_id="t", pool_id="hall", now=NOW)
        assert holding is not None
        target = Seat(
            seats=seats,
            state=SeatState.ADMITTED,
            since=NOW,
            source="registration",
            ticket_type_id="t",
            pool_id="hall",
            event_created_at=holding.opening.room.created_at,
        )
        plan = plan_seats(transaction, client, holding, target, shows=None, says_going=True)
        carry_out(transaction, client, plan)

    run_transaction(client, body)
