"""`/events/{id}/rsvp`: the caller's own RSVP, answered when its seats are settled; and seats given by admins."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from gather.attendance.offers import admit_over_capacity, answer_offer
from gather.attendance.recount import find_drift, heal
from gather.attendance.request import RsvpBody
from gather.attendance.write import RsvpRefusedError, ViewerOf, Written, delete_rsvp, put_rsvp
from gather.events.fields import is_document_id
from gather.events.model import Event, Viewer
from gather.events.store import viewer_of
from gather.http.auth import Caller, require_caller
from gather.http.body import read_body
from gather.http.context import current_runtime
from gather.http.errors import ApiError

blueprint = Blueprint("attendance", __name__)

MESSAGES: Mapping[str, str] = {
    "event_not_found": "there is no such event, or you may not see it",
    "blocked_from_rsvp": "you cannot RSVP to this event",
    "forbidden": "only members and invited people can RSVP to this event",
    "event_past": "the event is over",
    "event_canceled": "the event is canceled",
    "invalid_transition": "this RSVP has changed too often; delete it to start anew",
    "sold_out": "there are not enough seats left and the event has no waitlist",
    "rsvp_not_found": "they have not answered this event",
    "capacity_exceeded": "there is no room for a larger party; your RSVP is unchanged",
}
NO_OFFER = "there is no offer, or it has expired"


@blueprint.put("/events/<event_id>/rsvp")
def put(event_id: str) -> Response:
    """Write the caller's RSVP; 200 with what became of it (seatState admitted, waitlisted or none)."""
    caller = _attendee(event_id)
    body = read_body(RsvpBody)
    found = current_runtime()
    try:
        written = put_rsvp(
            found.firestore,
            event_id,
            caller.uid,
            status=body.status,
            changes=body.changes(),
            viewer_of=_viewer_of(found.firestore, caller),
            now=found.now(),
            transact=found.transact,
        )
    except RsvpRefusedError as refused:
        raise ApiError(refused.code, MESSAGES[refused.code]) from refused
    return _rsvp_answer(caller.uid, written)


@blueprint.delete("/events/<event_id>/rsvp")
def delete(event_id: str) -> tuple[str, int]:
    """Delete the caller's RSVP and free its seats; 204 also when there was none."""
    caller = _attendee(event_id)
    found = current_runtime()
    try:
        delete_rsvp(
            found.firestore,
            event_id,
            caller.uid,
            viewer_of=_viewer_of(found.firestore, caller),
            now=found.now(),
            transact=found.transact,
        )
    except RsvpRefusedError as refused:
        raise ApiError(refused.code, MESSAGES[refused.code]) from refused
    return "", 204


@blueprint.post("/events/<event_id>/rsvp/accept")
def accept(event_id: str) -> Response:
    """Take the seats that the caller has been offered; 200 with the RSVP, which says until when they are held."""
    return _answered(event_id, accepts=True)


@blueprint.post("/events/<event_id>/rsvp/decline")
def decline(event_id: str) -> Response:
    """Let the next in line have the seats that the caller has been offered."""
    return _answered(event_id, accepts=False)


@blueprint.post("/events/<event_id>/rsvps/<uid>/admit")
def admit(event_id: str, uid: str) -> Response:
    """Admit somebody who has asked for a seat, room or not: for admins, and kept in the audit."""
    caller = _attendee(event_id)
    found = current_runtime()
    if caller.role != "admin":
        raise ApiError("forbidden", "only admins seat people over capacity")
    if not is_document_id(uid):
        raise ApiError("rsvp_not_found", MESSAGES["rsvp_not_found"])
    try:
        written = admit_over_capacity(
            found.firestore,
            event_id,
            uid,
            by=caller.uid,
            viewer_of=_viewer_of(found.firestore, caller),
            now=found.now(),
            transact=found.transact,
        )
    except RsvpRefusedError as refused:
        raise ApiError(refused.code, MESSAGES[refused.code]) from refused
    return _rsvp_answer(uid, written)


@blueprint.post("/events/<event_id>/recount")
def recount(event_id: str) -> Response:
    """Compare an event's counts, ledger and RSVPs and say what drifted; with `?heal=1` settle it: for admins."""
    caller = _attendee(event_id)
    found = current_runtime()
    if caller.role != "admin":
        raise ApiError("forbidden", "only admins recount seats")
    if request.args.get("heal") == "1":
        drift = heal(found.firestore, event_id, by=caller.uid, now=found.now(), transact=found.transact)
    else:
        drift = find_drift(found.firestore, event_id, now=found.now())
    if drift is None:
        raise ApiError("event_not_found", MESSAGES["event_not_found"])
    stored, ledger = drift.stored_counts, drift.ledger_counts
    return jsonify({"eventId": event_id, "stored": stored, "ledger": ledger, "people": dict(drift.people)})


def _answered(event_id: str, *, accepts: bool) -> Response:
    caller = _attendee(event_id)
    found = current_runtime()
    try:
        written = answer_offer(
            found.firestore,
            event_id,
            caller.uid,
            accepts=accepts,
            viewer_of=_viewer_of(found.firestore, caller),
            now=found.now(),
            transact=found.transact,
        )
    except RsvpRefusedError as refused:
        message = NO_OFFER if refused.code == "invalid_transition" else MESSAGES[refused.code]
        raise ApiError(refused.code, message) from refused
    return _rsvp_answer(caller.uid, written)


def _rsvp_answer(uid: str, written: Written) -> Response:
    answer: dict[str, Any] = {"rsvp": rsvp_json(uid, written.document)}
    if written.counts is not None:
        answer["attendingCount"], answer["waitlistCount"] = written.counts
    return jsonify(answer)


def rsvp_json(uid: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """Render an RSVP for its owner; times the server has yet to set are left out."""
    fields = (
        "status", "partySize", "kids", "notes", "seatState", "waitlisted", "waitlistedAt", "offerExpiresAt",
        "requiresPayment", "paymentStatus",
    )  # fmt: skip
    shown = {name: document[name] for name in fields if name in document}
    times = {name: value.isoformat() for name, value in shown.items() if isinstance(value, datetime)}
    return {"uid": uid, **shown, **times}


def _attendee(event_id: str) -> Caller:
    caller = require_caller()
    if not is_document_id(event_id) or not is_document_id(caller.uid):
        raise ApiError("event_not_found", MESSAGES["event_not_found"])
    return caller


def _viewer_of(client: Any, caller: Caller) -> ViewerOf:
    def look(_transaction: Any, event: Event) -> Viewer:
        return viewer_of(client, caller, event)

    return look
