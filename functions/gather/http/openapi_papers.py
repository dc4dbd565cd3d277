"""The part of the OpenAPI document that is about the papers of a payment: its receipt and invoices."""

from typing import Any

from gather.http.describing import in_path, in_query, operation

_PAYMENT_ID = in_path("payment_id")
_ERRORS = ["not_signed_in", "not_found", "try_again"]
_LINK = {"302": "to the PDF, at an address that expires", "200": "that address, for Accept: application/json"}

PAPERS: dict[str, Any] = {
    "/payments/{payment_id}/receipt": {
        "get": operation(
            "The receipt of a payment (whoever paid, organizers, admins)",
            [_PAYMENT_ID],
            {"200": "the receipt, and the ids of its invoice and credit notes"},
            _ERRORS,
            signed="required",
        )
    },
    "/payments/{payment_id}/receipt.pdf": {
        "get": operation("The receipt as PDF", [_PAYMENT_ID], _LINK, _ERRORS, signed="required")
    },
    "/payments/{payment_id}/invoice.pdf": {
        "get": operation(
            "The invoice as PDF; with ?id= one of its credit notes",
            [_PAYMENT_ID, in_query("id")],
            _LINK,
            _ERRORS,
            signed="required",
        )
    },
}
