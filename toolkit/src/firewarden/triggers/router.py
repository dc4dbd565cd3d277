"""Which URL is which function: parse the path, call, answer. Nothing is decided here.

The URLs are those of the Firebase functions emulator, so that clients need no other setting than its host:

    /{project}/{region}/{function}/…             an HTTP, callable or task function
    /functions/projects/{project}/triggers/{key} POST: an event; acknowledged before it is delivered
    /__/functions                                GET: what is served
    /__/run/{function}                           POST: runs a scheduled function now
    /…                                           the function mounted at the root, if there is one
"""

import json
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response
from werkzeug.wsgi import ClosingIterator

from firewarden.errors import EventMalformed, FirewardenError
from firewarden.triggers.cloudevents import FirestoreEvent, decode
from firewarden.triggers.http_functions import ERROR, http_app
from firewarden.triggers.manifest import SERVED_OVER_HTTP, Function, Kind, Manifest
from firewarden.triggers.scheduled import scheduler_headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

EVENT_BYTES_MAX = 16 * 1024 * 1024  # two documents of 1 MiB each, in base64, with a wide margin


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpCall:
    """One answered request; `function` is None where no function was called."""

    function: str | None
    method: str
    path: str
    status: int
    elapsed_s: float
    error: BaseException | None = None


class Router:
    """A WSGI application over a manifest.

    `receive` takes project, trigger key and event, and says whether such a trigger exists; `report` is told
    of every answered request but acknowledged events, which the delivery log shows.
    """

    def __init__(
        self,
        manifest: Manifest,
        *,
        project: str,
        http_root: str | None,
        receive: Callable[[str, str, FirestoreEvent], bool],
        report: Callable[[HttpCall], None],
    ) -> None:
        self._manifest = manifest
        self._project = project
        self._http_root = http_root
        self._receive = receive
        self._report = report
        self._apps = {
            function.name: http_app(function.name, function.handler)
            for function in manifest.of_kind(*SERVED_OVER_HTTP, Kind.SCHEDULE)
        }
        self._finished = threading.Condition()
        self._running = 0
        if http_root is not None:
            _require_http(http_root, manifest)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        started = time.monotonic()
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "/")
        status = 0

        def start(line: str, *rest: Any) -> Callable[[bytes], object]:
            nonlocal status
            status = int(line.split(" ", 1)[0])
            return start_response(line, *rest)

        function, app = self._route(environ)

        def finish() -> None:
            try:
                # An acknowledged event is left to the delivery log.
                if function is not None or status >= 300:
                    elapsed_s = time.monotonic() - started
                    error = environ.get(ERROR)
                    self._report(
                        HttpCall(
                            function=function, method=method, path=path, status=status, elapsed_s=elapsed_s, error=error
                        )
                    )
            finally:
                self._count_running(-1)

        self._count_running(1)
        try:
            return ClosingIterator(app(environ, start), finish)
        except BaseException:
            finish()
            raise

    def _count_running(self, change: int) -> None:
        with self._finished:
            self._running += change
            self._finished.notify_all()

    def wait_idle(self, timeout_s: float) -> bool:
        """Return whether every request has been answered within the time."""
        with self._finished:
            return self._finished.wait_for(lambda: self._running == 0, timeout_s)

    def _route(self, environ: "WSGIEnvironment") -> tuple[str | None, "WSGIApplication"]:
        path = environ.get("PATH_INFO", "/")
        match path.split("/")[1:]:
            case ["__", "functions"]:
                return None, _json(_listing(self._manifest, self._project))
            case ["__", "run", name]:
                return self._scheduled(name, environ)
            case ["functions", "projects", project, "triggers", key]:
                return None, self._receiver(project, key)
            case [project, region, name, *_] if self._serves(project, region, name):
                return name, _mounted(self._apps[name], f"/{project}/{region}/{name}")
        if self._http_root is not None:
            return self._http_root, self._apps[self._http_root]
        return None, _plain(404, f"No function is served at {path}. GET /__/functions lists them.")

    def _serves(self, project: str, region: str, name: str) -> bool:
        function = self._manifest.get(name)
        return (
            project == self._project
            and function is not None
            and function.kind in SERVED_OVER_HTTP
            and region in function.regions
        )

    def _scheduled(self, name: str, environ: "WSGIEnvironment") -> tuple[str | None, "WSGIApplication"]:
        function = self._manifest.get(name)
        if function is None or function.kind is not Kind.SCHEDULE:
            return None, _plain(404, f"{name} is no scheduled function. GET /__/functions lists them.")
        if environ["REQUEST_METHOD"] != "POST":
            return None, _plain(405, "A scheduled function is run by POST.")
        # What Cloud Scheduler would send; a caller may send its own, another time for one.
        for header, value in scheduler_headers(function, datetime.now(UTC)).items():
            environ.setdefault(f"HTTP_{header.upper().replace('-', '_')}", value)
        return name, _mounted(self._apps[name], environ["PATH_INFO"])

    def _receiver(self, project: str, key: str) -> "WSGIApplication":
        @Request.application
        def receive(request: Request) -> Response:
            if request.method != "POST":
                return _plain(405, "Events come by POST.")
            request.max_content_length = EVENT_BYTES_MAX
            try:
                event = decode(dict(request.headers), request.get_data())
            except EventMalformed as error:
                return _plain(400, str(error))
            if not self._receive(project, key, event):
                return _plain(404, f"No function of project {self._project} has the trigger {key}.")
            return _plain(200, "acknowledged")

        return receive


def _require_http(name: str, manifest: Manifest) -> None:
    served = [function.name for function in manifest.of_kind(*SERVED_OVER_HTTP)]
    if name not in served:
        raise FirewardenError(
            f"{name!r} cannot be mounted at /: it is no HTTP function of {manifest.source}.",
            hint=f"HTTP functions there: {', '.join(served) or 'none'}.",
        )


def _mounted(app: "WSGIApplication", prefix: str) -> "WSGIApplication":
    """The function sees only what follows its own name, as in production; links it builds keep the rest."""

    def call(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ["PATH_INFO"].removeprefix(prefix) or "/"
        environ |= {"SCRIPT_NAME": prefix, "PATH_INFO": path}
        return app(environ, start_response)

    return call


def _listing(manifest: Manifest, project: str) -> dict[str, Any]:
    return {
        "project": project,
        "functions": [_described(function, project) for function in manifest.functions],
        "notServed": dict(manifest.unserved),
    }


def _described(function: Function, project: str) -> dict[str, Any]:
    description: dict[str, Any] = {
        "name": function.name,
        "kind": function.kind,
        "regions": list(function.regions),
    }
    if function.kind in SERVED_OVER_HTTP:
        description["paths"] = [f"/{project}/{region}/{function.name}" for region in function.regions]
    if function.schedule is not None:
        description |= {"schedule": function.schedule, "run": f"/__/run/{function.name}"}
    if function.trigger is not None:
        description |= {
            "eventType": function.trigger.event_type,
            "document": function.trigger.document.text,
            "database": function.trigger.database,
            "retry": function.trigger.retry,
            "trigger": function.key,
        }
    return description


def _plain(status: int, text: str) -> Response:
    return Response(f"{text}\n", status=status, mimetype="text/plain")


def _json(value: object) -> Response:
    return Response(json.dumps(value, indent=2) + "\n", mimetype="application/json")
