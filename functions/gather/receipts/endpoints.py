"""`/payments/{id}/receipt`, `.pdf` and `/payments/{id}/invoice.pdf`: the papers of a payment, for who may read them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, jsonify, redirect, request
from werkzeug.wrappers import Response

from gather.http.answers import not_kept
from gather.http.auth import require_caller
from gather.http.context import current_runtime
from gather.http.errors import ApiError
from gather.receipts.access import may_read
from gather.receipts.invoice import Kind
from gather.receipts.keeping import keep_invoice, keep_receipt
from gather.receipts.storage import LINK_LIFETIME
from gather.receipts.store import invoices_query, receipt_query

blueprint = Blueprint("receipts", __name__)

NO_RECEIPT = "there is no receipt for this payment, or you may not see it"
NO_INVOICE = "there is no such invoice for this payment, or you may not see it"


@blueprint.get("/payments/<payment_id>/receipt")
def receipt(payment_id: str) -> Response:
    """The receipt as JSON, and the ids of the invoice and of the notes that correct it."""
    found = _receipt(payment_id)
    papers = [paper.to_dict() for paper in invoices_query(current_runtime().firestore, payment_id).get()]
    listed = sorted(papers, key=lambda paper: (paper["issuedAt"], paper["number"]))
    shown = [{name: paper[name] for name in ("id", "kind", "grossCents", "refersTo")} for paper in listed]
    return not_kept(jsonify({"receipt": _json(found), "invoices": shown}))


@blueprint.get("/payments/<payment_id>/receipt.pdf")
def receipt_pdf(payment_id: str) -> Response:
    """A redirection to the PDF, at an address that expires; or that address as JSON for who asks for JSON."""
    found = _receipt(payment_id)
    return _linked(keep_receipt(current_runtime().storage, found))


@blueprint.get("/payments/<payment_id>/invoice.pdf")
def invoice_pdf(payment_id: str) -> Response:
    """The same for the invoice, or with `?id=` for one of the notes that correct it."""
    _receipt(payment_id)
    found = current_runtime()
    wanted = request.args.get("id")
    papers = [paper.to_dict() for paper in invoices_query(found.firestore, payment_id).get()]
    matching = (
        paper for paper in papers if (paper["kind"] == Kind.INVOICE if wanted is None else paper["id"] == wanted)
    )
    paper = next(matching, None)
    if paper is None:
        raise ApiError("not_found", NO_INVOICE)
    return _linked(keep_invoice(found.storage, paper))


def _receipt(payment_id: str) -> dict[str, Any]:
    """Who may not read it learns no more than who asks for one that does not exist."""
    caller = require_caller()
    client = current_runtime().firestore
    snapshots = receipt_query(client, payment_id).get()
    found: dict[str, Any] | None = snapshots[0].to_dict() if snapshots else None
    if found is None or not may_read(client, caller, found):
        raise ApiError("not_found", NO_RECEIPT)
    return found


def _linked(name: str) -> Response:
    link = current_runtime().storage.link(name)
    # Browsers cannot follow with a token what they may only open without one: pages ask for the address and open it.
    if request.accept_mimetypes.best_match(["application/pdf", "application/json"]) == "application/json":
        answer: Response = jsonify({"url": link, "expiresInSeconds": int(LINK_LIFETIME.total_seconds())})
    else:
        answer = redirect(link)
    return not_kept(answer)


def _json(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in document.items()}
