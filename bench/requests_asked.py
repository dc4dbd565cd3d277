"""The requests that are measured: rules, stored documents, and the request for either engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from firewarden.rules import Both, Commit, Filter, List, Query, Request, auth_of
from firewarden.rules.requests import DocumentPath
from firewarden.testing.rules.values import engine_fields
from firewarden.testing.rules.writing import create_write
from firewarden.values import Timestamp

NOW = datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. `sent` is what a client is told: a path with the data to create, or a query."""

    name: str
    rules: str
    stored: Mapping[str, Mapping[str, Any]]
    claims: Mapping[str, Any] | None
    request: Request
    allowed: bool
    sent: tuple[str, Mapping[str, Any]] | Query

    @property
    def documents(self) -> dict[DocumentPath, dict[str, Any]]:
        """The stored documents as the engine reads them."""
        return {tuple(path.split("/")): engine_fields(data, NOW) for path, data in self.stored.items()}


def rsvp_create(rules: str) -> Asked:
    """A member answers an event: five lookups, about 390 nodes of the budget."""
    event = {
        "title": "Picnic",
        "startAt": NOW + timedelta(days=1),
        "lastEndAt": NOW + timedelta(days=1, hours=2),
        "visibility": "public",
        "createdBy": "root",
        "createdAt": NOW,
        "updatedAt": NOW,
        "published": True,
        "attendingCount": 3,
        "maxAttendees": 10,
    }
    entry = {"status": "going", "changedAt": NOW, "changedBy": "ana"}
    rsvp = {"status": "going", "statusHistory": [entry], "createdAt": NOW, "updatedAt": NOW, "partySize": 2}
    claims = {"sub": "ana", "user_id": "ana", "role": "member"}
    write = create_write("events/e1/rsvps/ana", rsvp, NOW)
    return Asked(
        name="RSVP create",
        rules=rules,
        stored={"events/e1": event, "users/ana": {"name": "Ana"}},
        claims=claims,
        request=Request(operation=Commit(writes=(write,)), time=Timestamp.of(NOW), auth=auth_of(claims)),
        allowed=True,
        sent=("events/e1/rsvps/ana", rsvp),
    )


def event_list(rules: str) -> Asked:
    """A guest lists the public events; nothing is found, so that only deciding is measured."""
    filters = (
        Filter(field="published", operator="==", value=True),
        Filter(field="visibility", operator="==", value="public"),
        Filter(field="lastEndAt", operator=">=", value=Timestamp.of(NOW + timedelta(days=400))),
    )
    query = Query(collection="events", where=Both(filters=filters), limit=20)
    request = Request(operation=List(query=query), time=Timestamp.of(NOW), auth=None)
    return Asked("event list", rules, {}, None, request, allowed=True, sent=query)


def validator() -> Asked:
    """A create with thirty clauses about its fields."""
    names = [f"field{number:02d}" for number in range(15)]
    clauses = [clause for name in names for clause in (f"it.{name} is string", f"it.{name}.size() <= 20")]
    rules = (
        "rules_version = '2';\nservice cloud.firestore {\n  match /databases/{database}/documents {\n"
        "    match /forms/{id} {\n      function isForm(it) {\n        return "
        + "\n          && ".join(clauses)
        + ";\n      }\n      allow create: if isForm(request.resource.data);\n    }\n  }\n}\n"
    )
    data = dict.fromkeys(names, "some text")
    write = create_write("forms/f1", data, NOW)
    claims = {"sub": "ana", "user_id": "ana"}
    request = Request(operation=Commit(writes=(write,)), time=Timestamp.of(NOW), auth=auth_of(claims))
    return Asked("30 clauses", rules, {}, claims, request, allowed=True, sent=("forms/f1", data))
