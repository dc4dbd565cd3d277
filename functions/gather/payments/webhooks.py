"""`/webhooks/stripe`: 400 for what is not Stripe's, 413 for what is too large, 5xx for what Stripe has to send again.

Everything else is 200, also what changes nothing: Stripe stops sending it.
"""

from flask import Blueprint, Response, jsonify, request

from gather.http.context import current_runtime
from gather.http.errors import ApiError
from gather.observability import DELIVERIES, log
from gather.payments.facts import GatewayDownError, GatewayRefusedError
from gather.payments.intake import receive
from gather.payments.signature import SignatureError
from gather.payments.stripe_event import MalformedEventError

BODY_BYTES_MAX = 512 * 1024
"""Stripe's events are a few kilobytes; one has to fit into a document (1 MiB) with what we note beside it."""

blueprint = Blueprint("webhooks", __name__)


@blueprint.post("/webhooks/stripe")
@blueprint.post("/webhooks/stripe/events", endpoint="stripe_events")
def stripe() -> Response:
    """Take in one event; 200 says that Stripe need not send it again."""
    request.max_content_length = BODY_BYTES_MAX
    body, signature = request.get_data(cache=False), request.headers.get("Stripe-Signature")
    try:
        outcome = receive(current_runtime(), body, signature)
    except SignatureError as error:
        log("WARNING", "a webhook was refused", reason=str(error))
        raise ApiError("invalid_signature", "the signature is missing, wrong, or not of now") from error
    except MalformedEventError as error:
        log("WARNING", "a webhook was refused", reason=str(error))
        raise ApiError("invalid_payload", "the body is not an event") from error
    except (GatewayDownError, GatewayRefusedError) as error:
        raise ApiError("try_again", "the event is kept, and still to be applied") from error
    DELIVERIES.labels(function="stripe", outcome=outcome.value).inc()
    return jsonify({"received": True})
