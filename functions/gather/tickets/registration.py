"""A registration: who bought how many tickets of an event, and what became of that. Pure.

`registrations/{code}`: the code is the document's id, so it is unique, and finding one by it is one read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from gather.tickets.attendee import Attendee, attendee_document, parse_attendees

CODE_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Read out and written down without mistakes: neither 0 and O nor 1, I and L."""
CODE_LENGTH = 10
CODE_BYTES = 16
"""Random bytes that a code is made of: so many more than it holds that every code is as likely as any other."""


class Status(StrEnum):
    """Where a registration stands: the field `status`, and each entry of `statusHistory`."""

    PENDING_PAYMENT = "pending_payment"
    CONFIRMED = "confirmed"
    WAITLISTED = "waitlisted"
    CHECKED_IN = "checked_in"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    EXPIRED = "expired"


ALIASES: Mapping[str, Status] = {"registered": Status.CONFIRMED, "pending": Status.PENDING_PAYMENT}
"""Names that clients may send."""

TRANSITIONS: Mapping[Status, frozenset[Status]] = {
    # A payment may be known, and refunded again, before anybody looks.
    Status.PENDING_PAYMENT: frozenset({Status.CONFIRMED, Status.CANCELLED, Status.EXPIRED, Status.REFUNDED}),
    Status.WAITLISTED: frozenset({Status.PENDING_PAYMENT, Status.CONFIRMED, Status.CANCELLED, Status.EXPIRED}),
    Status.CONFIRMED: frozenset({Status.CHECKED_IN, Status.CANCELLED, Status.REFUNDED}),
    # Somebody let in by mistake is let out again; who was let in may get their money back.
    Status.CHECKED_IN: frozenset({Status.CONFIRMED, Status.REFUNDED}),
    # Money that comes after all: it is given back, or buys the seats if they are still there.
    Status.EXPIRED: frozenset({Status.CONFIRMED, Status.REFUNDED}),
    Status.CANCELLED: frozenset({Status.REFUNDED}),
    # A refund that fails after it was reported as done.
    Status.REFUNDED: frozenset({Status.CONFIRMED}),
}
"""From each status where it may go: the whole law; anything else is an `invalid_transition`."""


class InvalidTransitionError(Exception):
    """The registration does not go from its status to that one; nothing has changed."""

    def __init__(self, before: Status, after: Status) -> None:
        super().__init__(f"a registration that is {before} cannot become {after}")
        self.before = before
        self.after = after


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """A status, since when, and by whom."""

    status: Status
    changed_at: datetime
    changed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """Tickets of one type for one buyer; without `payment_id` they cost nothing."""

    id: str
    event_id: str
    uid: str
    ticket_type_id: str
    quantity: int
    attendees: tuple[Attendee, ...]
    status: Status
    history: tuple[HistoryEntry, ...]
    organization_id: str | None
    created_at: datetime
    payment_id: str | None = None
    discount_id: str | None = None

    @property
    def code(self) -> str:
        """What is read out at the door; the id."""
        return self.id

    @property
    def is_free(self) -> bool:
        """Whether nothing was to be paid: then it can be cancelled without a refund."""
        return self.payment_id is None


def registered(  # noqa: PLR0913  # the fields of a document
    code: str,
    *,
    event_id: str,
    uid: str,
    ticket_type_id: str,
    quantity: int,
    status: Status,
    at: datetime,
    attendees: tuple[Attendee, ...] = (),
    organization_id: str | None = None,
    payment_id: str | None = None,
    discount_id: str | None = None,
) -> Registration:
    """A new registration, by its buyer, with the first entry of its history."""
    return Registration(
        id=code,
        event_id=event_id,
        uid=uid,
        ticket_type_id=ticket_type_id,
        quantity=quantity,
        attendees=attendees,
        status=status,
        history=(HistoryEntry(status=status, changed_at=at, changed_by=uid),),
        organization_id=organization_id,
        created_at=at,
        payment_id=payment_id,
        discount_id=discount_id,
    )


def advanced(registration: Registration, to: Status, *, at: datetime, by: str) -> Registration:
    """Go to another status as the table allows, with an entry in the history; raise InvalidTransitionError otherwise.

    To where it stands already nothing goes either: who may be told twice asks first.
    """
    if to not in TRANSITIONS[registration.status]:
        raise InvalidTransitionError(registration.status, to)
    entry = HistoryEntry(status=to, changed_at=at, changed_by=by)
    return replace(registration, status=to, history=(*registration.history, entry))


def status_of(name: Any) -> Status | None:
    """The status of that name or alias; None for anything else."""
    if not isinstance(name, str):
        return None
    return ALIASES.get(name) or (Status(name) if name in set(Status) else None)


def registration_code(random_bytes: bytes) -> str:
    """Make a code of `CODE_BYTES` random bytes: 49 bits that nobody guesses, in ten letters."""
    if len(random_bytes) < CODE_BYTES:
        raise ValueError(f"a registration code needs {CODE_BYTES} random bytes, not {len(random_bytes)}")
    number = int.from_bytes(random_bytes)
    letters = []
    for _ in range(CODE_LENGTH):
        number, place = divmod(number, len(CODE_ALPHABET))
        letters.append(CODE_ALPHABET[place])
    return "".join(letters)


def spoken(code: str) -> str:
    """A code as it is shown: in two halves."""
    half = CODE_LENGTH // 2
    return f"{code[:half]}-{code[half:]}" if len(code) == CODE_LENGTH else code


def heard(text: str) -> str | None:
    """The code that somebody typed: in any case, with dashes and blanks; None for what is no code."""
    code = "".join(letter for letter in text.upper() if letter not in "- ")
    return code if len(code) == CODE_LENGTH and set(code) <= set(CODE_ALPHABET) else None


def parse_registration(registration_id: str, data: Mapping[str, Any]) -> Registration | None:
    """Read a stored registration; only functions write it, and a damaged one reads as none."""
    texts = [data.get(name) for name in ("eventId", "uid", "ticketTypeId")]
    status, quantity, created_at = status_of(data.get("status")), data.get("quantity"), data.get("createdAt")
    if not all(isinstance(text, str) and text for text in texts) or status is None:
        return None
    if isinstance(quantity, bool) or not isinstance(quantity, int) or quantity < 1:
        return None
    if not isinstance(created_at, datetime):
        return None
    event_id, uid, ticket_type_id = texts
    return Registration(
        id=registration_id,
        event_id=str(event_id),
        uid=str(uid),
        ticket_type_id=str(ticket_type_id),
        quantity=quantity,
        attendees=parse_attendees(data.get("attendees")),
        status=status,
        history=_parse_history(data.get("statusHistory")),
        organization_id=_text(data.get("organizationId")),
        created_at=created_at,
        payment_id=_text(data.get("paymentId")),
        discount_id=_text(data.get("discountId")),
    )


def registration_document(registration: Registration) -> dict[str, Any]:
    """Write a registration as the document that holds it."""
    document: dict[str, Any] = {
        "eventId": registration.event_id,
        "uid": registration.uid,
        "ticketTypeId": registration.ticket_type_id,
        "quantity": registration.quantity,
        "attendees": [attendee_document(attendee) for attendee in registration.attendees],
        "registrationCode": registration.code,
        "status": registration.status.value,
        "statusHistory": [
            {"status": entry.status.value, "changedAt": entry.changed_at, "changedBy": entry.changed_by}
            for entry in registration.history
        ],
        "createdAt": registration.created_at,
    }
    optional = {
        "organizationId": registration.organization_id,
        "paymentId": registration.payment_id,
        "discountId": registration.discount_id,
    }
    return document | {name: value for name, value in optional.items() if value is not None}


def _parse_history(value: Any) -> tuple[HistoryEntry, ...]:
    entries = value if isinstance(value, list) else []
    return tuple(
        HistoryEntry(status=status, changed_at=entry["changedAt"], changed_by=entry["changedBy"])
        for entry in entries
        if isinstance(entry, Mapping)
        and (status := status_of(entry.get("status"))) is not None
        and isinstance(entry.get("changedAt"), datetime)
        and isinstance(entry.get("changedBy"), str)
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
