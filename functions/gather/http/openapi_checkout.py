"""The routes of buying, as the OpenAPI document describes them."""

from typing import Any

from gather.http.describing import in_header, in_path, operation
from gather.payments.order_body import CheckoutBody, PurchaseBody

ORDER_BODIES: dict[str, Any] = {
    "PurchaseBody": PurchaseBody.model_json_schema(by_alias=True),
    "CheckoutBody": CheckoutBody.model_json_schema(by_alias=True),
}
_ORDER_ERRORS = [
    "not_signed_in",
    "upgrade_required",
    "forbidden",
    "blocked_from_rsvp",
    "event_not_found",
    "event_canceled",
    "event_past",
    "sold_out",
    "capacity_exceeded",
    "sales_closed",
    "already_registered",
    "idempotency_conflict",
    "payload_too_large",
    "validation_failed",
    "invalid_ticket_type",
    "invalid_quantity",
    "invalid_code",
    "try_again",
]
_ANSWERS = {"201": "where to pay, or the registration where it is free", "200": "the same, ordered before"}


def _order(summary: str, body: str) -> dict[str, Any]:
    parameters = [in_path("event_id"), in_header("Idempotency-Key")]
    return {"post": operation(summary, parameters, _ANSWERS, _ORDER_ERRORS, body=body, signed="required")}


CHECKOUT: dict[str, Any] = {
    "/events/{event_id}/tickets/purchase": _order("Order tickets", "PurchaseBody"),
    "/events/{event_id}/checkout": _order("Order the seats of one's own RSVP", "CheckoutBody"),
    "/payments/{payment_id}/success": {
        "get": operation(
            "What became of a payment, asked of Stripe now; a page for browsers",
            [in_path("payment_id")],
            {"200": "its status"},
            ["not_found", "try_again"],
        )
    },
    "/payments/{payment_id}/canceled": {
        "get": operation(
            "Where Stripe sends back who has not paid; a page for browsers",
            [in_path("payment_id")],
            {"200": "its status"},
            ["not_found"],
        )
    },
    "/payments/{payment_id}/cancel": {
        "post": operation(
            "Give up one's own payment that is not paid",
            [in_path("payment_id")],
            {"200": "the payment"},
            ["not_signed_in", "not_found", "invalid_transition", "try_again"],
            signed="required",
        )
    },
}
