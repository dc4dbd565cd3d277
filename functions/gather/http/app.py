"""The HTTP application: routes, request ids, errors, health and metrics; every route also under /api."""

import re
import time
import uuid
from typing import Any

from flask import Blueprint, Flask, Response, g, jsonify, request
from google.api_core.exceptions import DeadlineExceeded, GoogleAPICallError, RetryError, ServiceUnavailable
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from werkzeug.exceptions import HTTPException

from gather.attendance.endpoints import blueprint as attendance
from gather.events.endpoints import blueprint as events
from gather.feeds.endpoints import blueprint as feeds
from gather.http.auth import require_caller
from gather.http.body import BODY_BYTES_MAX
from gather.http.context import EXTENSION, current_runtime
from gather.http.errors import RETRY_AFTER_S, ApiError, error_response
from gather.http.openapi import document
from gather.observability import REQUESTS, bound, log
from gather.payments.endpoints import blueprint as checkout
from gather.payments.refund_endpoints import blueprint as refunds
from gather.payments.webhooks import blueprint as webhooks
from gather.receipts.endpoints import blueprint as receipts
from gather.runtime import Runtime
from gather.tickets.endpoints import blueprint as tickets
from gather.tickets.setup_endpoints import blueprint as ticket_setup
from gather.transactions import ContentionError

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
READY_TIMEOUT_S = 5.0
TRANSIENT = (ServiceUnavailable, DeadlineExceeded, RetryError)  # nothing is wrong with the request

platform = Blueprint("platform", __name__)
BLUEPRINTS = (
    platform, events, attendance, feeds, tickets, ticket_setup, receipts, checkout, refunds, webhooks,
)  # fmt: skip


def create_app(runtime: Runtime) -> Flask:
    """Build the application around a runtime; nothing is read from the environment here."""
    app = Flask("gather", static_folder=None)
    app.extensions[EXTENSION] = runtime
    app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES_MAX  # of chunked bodies too, which announce no length
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # the default provider has it
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
        app.register_blueprint(blueprint, url_prefix="/api", name=f"api-{blueprint.name}")
    app.before_request(_begin)
    app.after_request(_end)
    app.register_error_handler(Exception, _failed)
    return app


@platform.get("/health")
def health() -> Response | tuple[Response, int]:
    """Say that the process lives; with `?ready=1` also that Firestore answers."""
    if request.args.get("ready") != "1":
        return jsonify({"status": "ok"})
    try:
        current_runtime().firestore.document("health/ready").get(timeout=READY_TIMEOUT_S)
    except GoogleAPICallError as error:
        log("ERROR", "Firestore does not answer", reason=type(error).__name__)
        raise ApiError("try_again", "Firestore does not answer", headers={"Retry-After": "5"}) from error
    return jsonify({"status": "ok", "firestore": "ok"})


@platform.get("/metrics")
def metrics() -> Response:
    """This process's counters in Prometheus text: for admins, and for everybody beside an emulator."""
    if not current_runtime().settings.emulator and require_caller().role != "admin":
        raise ApiError("forbidden", "only admins read the counters")
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


@platform.get("/openapi.json")
def openapi() -> Response:
    """The description of every route of this application."""
    return jsonify(document(current_runtime().settings.public_url))


def _begin() -> None:
    offered = request.headers.get("X-Request-Id", "")
    g.request_id = offered if REQUEST_ID.fullmatch(offered) else uuid.uuid4().hex
    g.began = time.monotonic()


def _end(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.request_id
    response.headers["X-Content-Type-Options"] = "nosniff"
    # The route's pattern, never the path: a path may hold a secret feed token.
    route = request.url_rule.rule if request.url_rule is not None else "unknown"
    REQUESTS.labels(route=route, method=request.method, status=response.status_code).inc()
    duration_ms = round((time.monotonic() - g.began) * 1000, 1)
    log(
        "INFO",
        "request",
        request_id=g.request_id,
        route=route,
        method=request.method,
        status=response.status_code,
        duration_ms=duration_ms,
    )
    return response


def _failed(error: Exception) -> Response | HTTPException:
    if isinstance(error, ApiError):
        return error_response(error)
    if isinstance(error, ContentionError):
        return error_response(_try_again("too many at once; nothing was changed"))
    if isinstance(error, TRANSIENT):
        log("ERROR", "Firestore does not answer", request_id=g.request_id, reason=type(error).__name__)
        return error_response(_try_again("the database does not answer right now"))
    if isinstance(error, HTTPException):
        return _http_error(error)
    with bound(request_id=g.request_id):
        log("ERROR", "unexpected error", error=type(error).__name__, trace=_frames(error))
    return error_response(ApiError("internal", f"something went wrong; quote request id {g.request_id}"))


def _try_again(message: str) -> ApiError:
    return ApiError("try_again", message, headers={"Retry-After": str(RETRY_AFTER_S)})


def _http_error(error: HTTPException) -> Response | HTTPException:
    code = {404: "not_found", 405: "method_not_allowed", 413: "payload_too_large"}.get(error.code or 500)
    if code is None:
        return error
    allowed = getattr(error, "valid_methods", None)
    headers = {"Allow": ", ".join(sorted(allowed))} if allowed else None
    return error_response(ApiError(code, error.description or code, headers=headers))


def _frames(error: BaseException) -> list[str]:
    """Where it happened, without the values in the message, which may be personal."""
    frames: list[str] = []
    trace: Any = error.__traceback__
    while trace is not None:
        frames.append(f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno} {trace.tb_frame.f_code.co_name}")
        trace = trace.tb_next
    return frames[-8:]
