"""The endpoints of Google's emulator that are no part of Firestore: rules, clearing, usage of indexes, the process."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from firewarden.firestore.documents import DatabaseName
from firewarden.firestore.names import parse_database_name
from firewarden.firestore.status import Code, StatusError, failed_precondition, invalid
from firewarden.server.clock_admin import ClockAdmin
from firewarden.server.coverage import CoverageEndpoints
from firewarden.server.denials import DenialEndpoints
from firewarden.server.engine import Engine
from firewarden.server.events import Events
from firewarden.server.export_endpoints import ExportEndpoints
from firewarden.server.meter_admin import MeterAdmin
from firewarden.server.registrations import TriggerRegistration, eventarc_registration, v1_registration
from firewarden.server.rulesets import Loaded
from firewarden.server.settings import DatabaseSettings
from firewarden.server.transports.interface import HttpRequest, HttpResponse, Route

if TYPE_CHECKING:
    from firewarden.firestore.query.needs import Need
    from firewarden.rules.issues import Issue

_PROJECT = "/emulator/v1/projects/{project}"
_DATABASE = _PROJECT + "/databases/{database}"
_NOT_A_PAYLOAD = "Payload isn't valid for request."


class Admin:
    """Answers for one engine. `stop` ends the process, or whatever holds the server."""

    def __init__(self, engine: Engine, *, stop: Callable[[], None], events: Events | None = None) -> None:
        self._engine = engine
        self._denials = DenialEndpoints(engine)
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
            Route("POST", f"{_PROJECT}:bulkDelete", self._bulk_delete),
            Route("POST", f"{_DATABASE}:bulkDelete", self._bulk_delete),
            Route("GET", f"{_PROJECT}:indexUsage", self._index_usage),
            Route("PUT", f"{_PROJECT}/triggers/{{key}}", self._put_trigger),
            Route("POST", f"{_PROJECT}/eventarcTrigger", self._put_eventarc_trigger),
            *CoverageEndpoints(self._engine).routes(),
            *self._denials.routes(),
            *DatabaseSettings(self._engine).routes(),
            *MeterAdmin(self._engine).routes(),
            *ExportEndpoints(self._engine).routes(),
            *ClockAdmin(self._engine.clock).routes(),
            Route("POST", "/reset", self._reset),
            Route("POST", "/shutdown", self._shutdown),
        )

    async def _put_rules(self, request: HttpRequest) -> HttpResponse:
        body = _body(request, {"rules", "ignore_errors", "ignoreErrors", "project", "database"})
        files = _files(body.get("rules"))
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
        self._engine.clear(name, path)
        self._denials.forget(name.project)
        return _answer({})

    async def _bulk_delete(self, request: HttpRequest) -> HttpResponse:
        body = _body(request, {"database", "collectionIds", "namespaceIds"})
        name = parse_database_name(str(body.get("database", "")))
        collections = body.get("collectionIds", [])
        if not (isinstance(collections, list) and all(isinstance(each, str) for each in collections)):
            raise invalid(_NOT_A_PAYLOAD)
        if not collections:
            raise failed_precondition("collection_ids and namespace_ids cannot both be empty.")
        with self._engine.feed.rewriting(name):
            database = self._engine.database(name)
            database.documents.remove_collections(collections, time=database.commit_time())
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
        registration = v1_registration(body, request.captures["project"])
        self._register(request, request.captures["key"], registration)
        return _answer({})

    async def _put_eventarc_trigger(self, request: HttpRequest) -> HttpResponse:
        names = {"eventType", "event_type", "database", "namespace", "document"}
        registration = eventarc_registration(_body(request, names))
        key = dict(request.query).get("eventarcTriggerId")
        if not key:
            raise invalid("eventarcTriggerId must name the function.")
        self._register(request, key, registration)
        return _answer(registration.echoed())

    def _register(self, request: HttpRequest, key: str, asked: TriggerRegistration) -> None:
        if self._events is not None:
            self._events.register(
                request.captures["project"],
                key,
                event_type=asked.event_type,
                document=asked.document,
                database=asked.database,
                is_exact=asked.is_exact,
            )

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


def _files(rules: Any) -> Sequence[Mapping[str, Any]]:
    """The files of a source; none if it has none."""
    if rules is None:
        return ()
    files = rules.get("files") or [] if isinstance(rules, dict) else None
    if not (isinstance(files, list) and all(isinstance(each, dict) for each in files)):
        raise invalid(_NOT_A_PAYLOAD)
    return files


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
