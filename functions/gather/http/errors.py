"""Errors a client sees: `{"error": {"code", "message", "details"?}}` with a stable code, one status each."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, jsonify

STATUS_OF_CODE: Mapping[str, int] = {
    "invalid_signature": 400,
    "invalid_payload": 400,
    "not_signed_in": 401,
    "upgrade_required": 402,
    "forbidden": 403,
    "blocked_from_rsvp": 403,
    "event_not_found": 404,
    "rsvp_not_found": 404,
    "registration_not_found": 404,
    "ticket_not_found": 404,
    "ticket_type_not_found": 404,
    "pool_not_found": 404,
    "discount_code_not_found": 404,
    "not_found": 404,
    "method_not_allowed": 405,
    "event_canceled": 409,
    "event_past": 409,
    "sold_out": 409,
    "capacity_exceeded": 409,
    "invalid_transition": 409,
    "sales_closed": 409,
    "already_registered": 409,
    "in_use": 409,
    "refund_needed": 409,
    "idempotency_conflict": 409,
    "refund_too_large": 409,
    "ticket_void": 410,
    "payload_too_large": 413,
    "validation_failed": 422,
    "invalid_ticket_type": 422,
    "invalid_quantity": 422,
    "invalid_code": 422,
    "rate_limited": 429,
    "internal": 500,
    "try_again": 503,
}
RETRY_AFTER_S = 2


class ApiError(Exception):
    """A refusal with a stable `code` from STATUS_OF_CODE; nothing was changed."""

    def __init__(
        self,
        code: str,
        message: str,
        details: Sequence[Mapping[str, Any]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = STATUS_OF_CODE[code]
        self.message = message
        self.details = details
        self.headers = dict(headers or {})


def error_response(error: ApiError) -> Response:
    """Render the error; `details` is there only when there is something to list."""
    body: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.details:
        body["details"] = list(error.details)
    response = jsonify({"error": body})
    response.status_code = error.status
    response.headers.update(error.headers)
    response.headers["Cache-Control"] = "no-store"
    return response
