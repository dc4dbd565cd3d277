"""Registrations of functions as clients send them to the emulator's two endpoints, read strictly.

What the emulator answers with a bare UNKNOWN is refused with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from firewarden.firestore.status import StatusError, invalid

_CHANGES = ("written", "created", "updated", "deleted")
_EVENTARC_TYPES = frozenset(
    f"google.cloud.firestore.document.v1.{change}{end}" for change in _CHANGES for end in ("", ".withAuthContext")
)
_V1_TYPES = frozenset(
    f"providers/cloud.firestore/eventTypes/document.{change}" for change in ("write", "create", "update", "delete")
)
_MATCH_TYPES: Mapping[Any, str] = {"EXACT": "EXACT", "PATH_PATTERN": "PATH_PATTERN", 1: "EXACT", 2: "PATH_PATTERN"}
_DEFAULT = "(default)"
_SERVICE = "firestore.googleapis.com"


class TriggerRegistration(NamedTuple):
    """Which events a function wants; `body` is what the client sent."""

    event_type: str
    database: str
    document: str
    is_exact: bool
    body: Mapping[str, Any]

    def echoed(self) -> Mapping[str, Any]:
        """The registration of an eventarc trigger as it is answered."""
        match_type = "EXACT" if self.is_exact else "PATH_PATTERN"
        given = {name: self.body[name] for name in ("database", "namespace") if self.body.get(name)}
        document = {"value": self.document, "matchType": match_type}
        return {"eventType": self.event_type, **given, "document": document}


def eventarc_registration(body: Mapping[str, Any]) -> TriggerRegistration:
    """What `eventarcTrigger` is sent: a function of the second generation."""
    event_type = _one_of(body.get("eventType", body.get("event_type")), _EVENTARC_TYPES, "eventType")
    if body.get("namespace", _DEFAULT) not in ("", _DEFAULT):
        raise invalid(f"namespace {body['namespace']!r}: there is none but {_DEFAULT!r}.")
    database = _text(body.get("database", _DEFAULT), "database") or _DEFAULT
    if "/" in database:
        raise invalid(f"database {database!r} is an id, without slashes.")
    asked = body.get("document")
    if not isinstance(asked, Mapping) or asked.keys() - {"value", "matchType", "match_type"}:
        raise invalid("document must be {value, matchType}.")
    match_type = _MATCH_TYPES.get(asked.get("matchType", asked.get("match_type")))
    if match_type is None:
        raise invalid("document.matchType must be EXACT or PATH_PATTERN.")
    document = _text(asked.get("value"), "document.value")
    is_exact = match_type == "EXACT"
    return TriggerRegistration(event_type, database, _pattern(document, is_exact=is_exact), is_exact, body)


def v1_registration(body: Mapping[str, Any], project: str) -> TriggerRegistration:
    """What `triggers` of a project is sent: a function of the first generation."""
    asked = body.get("eventTrigger", body.get("event_trigger"))
    known = {"eventType", "event_type", "resource", "service"}
    if not isinstance(asked, Mapping) or asked.keys() - known:
        raise invalid("eventTrigger must be {eventType, resource, service}.")
    event_type = _one_of(asked.get("eventType", asked.get("event_type")), _V1_TYPES, "eventTrigger.eventType")
    _one_of(asked.get("service"), frozenset({_SERVICE}), "eventTrigger.service")
    resource = _text(asked.get("resource"), "eventTrigger.resource")
    database, found, document = resource.partition("/documents/")
    parts = database.split("/")
    if not found or len(parts) != 4 or parts[:3] != ["projects", project, "databases"]:
        raise invalid(
            f"eventTrigger.resource {resource!r} must be projects/{project}/databases/DATABASE/documents/PATTERN."
        )
    return TriggerRegistration(event_type, parts[3], _pattern(document, is_exact=False), is_exact=False, body=body)


def _pattern(document: str, *, is_exact: bool) -> str:
    """A pattern that the emulator takes, and then fails every commit for, is refused here."""
    for segment in () if is_exact else document.strip("/").split("/"):
        is_capture = segment.startswith("{") and segment.endswith("}")
        inside = segment[1:-1] if is_capture else segment
        if "{" in inside or "}" in inside or not inside:
            raise invalid(f"{document!r} is no pattern of a document: {segment!r} is no segment of one.")
    return document


def _one_of(value: Any, known: frozenset[str], name: str) -> str:
    if value not in known:
        raise _not_one_of(value, known, name)
    return str(value)


def _not_one_of(value: Any, known: frozenset[str], name: str) -> StatusError:
    return invalid(f"{name} {value!r} must be one of {', '.join(sorted(known))}.")


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise invalid(f"{name} must be a text.")
    return value
