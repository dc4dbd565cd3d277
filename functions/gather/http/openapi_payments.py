"""The part of the OpenAPI document that is about money that was paid: webhooks, payments, refunds."""

from typing import Any

from gather.http.describing import in_header, in_path, in_query, operation

_PAYMENT_ID = in_path("payment_id")
_SIGNATURE = in_header("Stripe-Signature") | {"required": True}
_WEBHOOK_ERRORS = ["invalid_signature", "invalid_payload", "payload_too_large", "try_again"]

PAYMENTS: dict[str, Any] = {
    "/webhooks/stripe": {
        "post": operation("Take in an event of Stripe's", [_SIGNATURE], {"200": "kept and done"}, _WEBHOOK_ERRORS)
    },
    "/webhooks/stripe/events": {
        "post": operation("As /webhooks/stripe", [_SIGNATURE], {"200": "kept and done"}, _WEBHOOK_ERRORS)
    },
    "/payments": {
        "get": operation(
            "One's own payments; of an event's for who runs it, of all for admins; the latest first",
            [in_query(name) for name in ("event", "status", "limit", "cursor")],
            {"200": "a page of payments, and a cursor if there are more"},
            ["not_signed_in", "validation_failed"],
            signed="required",
        )
    },
    "/payments/{payment_id}": {
        "get": operation(
            "A payment with its refunds",
            [_PAYMENT_ID],
            {"200": "the payment"},
            ["not_signed_in", "not_found"],
            signed="required",
        )
    },
    "/payments/{payment_id}/refunds": {
        "post": operation(
            "Give money back, all that is left or a part (organizers)",
            [_PAYMENT_ID, in_header("Idempotency-Key")],
            {"201": "the refund as Stripe made it", "202": "the refund, made as soon as Stripe answers"},
            [
                "not_signed_in",
                "forbidden",
                "not_found",
                "invalid_transition",
                "refund_too_large",
                "idempotency_conflict",
                "payload_too_large",
                "validation_failed",
                "try_again",
            ],
            body="RefundBody",
            signed="required",
        )
    },
}
