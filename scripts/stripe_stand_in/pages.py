"""What customers see: the pay page, their bank's question, a receipt. Works without scripts."""

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from stripe_stand_in.account import Object
from stripe_stand_in.cards import CARDS
from stripe_stand_in.currencies import shown
from stripe_stand_in.errors import StripeError
from stripe_stand_in.stand_in import Paid, StandIn

_DELAYED_NAMES = {
    "sepa_debit": "SEPA Direct Debit",
    "us_bank_account": "US bank account",
    "bacs_debit": "Bacs Direct Debit",
}


def pages_of(stand_in: StandIn) -> Blueprint:
    """The pages of this stand-in."""
    pages = Blueprint("pages", __name__, template_folder="templates")

    def page(session_id: str, *, problem: str | None = None, status: int = 200) -> Response:
        session = stand_in.get(session_id, "checkout.session")
        template = "pay.html" if session["status"] == "open" else "closed.html"
        text = render_template(
            template,
            session=session,
            items=stand_in.line_items(session_id),
            money=lambda amount: shown(amount, session["currency"]),
            delayed=[(name, _named(name)) for name in session["payment_method_types"] if name != "card"],
            cards=[(_spaced(number), _outcome(number)) for number in CARDS],
            chosen=request.form,
            problem=problem,
        )
        return make_response(text, status)

    @pages.get("/pay/<session_id>")
    def show(session_id: str) -> Response:
        return page(session_id)

    @pages.post("/pay/<session_id>")
    def pay(session_id: str) -> AnyResponse:
        session = stand_in.get(session_id, "checkout.session")
        try:
            paid = _paid(stand_in, session)
        except StripeError as error:
            return page(session_id, problem=error.message, status=error.status)
        if paid.url is None:
            return page(session_id, problem=paid.message, status=402)
        return redirect(paid.url, code=303)

    @pages.get("/authenticate/<intent_id>")
    def ask(intent_id: str) -> str:
        intent = stand_in.get(intent_id, "payment_intent")
        return render_template("authenticate.html", intent=intent, amount=shown(intent["amount"], intent["currency"]))

    @pages.post("/authenticate/<intent_id>")
    def answer(intent_id: str) -> AnyResponse:
        succeeds = request.form.get("answer") == "yes"
        url, session_id = stand_in.answer_bank(intent_id, succeeds=succeeds)
        if url is None and session_id is not None:
            return redirect(f"/pay/{session_id}", code=303)
        return redirect(url, code=303) if url else make_response("You may close this window.")

    @pages.get("/receipts/<charge_id>")
    def receipt(charge_id: str) -> str:
        charge = stand_in.get(charge_id, "charge")
        return render_template("receipt.html", charge=charge, amount=shown(charge["amount"], charge["currency"]))

    @pages.errorhandler(StripeError)
    def not_found(error: StripeError) -> tuple[str, int]:
        return render_template("missing.html", message=error.message), error.status

    return pages


def _paid(stand_in: StandIn, session: Object) -> Paid:
    chosen = request.form.get("method", "card")
    if chosen == "card":
        return stand_in.pay(session["id"], card=request.form.get("card", ""))
    kind, _, ending = chosen.partition(":")
    return stand_in.pay(session["id"], method=kind, fails_later=ending == "fails")


def _named(kind: str) -> str:
    return _DELAYED_NAMES.get(kind, kind.replace("_", " ").capitalize())


def _spaced(number: str) -> str:
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def _outcome(number: str) -> str:
    means = CARDS[number]
    if means.decline is not None:
        return f"declined: {means.decline.decline_code or means.decline.code}"
    if means.asks_customer:
        return "the bank asks the customer first"
    if means.disputed:
        return "succeeds, and is disputed at once"
    return {"at_once": "succeeds", "pending_first": "succeeds; a refund is pending at first",
            "fails_later": "succeeds; a refund fails later"}[means.refunds]  # fmt: skip
