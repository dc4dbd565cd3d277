"""The mail that confirms a purchase, as the outbox keeps it: what about, which papers, and the event. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from gather.events.model import Event
from gather.feeds.invitation import Address, invitation
from gather.feeds.origin import Origin
from gather.notifications.causes import SYSTEM, Cause, Kind, mail_document


def confirmation_cause(receipt: Mapping[str, Any]) -> Cause:
    """One payment confirms once."""
    return Cause(
        kind=Kind.PURCHASE_CONFIRMED,
        event_id=receipt["eventId"] or "",
        actor=SYSTEM,
        key=receipt["paymentId"],
        recipient=receipt["uid"],
    )


def confirmation_mail(
    receipt: Mapping[str, Any], event: Event | None, origin: Origin, attachments: Sequence[str]
) -> dict[str, Any]:
    """Return the outbox entry; `attachments` are names in the storage, `calendar` is a part of method REQUEST.

    There is no calendar part for an event that is gone or canceled, or for a buyer without a mail address.
    """
    return mail_document(confirmation_cause(receipt), receipt["uid"]) | {
        "email": receipt["buyer"]["email"],
        "paymentId": receipt["paymentId"],
        "receiptNumber": receipt["number"],
        "attachments": list(attachments),
        "calendar": None if event is None else _calendar(receipt, event, origin),
    }


def _calendar(receipt: Mapping[str, Any], event: Event, origin: Origin) -> str | None:
    buyer, seller = receipt["buyer"], receipt["seller"]
    if not buyer["email"]:
        return None
    # An organizer must have an address (RFC 5546, 3.2.2), and answers of calendars that insist go to it.
    organizer = Address(name=seller["name"], email=seller["email"] or f"noreply@{origin.domain}")
    attendee = Address(name=buyer["name"], email=buyer["email"])
    return invitation(event, origin, organizer=organizer, attendee=attendee)
