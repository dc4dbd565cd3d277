"""Who may read the papers of a payment: whoever paid, whoever organizes what was paid for, and admins."""

from collections.abc import Mapping
from typing import Any

from gather.events.fields import is_document_id
from gather.events.model import Event, can_manage
from gather.events.store import ORGANIZER_ROLES, SignedIn, load_event, viewer_of


def may_read(client: Any, caller: SignedIn, receipt: Mapping[str, Any]) -> bool:
    """Organizers of the organization that sold it stay so when the event is gone."""
    if caller.role == "admin" or caller.uid == receipt["uid"]:
        return True
    if caller.role is None or not is_document_id(caller.uid):
        return False
    organization_id = receipt["organizationId"]
    event = None if receipt["eventId"] is None else load_event(client, receipt["eventId"])
    if event is not None and _was_paid_for(event, receipt):
        return can_manage(event, viewer_of(client, caller, event))
    if organization_id is None:
        return False
    member = client.document("organizations", organization_id, "members", caller.uid).get(["role"])
    return (member.to_dict() or {}).get("role") in ORGANIZER_ROLES


def _was_paid_for(event: Event, receipt: Mapping[str, Any]) -> bool:
    """Another event may have taken the name of the one that was paid for; whoever created that one sold nothing."""
    is_newer = event.created_at is not None and event.created_at > receipt["issuedAt"]
    return not is_newer and bool(event.organization_id == receipt["organizationId"])
