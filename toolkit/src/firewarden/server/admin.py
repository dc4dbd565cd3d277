"""The endpoints of Google's emulator that are no part of Firestore: rules, clearing, usage of indexes, the process."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from firewarden.firestore.documents import DatabaseName
from firewarden.firestore.names import parse_database_name
from firewarden.firestore.query.needs import Need
from firewarden.firestore.status import Code, StatusError, invalid
from firewarden.rules.issues import Issue
from firewarden.server.engine import Engine
from firewarden.server.events import Events
from firewarden.server.rulesets import Loaded
from firewarden.server.transports.interface import HttpRequest, HttpResponse, Route

_PROJECT = "/emulator/v1/projects/{project}"
_DATABASE = _PROJECT + "/databases/{database}"
_EVENTS = "google.cloud.firestore.document.v1."
_V1_EVENTS = "providers/cloud.firestore/eventTypes/document."
_V1_TYPES = {
    "write": _EVENTS + "written",
    "create": _EVENTS + "created",
    "update": _EVENTS + "updated",
    "delete": _EVENTS + "deleted",
}
_NOT_A_PAYLOAD = "Payload isn't valid for request."


class Admin:
    """Answers for one engine. `stop` ends the process, or whatever holds the server."""

    def __init__(self, engine: Engine, *, stop: Callable[[], None], events: Events | None = None) -> None:
        self._engine = engine
        self._stop = stop
        self._events = events

    def routes(self) -> Sequence[Route]:
        """What is answered, by method and path."""
        return (
            Route("PUT", f"{_PROJECT}:securityRules", self._put_rules),
            Route("PUT", f"{_DATABASE}:securityRules", self._put_rules),
            Route("GET", f"{_PROJECT}:securityRules", self._get_rules),
            Route("GET", f"{_DATABASE}:securityRules", self._get_rules),
            Route("DELETE", f"{_DATABASE}/documents", self._clear),
            Route("DELETE", f"{_DATABASE}/documents/{{path=**}}", self._clear),
            Route("POST", f"{_DATABASE}:bulkDelete", self._bulk_delete),
            Route("GET", f"{_PROJECT}:indexUsage", self._index_usage),
            Route("PUT", f"{_PROJECT}/triggers/{{key}}", self._put_trigger),
            Route("POST", f"{_PROJECT}/eventarcTrigger", self._put_eventarc_trigger),
            Route("POST", "/reset", self._reset),
            Route("POST", "/shutdown", self._shutdown),
        )

    async def _put_rules(self, request: HttpRequest) -> HttpResponse:
        body = _body(request, {"rules", "ignore_errors", "ignoreErrors", "project", "database"})
        files = (body.get("rules") or {}).get("files") or ()
        if not files:
            raise StatusError(Code.UNKNOWN, "")
        rulesets = self._engine.rulesets
        ignores_errors = bool(body.get("ignore_errors", body.get("ignoreErrors")))
        with self._engine.guard:
            if database := request.captures.get("database"):
                name = DatabaseName(request.captures["project"], database)
                loaded = rulesets.put_database(name, files, ignore_errors=ignores_errors)
            else:
                loaded = rulesets.put_project(request.captures["project"], files, ignore_errors=ignores_errors)
        return _answer(_issues(loaded))

    async def _get_rules(self, request: HttpRequest) -> HttpResponse:
        project, database = request.captures["project"], request.captures.get("database")
        rulesets = self._engine.rulesets
        loaded = rulesets.of(DatabaseName(project, database)) if database else rulesets.of_project(project)
        return _answer({"rules": {"files": [dict(each) for each in loaded.files]}, **_issues(loaded)})

    async def _clear(self, request: HttpRequest) -> HttpResponse:
        name = DatabaseName(request.captures["project"], request.captures["database"])
        path = tuple(each for each in request.captures.get("path", "").split("/") if each)
        with self._engine.guard:
            database = self._engine.database(name)
            database.transactions.end_all()
            if path:
                database.documents.clear_below(path, time=database.commit_time())
            else:
                database.documents.clear()
        return _answer({})

    async def _bulk_delete(self, request: HttpRequest) -> HttpResponse:
        body = _body(request, {"database", "collectionIds", "namespaceIds"})
        name = parse_database_name(str(body.get("database", "")))
        with self._engine.guard:
            database = self._engine.database(name)
            database.documents.remove_collections(body.get("collectionIds", []), time=database.commit_time())
        return _answer({})

    async def _index_usage(self, request: HttpRequest) -> HttpResponse:
        name = parse_database_name(dict(request.query).get("database", ""))
        reports = [
            {"index": _index(name, need), "numQueries": str(count)}
            for need, count in self._engine.database(name).index_usage()
        ]
        return _answer({"reports": reports} if reports else {})

    async def _put_trigger(self, request: HttpRequest) -> HttpResponse:
        body = _body(request, {"eventTrigger", "event_trigger", "name"})
        asked = body.get("eventTrigger") or body.get("event_trigger") or {}
        short = str(asked.get("eventType", "")).removeprefix(_V1_EVENTS)
        database, _, document = str(asked.get("resource", "")).partition("/documents/")
        if short not in _V1_TYPES or not document:
            raise StatusError(Code.UNKNOWN, "")
        self._register(request, request.captures["key"], _V1_TYPES[short], document, database.rpartition("/")[2])
        return _answer({})

    async def _put_eventarc_trigger(self, request: HttpRequest) -> HttpResponse:
        body = _body(request, {"eventType", "database", "namespace", "document"})
        key = dict(request.query).get("eventarcTriggerId", "")
        document = str((body.get("document") or {}).get("value", ""))
        event_type = str(body.get("eventType", ""))
        if not key or not document or not event_type.startswith(_EVENTS):
            raise StatusError(Code.UNKNOWN, "")
        self._register(request, key, event_type, document, str(body.get("database") or "(default)"))
        return _answer(body)

    def _register(self, request: HttpRequest, key: str, event_type: str, document: str, database: str) -> None:
        if self._events is not None:
            project = request.captures["project"]
            self._events.register(project, key, event_type=event_type, document=document, database=database)

    async def _reset(self, _: HttpRequest) -> HttpResponse:
        self._engine.reset()
        return HttpResponse(200, b"Resetting...\n")

    async def _shutdown(self, _: HttpRequest) -> HttpResponse:
        self._stop()
        return HttpResponse(200, b"Shutting down...\n")


def _index(database: DatabaseName, need: Need) -> dict[str, Any]:
    """A composite index as the admin API describes it, its name telling the collection."""
    definition = need.definition()
    fields = [*definition["fields"]]
    if fields[-1]["fieldPath"] != "__name__":
        fields.append({"fieldPath": "__name__", "order": need.name.value})
    name = f"{database}/collectionGroups/{definition['collectionGroup']}/indexes/_"
    return {"name": name, "queryScope": definition["queryScope"], "fields": fields}


def _body(request: HttpRequest, known: set[str]) -> Mapping[str, Any]:
    try:
        body = json.loads(request.body or b"{}")
    except ValueError:
        raise invalid(_NOT_A_PAYLOAD) from None
    if not isinstance(body, dict) or body.keys() - known:
        raise invalid(_NOT_A_PAYLOAD)
    return body


def _issues(loaded: Loaded) -> dict[str, Any]:
    file = str(loaded.files[0].get("name", ""))
    return {"issues": [_issue(file, each) for each in loaded.issues]} if loaded.issues else {}


def _issue(file: str, issue: Issue) -> dict[str, Any]:
    place = {
        "fileName": file,
        "line": issue.line,
        "column": issue.column,
        "currentOffset": issue.start,
        "endOffset": issue.end,
    }
    # As protocol buffers are written in JSON: what is zero or empty is left out.
    position = {name: value for name, value in place.items() if value}
    return {"sourcePosition": position, "description": issue.description, "severity": issue.severity}


def _answer(body: Mapping[str, Any]) -> HttpResponse:
    text = json.dumps(body, indent=2, ensure_ascii=False) if body else "{\n}"
    return HttpResponse(200, f"{text}\n".encode(), "application/json")
