"""States that actions start from, as clients and functions leave them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.cloud.firestore import SERVER_TIMESTAMP

from gather.attendance.pending import settle_or_mark
from gather.attendance.store import settle_event, settle_rsvp
from tests.costs.actions import Do, Stage
from tests.support.events import NOW, event_document, rsvp_document

PAID = {"isPaid": True, "priceCents": 500, "currency": "EUR"}
WAITLIST = {"isWaitlistEnabled": True}
CROWD = 10


def event(stage: Stage, **fields: Any) -> None:
    """The event `e` of cleo's."""
    stage.owner.document("events/e").set(event_document(**fields))


def change_event(stage: Stage, **fields: Any) -> None:
    """As an organizer would; nothing has reacted yet."""
    stage.owner.document("events/e").update(fields)


def going(stage: Stage, *uids: str, **fields: Any) -> None:
    """They have said so; nobody has settled it."""
    for uid in uids:
        stage.owner.document("events/e/rsvps", uid).set(rsvp_document(uid, **fields))


def settled(stage: Stage, *uids: str, **fields: Any) -> None:
    """They have said so, and it is settled."""
    going(stage, *uids, **fields)
    for uid in uids:
        settle_rsvp(stage.owner, "e", uid, now=NOW)


def settling(stage: Stage, uid: str = "ana") -> Do:
    """The trigger's settlement of one RSVP."""
    return lambda: settle_or_mark(stage.owner, "e", uid, now=NOW, cause=f"delivery-{uid}")


def settling_event(stage: Stage) -> Do:
    """What a change of the event leads to for its seats."""
    return lambda: settle_event(stage.owner, "e", now=NOW)


def change_rsvp(stage: Stage, uid: str = "ana", **fields: Any) -> None:
    """As its owner would; nobody has settled it."""
    stage.owner.document("events/e/rsvps", uid).update(fields)


def says(stage: Stage, status: str, uid: str = "ana") -> None:
    """They say something else."""
    rsvp = stage.owner.document("events/e/rsvps", uid)
    history = [*rsvp.get().get("statusHistory"), {"status": status, "changedAt": NOW, "changedBy": uid}]
    rsvp.update({"status": status, "statusHistory": history})


def leave(stage: Stage, uid: str = "ana") -> None:
    """They delete their RSVP; nobody has settled it."""
    stage.owner.document("events/e/rsvps", uid).delete()


def profile(stage: Stage, *uids: str) -> None:
    """They are known, and not barred."""
    for uid in uids:
        stage.owner.document("users", uid).set({"role": "member"})


def new_rsvp(uid: str) -> dict[str, Any]:
    """What a client writes first."""
    return {
        "status": "going",
        "statusHistory": [{"status": "going", "changedAt": NOW, "changedBy": uid}],
        "createdAt": SERVER_TIMESTAMP,
        "updatedAt": SERVER_TIMESTAMP,
    }


def crowd(count: int = CROWD) -> list[str]:
    """Names."""
    return [f"guest{number:03}" for number in range(count)]


def asking(stage: Stage, method: str, path: str, body: Mapping[str, Any] | None = None, *, uid: str = "ana",
           role: str = "member") -> Do:  # fmt: skip
    """A request of somebody who is signed in; whatever is answered must be what was wanted."""
    headers = stage.headers(uid, role=role)

    def ask() -> None:
        answer = stage.http.open(path, method=method, json=body, headers=headers)
        assert answer.status_code < 300, answer.text

    return ask
