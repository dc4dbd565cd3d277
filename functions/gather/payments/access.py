"""Who may see a payment, and who may give its money back: its buyer the first, who runs the event both."""

from typing import Any

from gather.events.fields import is_document_id
from gather.events.model import can_manage
from gather.events.store import ORGANIZER_ROLES, SignedIn, load_event, viewer_of
from gather.payments.model import Payment


def may_manage_event(client: Any, caller: SignedIn, event_id: str) -> bool:
    """Who manages the event, admins among them; nobody manages one that is gone."""
    event = load_event(client, event_id)
    return event is not None and can_manage(event, viewer_of(client, caller, event))


def may_manage_payment(client: Any, caller: SignedIn, payment: Payment) -> bool:
    """Admins, and who manages its event; once that is gone, the organizers of the organization that was paid."""
    if caller.role == "admin":
        return True
    event = load_event(client, payment.event_id)
    if event is None:
        return _organizes(client, caller, payment.organization_id)
    return can_manage(event, viewer_of(client, caller, event))


def _organizes(client: Any, caller: SignedIn, organization_id: str | None) -> bool:
    if organization_id is None or caller.role is None or not is_document_id(caller.uid):
        return False
    member = client.document("organizations", organization_id, "members", caller.uid).get(["role"])
    return (member.to_dict() or {}).get("role") in ORGANIZER_ROLES
