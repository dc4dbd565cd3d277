"""What Gather's actions cost in Cloud Firestore, measured by the meter: the figures that documents may claim.

Every action is prepared, unmetered, and then done once while nobody else does anything. `table` writes the figures
down as the cost page shows them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from google.cloud.firestore import SERVER_TIMESTAMP

from firewarden.firestore.billing.prices import Prices
from firewarden.firestore.billing.tables import money
from firewarden.firestore.billing.usage import Usage
from firewarden.testing import Database, Meter
from gather.attendance.store import settle_rsvp
from tests.support.events import NOW, event_document, rsvp_document

Do = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Stage:
    """What actions are done with."""

    firestore: Database
    http: FlaskClient
    put_in_feed: Callable[[str], object] = field(repr=False)

    @property
    def owner(self) -> Any:
        """The functions' client."""
        return self.firestore.as_owner()


def measured(stage: Stage, meter: Meter) -> dict[str, Usage]:
    """What each action comes to, by its name."""
    found = {}
    for name, prepare in ACTIONS.items():
        stage.firestore.clear()
        do = prepare(stage)
        with meter.action(name) as measurement:
            do()
        found[name] = measurement.usage
    return found


def table(costs: Mapping[str, Usage], prices: Prices) -> str:
    """The figures as a table in Markdown; money is for a million of each."""
    head = f"| action | reads | of them by rules | writes | deletes | {prices.currency} per million |"
    lines = [head, "|---|---:|---:|---:|---:|---:|"]
    for name, usage in costs.items():
        without_bytes = usage - Usage(egress=usage.egress)
        price = money(prices.cost(without_bytes) * 1_000_000)
        lines.append(f"| {name} | {usage.reads} | {usage.lookups} | {usage.writes} | {usage.deletes} | {price} |")
    return "\n".join(lines)


def settling(stage: Stage, uid: str = "ana") -> Do:
    """The trigger's settlement of one RSVP."""
    return lambda: settle_rsvp(stage.owner, "e", uid, now=NOW)


def _event(stage: Stage, **fields: Any) -> None:
    stage.owner.document("events/e").set(event_document(**fields))


def _going(stage: Stage, *uids: str) -> None:
    for uid in uids:
        stage.owner.document("events/e/rsvps", uid).set(rsvp_document(uid))


def _rsvp_settled(stage: Stage) -> Do:
    _event(stage, maxAttendees=2, isWaitlistEnabled=True)
    _going(stage, "ana")
    return settling(stage)


def _rsvp_settled_again(stage: Stage) -> Do:
    again = _rsvp_settled(stage)
    again()
    return again


def _leaving(stage: Stage) -> Do:
    _event(stage, maxAttendees=1, isWaitlistEnabled=True)
    for uid in ("ana", "ben"):
        _going(stage, uid)
        settling(stage, uid)()
    stage.owner.document("events/e/rsvps/ana").delete()
    return settling(stage)


def _own_rsvp_written(stage: Stage) -> Do:
    _event(stage, visibility="public", maxAttendees=2, isWaitlistEnabled=True)
    stage.owner.document("users/ana").set({"role": "member"})
    entry = {"status": "going", "changedAt": NOW, "changedBy": "ana"}
    rsvp = {
        "status": "going",
        "statusHistory": [entry],
        "createdAt": SERVER_TIMESTAMP,
        "updatedAt": SERVER_TIMESTAMP,
    }
    client = stage.firestore.as_user("ana", role="member")
    return lambda: client.document("events/e/rsvps/ana").create(rsvp)


def _feed(stage: Stage) -> Do:
    stage.put_in_feed("choir")
    stage.put_in_feed("picnic")
    return lambda: stage.http.get("/feeds/public.ics")


def _feed_again(stage: Stage) -> Do:
    fetch = _feed(stage)
    fetch()
    return fetch


def _feed_unchanged(stage: Stage) -> Do:
    stage.put_in_feed("choir")
    tag = stage.http.get("/feeds/public.ics").headers["ETag"]
    return lambda: stage.http.get("/feeds/public.ics", headers={"If-None-Match": tag})


ACTIONS: Mapping[str, Callable[[Stage], Do]] = {
    "a member writes an RSVP": _own_rsvp_written,
    "its trigger settles it": _rsvp_settled,
    "the trigger is delivered once more": _rsvp_settled_again,
    "one leaves, the next in line gets the seat": _leaving,
    "the first calendar fetches a feed that nobody has made yet": _feed,
    "another calendar fetches it": _feed_again,
    "a calendar asks again, nothing has changed": _feed_unchanged,
}
"""By what people do."""
