"""Tickets, and the signed code on each: whoever has the public key can tell a real one without asking anybody. Pure.

A code reads `ID.EVENT.SIGNATURE`, each part in base32, so that all of it fits the alphanumeric mode of QR codes. What
is signed is the text of the first two parts. Offline, a code proves that the ticket was issued for that event; that
it was not refunded since is what the list of revocations says.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gather.tickets.attendee import Attendee, attendee_document, parse_attendee

PURPOSE = b"gather ticket 1:"
"""Goes before what is signed, so that a signature made for anything else is none of a ticket."""
CODE_CHARACTERS_MAX = 4_000
"""Longer than any code can be that fits a QR code (4,296 at most): refused unread."""


class TicketStatus(StrEnum):
    """Whether a ticket lets somebody in."""

    VALID = "valid"
    VOID = "void"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """Entry for one person. `number` counts the tickets of one purchase from 1."""

    id: str
    event_id: str
    uid: str
    ticket_type_id: str
    number: int
    code: str
    status: TicketStatus
    issued_at: datetime
    attendee: Attendee | None = None
    organization_id: str | None = None
    registration_id: str | None = None
    payment_id: str | None = None
    voided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Admission:
    """What a genuine code says."""

    ticket_id: str
    event_id: str


def ticket_id(purchase_id: str, number: int) -> str:
    """The id of a purchase's ticket, the same however often it is issued: `{registration or payment id}-{number}`."""
    return f"{purchase_id}-{number}"


def signing_key(seed: bytes) -> Ed25519PrivateKey:
    """The key that tickets are signed with, of its 32 bytes; raise ValueError for anything else."""
    return Ed25519PrivateKey.from_private_bytes(seed)


def public_key_text(public_key: Ed25519PublicKey) -> str:
    """A public key as scanners are given it: its 32 bytes in base64."""
    return base64.b64encode(public_key.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def signed_code(ticket_id: str, event_id: str, private_key: Ed25519PrivateKey) -> str:
    """The code on a ticket; the same ticket always has the same, since Ed25519 draws no random numbers."""
    claim = f"{_base32(ticket_id.encode())}.{_base32(event_id.encode())}"
    return f"{claim}.{_base32(private_key.sign(PURPOSE + claim.encode()))}"


def verified(code: str, public_key: Ed25519PublicKey) -> Admission | None:
    """Which ticket of which event a code is; None for one that was not signed with that key, to the letter."""
    parts = [_bytes_of(part) for part in code.split(".")] if len(code) <= CODE_CHARACTERS_MAX else []
    if len(parts) != 3 or None in parts:
        return None
    ticket, event, signature = (part or b"" for part in parts)
    try:
        public_key.verify(signature, PURPOSE + code.rpartition(".")[0].encode())
        return Admission(ticket.decode(), event.decode())
    except (InvalidSignature, UnicodeDecodeError):
        return None


def parse_ticket(ticket_id: str, data: Mapping[str, Any]) -> Ticket | None:
    """Read a stored ticket; only functions write it, and a damaged one reads as none."""
    texts = [data.get(name) for name in ("eventId", "uid", "ticketTypeId", "code")]
    number, issued_at, status = data.get("number"), data.get("issuedAt"), data.get("status")
    if not all(isinstance(text, str) and text for text in texts) or not isinstance(issued_at, datetime):
        return None
    if isinstance(number, bool) or not isinstance(number, int) or status not in list(TicketStatus):
        return None
    event_id, uid, ticket_type_id, code = (str(text) for text in texts)
    voided_at = data.get("voidedAt")
    return Ticket(
        id=ticket_id,
        event_id=event_id,
        uid=uid,
        ticket_type_id=ticket_type_id,
        number=number,
        code=code,
        status=TicketStatus(status),
        issued_at=issued_at,
        attendee=parse_attendee(data.get("attendee")),
        organization_id=_text(data.get("organizationId")),
        registration_id=_text(data.get("registrationId")),
        payment_id=_text(data.get("paymentId")),
        voided_at=voided_at if isinstance(voided_at, datetime) else None,
    )


def ticket_document(ticket: Ticket) -> dict[str, Any]:
    """Write a ticket as the document that holds it."""
    document: dict[str, Any] = {
        "eventId": ticket.event_id,
        "uid": ticket.uid,
        "ticketTypeId": ticket.ticket_type_id,
        "number": ticket.number,
        "code": ticket.code,
        "status": ticket.status.value,
        "issuedAt": ticket.issued_at,
    }
    optional = {
        "attendee": None if ticket.attendee is None else attendee_document(ticket.attendee),
        "organizationId": ticket.organization_id,
        "registrationId": ticket.registration_id,
        "paymentId": ticket.payment_id,
        "voidedAt": ticket.voided_at,
    }
    return document | {name: value for name, value in optional.items() if value is not None}


def _base32(content: bytes) -> str:
    return base64.b32encode(content).decode().rstrip("=")


def _bytes_of(part: str) -> bytes | None:
    """The bytes of a part in base32; None where another spelling of them would be the usual one."""
    try:
        content = base64.b32decode(part + "=" * (-len(part) % 8))
    except (binascii.Error, ValueError):
        return None
    return content if _base32(content) == part else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
