"""Registrations moved by hand: somebody let in, let out again, or given up. One transaction each.

What is paid for goes back by a refund alone, which moves its registration itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gather.attendance.history import SYSTEM
from gather.events.model import Event, can_manage
from gather.events.store import SignedIn, event_of, viewer_of
from gather.tickets.model import parse_ticket_type
from gather.tickets.registration import (
    TRANSITIONS,
    InvalidTransitionError,
    Registration,
    Status,
    advanced,
    registration_document,
)
from gather.tickets.seats import Holding, carry_out, open_holding, plan_seats
from gather.tickets.store import (
    count_use,
    read_discount,
    registration_in,
    registration_ref,
    ticket_ref,
    tickets_of,
    type_ref,
)
from gather.tickets.ticket import Ticket, TicketStatus
from gather.transactions import Transact, read, run_transaction


class RegistrationRefusedError(Exception):
    """Nothing was changed; `code` is one of the client's error codes, `registration` what it is about, if theirs."""

    def __init__(self, code: str, registration: Registration | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.registration = registration


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Who the caller is to a registration."""

    owns: bool
    manages: bool


def standing_of(client: Any, caller: SignedIn, registration: Registration, event: Event | None) -> Standing:
    """Its owner is the buyer; whoever manages the event manages it, admins also when the event is gone."""
    manages = manages_sale(client, caller, event, sold_at=registration.created_at)
    return Standing(owns=caller.uid == registration.uid, manages=manages)


def manages_sale(client: Any, caller: SignedIn, event: Event | None, *, sold_at: datetime) -> bool:
    """As `managesSale` in the rules: who creates an event anew does not manage what was sold under its name before."""
    if caller.role == "admin":
        return True
    if event is None or (event.created_at is not None and event.created_at > sold_at):
        return False
    return can_manage(event, viewer_of(client, caller, event))


def check_in(
    client: Any, code: str, caller: SignedIn, *, now: datetime, transact: Transact = run_transaction
) -> Registration:
    """Let in who has a confirmed registration: for who manages the event, once."""
    return _moved(client, code, caller, Status.CHECKED_IN, now=now, transact=transact)


def undo_check_in(
    client: Any, code: str, caller: SignedIn, *, now: datetime, transact: Transact = run_transaction
) -> Registration:
    """Take back a check-in made by mistake."""
    return _moved(client, code, caller, Status.CONFIRMED, now=now, transact=transact)


def cancel(
    client: Any, code: str, caller: SignedIn, *, now: datetime, transact: Transact = run_transaction
) -> Registration:
    """Give up a registration that cost nothing: its tickets are void, its seats free, its discount code unused.

    For its owner and for who manages the event; cancelling what is cancelled changes nothing.
    """

    def body(transaction: Any) -> Registration:
        found, event, _ = _mine(transaction, client, code, caller)
        if found.status is Status.CANCELLED:
            return found
        if not found.is_free:
            raise RegistrationRefusedError("refund_needed", found)
        after = _advanced(found, Status.CANCELLED, now=now, by=caller.uid)
        holding = _holding(transaction, client, found, now) if event is not None else None
        plan = None
        if holding is not None:
            plan = plan_seats(transaction, client, holding, None, shows=None, says_going=False)
        discount = read_discount(transaction, client, found.discount_id)
        tickets = tickets_of(transaction, client, found.code, found.quantity)
        if plan is not None:
            carry_out(transaction, client, plan)
        count_use(transaction, client, discount, -1)
        _void(transaction, client, tickets, now=now)
        _write_status(transaction, client, after)
        return after

    found = registration_in(registration_ref(client, code).get())
    return transact(client, body, contend_on=None if found is None else f"events/{found.event_id}")


def call_off(client: Any, code: str, *, now: datetime, transact: Transact = run_transaction) -> bool:
    """Give up a registration that cost nothing and whose event is gone: its tickets are void; True if it changed.

    Its seats went with the event. One that belongs to an event created since under the same id stays, and so does who
    was let in.
    """

    def body(transaction: Any) -> bool:
        snapshot = read(transaction, registration_ref(client, code))
        found = registration_in(snapshot)
        if found is None or not found.is_free or Status.CANCELLED not in TRANSITIONS[found.status]:
            return False
        event = read(transaction, client.document("events", found.event_id))
        if event.exists and snapshot.create_time >= event.create_time:
            return False
        tickets = tickets_of(transaction, client, found.code, found.quantity)
        _void(transaction, client, tickets, now=now)
        _write_status(transaction, client, advanced(found, Status.CANCELLED, at=now, by=SYSTEM))
        return True

    return transact(client, body, contend_on=None)


def _moved(client: Any, code: str, caller: SignedIn, to: Status, *, now: datetime, transact: Transact) -> Registration:
    def body(transaction: Any) -> Registration:
        found, event, standing = _mine(transaction, client, code, caller)
        if not standing.manages:
            raise RegistrationRefusedError("forbidden", found)
        if to is Status.CONFIRMED and found.status is not Status.CHECKED_IN:
            raise RegistrationRefusedError("invalid_transition", found)  # what else is confirmed by paying
        if event is not None and event.canceled:
            raise RegistrationRefusedError("event_canceled", found)
        after = _advanced(found, to, now=now, by=caller.uid)
        _write_status(transaction, client, after)
        return after

    return transact(client, body)


def _mine(transaction: Any, client: Any, code: str, caller: SignedIn) -> tuple[Registration, Event | None, Standing]:
    """Read a registration and its event; to who neither owns nor manages it, it is missing."""
    found = registration_in(read(transaction, registration_ref(client, code)))
    if found is None:
        raise RegistrationRefusedError("registration_not_found")
    event = event_of(read(transaction, client.document("events", found.event_id)))
    standing = standing_of(client, caller, found, event)
    if not standing.owns and not standing.manages:
        raise RegistrationRefusedError("registration_not_found")
    return found, event, standing


def _advanced(registration: Registration, to: Status, *, now: datetime, by: str) -> Registration:
    try:
        return advanced(registration, to, at=now, by=by)
    except InvalidTransitionError as error:
        raise RegistrationRefusedError("invalid_transition", registration) from error


def _void(transaction: Any, client: Any, tickets: Iterable[Ticket], *, now: datetime) -> None:
    for ticket in tickets:
        void = {"status": TicketStatus.VOID.value, "voidedAt": ticket.voided_at or now}
        transaction.update(ticket_ref(client, ticket.id), void)


def _write_status(transaction: Any, client: Any, registration: Registration) -> None:
    """What else stands in the document, such as what it was ordered by, is its writer's."""
    document = registration_document(registration)
    changed = {name: document[name] for name in ("status", "statusHistory")}
    transaction.update(registration_ref(client, registration.code), changed)


def _holding(transaction: Any, client: Any, registration: Registration, now: datetime) -> Holding | None:
    snapshot = read(transaction, type_ref(client, registration.event_id, registration.ticket_type_id))
    pool_id = parse_ticket_type(snapshot.id, snapshot.to_dict()).pool_id if snapshot.exists else None
    return open_holding(
        transaction,
        client,
        registration.event_id,
        uid=registration.uid,
        key=registration.code,
        type_id=registration.ticket_type_id,
        pool_id=pool_id,
        now=now,
    )
