"""Lists of payments over HTTP: one's own, an event's for who runs it, everybody's for admins; the latest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from google.cloud.firestore_v1.base_query import FieldFilter

from gather.events.fields import is_document_id
from gather.events.listing import PAGE_DEFAULT, PAGE_MAX, decode_cursor, encode_cursor
from gather.events.store import SignedIn
from gather.payments.access import may_manage_event
from gather.payments.model import Payment, PaymentStatus, parse_payment


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a list is asked for; `after` is the place of the last payment of the page before."""

    event_id: str | None = None
    status: PaymentStatus | None = None
    limit: int = PAGE_DEFAULT
    after: tuple[Any, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Payments, where to go on (None: there are no more), and whether they are shown to who runs the event."""

    payments: tuple[Payment, ...]
    cursor: str | None
    may_manage: bool


def read_list_request(args: Mapping[str, str]) -> tuple[Asked, list[dict[str, str]]]:
    """Read a query string; parameters that nobody knows are left alone."""
    details: list[dict[str, str]] = []
    event_id, status, limit = args.get("event"), args.get("status"), args.get("limit", str(PAGE_DEFAULT))
    if event_id is not None and not is_document_id(event_id):
        details.append({"field": "event", "problem": "cannot be the id of an event"})
    if status is not None and status not in set(PaymentStatus):
        details.append({"field": "status", "problem": f"is none of {', '.join(PaymentStatus)}"})
    if not (limit.isascii() and limit.isdigit() and len(limit) <= 3 and 1 <= int(limit) <= PAGE_MAX):
        details.append({"field": "limit", "problem": f"is not a whole number from 1 to {PAGE_MAX}"})
    after = decode_cursor(args["cursor"]) if "cursor" in args else None
    if "cursor" in args and after is None:
        details.append({"field": "cursor", "problem": "is not a cursor of this list; start without one"})
    if details:
        return Asked(), details
    return (
        Asked(event_id=event_id, status=PaymentStatus(status) if status else None, limit=int(limit), after=after),
        [],
    )


def list_payments(client: Any, caller: SignedIn, asked: Asked) -> Page:
    """Return a page of the payments that the caller may see: of an event all of them only where they run it."""
    manages = caller.role == "admin" or (
        asked.event_id is not None and may_manage_event(client, caller, asked.event_id)
    )
    query = list_query(client, asked, uid=None if manages else caller.uid)
    if asked.after is not None:
        value, name = asked.after
        query = query.start_after({"createdAt": value, "__name__": client.collection("payments").document(name)})
    page = list(query.limit(asked.limit).stream())
    is_last = len(page) < asked.limit
    return Page(
        payments=tuple(parse_payment(found.id, found.to_dict()) for found in page),
        cursor=None if is_last else encode_cursor(page[-1].get("createdAt"), page[-1].id),
        may_manage=manages,
    )


def list_query(client: Any, asked: Asked, *, uid: str | None) -> Any:
    """Payments by whichever of buyer, event and status is asked for, the latest first."""
    query = client.collection("payments")
    filters = {"uid": uid, "eventId": asked.event_id, "status": asked.status and asked.status.value}
    for field, value in filters.items():
        if value is not None:
            query = query.where(filter=FieldFilter(field, "==", value))
    return query.order_by("createdAt", direction="DESCENDING").order_by("__name__", direction="DESCENDING")
