"""Stripe as a model in memory: the facts of sessions, intents and refunds, and the events that tell of their changes.

It is what the functions' tests hold money against. It never delivers anything: `events` is what a test may deliver, in
whatever order, however often. The stand-in of `scripts/stripe_stand_in` is for what goes through HTTP and the SDK.
"""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from gather.payments.facts import (
    GatewayRefusedError,
    IntentFacts,
    IntentRequest,
    RefundFacts,
    SessionFacts,
    SessionRequest,
)
from tests.support.stripe_faults import Fault, never
from tests.support.stripe_payloads import event_json, intent_json, refund_json, session_json

T = TypeVar("T")

SESSION_LASTS = timedelta(minutes=30), timedelta(hours=24)


@dataclass(slots=True, eq=False)
class ModelStripe:
    """One account. `forgets_keys` makes it one that honours no idempotency key: for negative controls."""

    now: Callable[[], datetime]
    livemode: bool = False
    forgets_keys: bool = False
    refunds_take_time: bool = False
    fault: Fault = never
    sessions: dict[str, SessionFacts] = field(default_factory=dict)
    intents: dict[str, IntentFacts] = field(default_factory=dict)
    refunds: dict[str, RefundFacts] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    disputes: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    _answers: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    # --- What the functions ask: the port ------------------------------------------------------------------

    def create_session(self, request: SessionRequest, *, idempotency_key: str) -> SessionFacts:
        def create() -> SessionFacts:
            lasts = request.expires_at - self.now()
            if not SESSION_LASTS[0] <= lasts <= SESSION_LASTS[1]:
                raise GatewayRefusedError("parameter_invalid", f"a session cannot last {lasts}")
            session_id = self._id("cs_test")
            self.sessions[session_id] = SessionFacts(
                id=session_id,
                status="open",
                payment_status="unpaid",
                payment_intent_id=None,
                url=f"https://checkout.example.org/pay/{session_id}",
                expires_at=request.expires_at,
                livemode=self.livemode,
                payment_id=request.payment_id,
                amount_cents=sum(line.unit_cents * line.quantity for line in request.lines),
                currency=request.currency,
            )
            return self.sessions[session_id]

        return self._once("create_session", idempotency_key, request, create)

    def retrieve_session(self, session_id: str) -> SessionFacts:
        return self._answer("retrieve_session", lambda: _found(self.sessions, session_id))

    def expire_session(self, session_id: str) -> SessionFacts:
        def expire() -> SessionFacts:
            if _found(self.sessions, session_id).status != "open":
                raise GatewayRefusedError("resource_invalid_state", "the session is not open")
            return self._expire(session_id)

        return self._answer("expire_session", expire)

    def create_intent(self, request: IntentRequest, *, idempotency_key: str) -> IntentFacts:
        def create() -> IntentFacts:
            return self._new_intent(request.payment_id, request.amount_cents, request.currency)

        return self._once("create_intent", idempotency_key, request, create)

    def retrieve_intent(self, intent_id: str) -> IntentFacts:
        return self._answer("retrieve_intent", lambda: self.intent(intent_id))

    def cancel_intent(self, intent_id: str) -> IntentFacts:
        def cancel() -> IntentFacts:
            if _found(self.intents, intent_id).status in {"succeeded", "processing", "canceled"}:
                raise GatewayRefusedError("payment_intent_unexpected_state")
            self._intent(intent_id, "payment_intent.canceled", status="canceled")
            return self.intent(intent_id)

        return self._answer("cancel_intent", cancel)

    def create_refund(
        self, intent_id: str, *, amount_cents: int, metadata: Mapping[str, Any], idempotency_key: str
    ) -> RefundFacts:
        asked = (intent_id, amount_cents, tuple(sorted(metadata.items())))
        return self._once(
            "create_refund",
            idempotency_key,
            asked,
            lambda: self._refund(intent_id, amount_cents, metadata.get("refundId")),
        )

    # --- What buyers and their banks do --------------------------------------------------------------------

    def pay(self, session_id: str) -> None:
        """Pay by card: the money is there at once."""
        intent = self._checked_out(session_id)
        self._session(session_id, None, status="complete", payment_status="paid", payment_intent_id=intent.id)
        self.settle_intent(intent.id)
        self._tell("checkout.session.completed", session_json(self.sessions[session_id]))

    def decline(self, session_id: str) -> None:
        """Try a card that is declined; the session goes on."""
        intent = self._checked_out(session_id)
        self._intent(intent.id, "payment_intent.payment_failed", status="requires_payment_method")

    def pay_later(self, session_id: str) -> None:
        """Pay by a method that takes days."""
        intent = self._checked_out(session_id)
        self._intent(intent.id, "payment_intent.processing", status="processing")
        self._session(session_id, "checkout.session.completed", status="complete", payment_intent_id=intent.id)

    def settle(self, session_id: str, *, succeeds: bool) -> None:
        """What became of a method that takes days."""
        intent_id = self.sessions[session_id].payment_intent_id
        assert intent_id is not None, "nobody has paid in this session"
        if succeeds:
            self.settle_intent(intent_id)
            self._session(session_id, "checkout.session.async_payment_succeeded", payment_status="paid")
        else:
            self._intent(intent_id, "payment_intent.payment_failed", status="requires_payment_method")
            self._tell("checkout.session.async_payment_failed", session_json(self.sessions[session_id]))

    def pay_intent_later(self, intent_id: str) -> None:
        """Pay in the client's own page by a method that takes days."""
        self._intent(intent_id, "payment_intent.processing", status="processing")

    def decline_intent(self, intent_id: str) -> None:
        """Try a card there that is declined, or a method that has failed after days; the intent can be tried again."""
        self._intent(intent_id, "payment_intent.payment_failed", status="requires_payment_method")

    def settle_intent(self, intent_id: str) -> None:
        """The money of an intent is there."""
        amount_cents = self.intents[intent_id].amount_cents
        self._intent(
            intent_id,
            "payment_intent.succeeded",
            status="succeeded",
            received_cents=amount_cents,
            charge_id=self._id("ch"),
        )

    def expire_due(self) -> None:
        """Time ends sessions that nobody has paid."""
        for session_id, session in list(self.sessions.items()):
            if session.status == "open" and session.expires_at <= self.now():
                self._expire(session_id)

    # --- What organizers and banks do in the dashboard -----------------------------------------------------

    def refund_in_dashboard(self, intent_id: str, amount_cents: int) -> RefundFacts:
        """Give money back without asking us."""
        return self._refund(intent_id, amount_cents, None)

    def finish_refund(self, stripe_refund_id: str, status: str) -> None:
        """A refund that was on its way has arrived, or has failed; one that had arrived may fail still."""
        self.refunds[stripe_refund_id] = replace(self.refunds[stripe_refund_id], status=status)
        told = "refund.failed" if status == "failed" else "refund.updated"
        self._tell(told, refund_json(self.refunds[stripe_refund_id]))

    def dispute(self, intent_id: str) -> str:
        """The buyer's bank wants the money back."""
        dispute_id = self._id("dp")
        self.intents[intent_id] = replace(self.intents[intent_id], disputed=True)
        self.disputes[dispute_id] = {"id": dispute_id, "payment_intent": intent_id, "status": "needs_response"}
        self._tell("charge.dispute.created", {"object": "dispute", **self.disputes[dispute_id]})
        return dispute_id

    def close_dispute(self, dispute_id: str, status: str) -> None:
        """The bank has decided."""
        self.disputes[dispute_id]["status"] = status
        self._tell("charge.dispute.closed", {"object": "dispute", **self.disputes[dispute_id]})

    # --- What is true --------------------------------------------------------------------------------------

    def intent(self, intent_id: str) -> IntentFacts:
        """An intent with its refunds."""
        refunds = tuple(each for each in self.refunds.values() if each.payment_intent_id == intent_id)
        return replace(_found(self.intents, intent_id), refunds=refunds)

    def captured_cents(self, payment_id: str) -> int:
        """What the account has received for a payment, whatever it gave back since."""
        return sum(each.received_cents for each in self.intents.values() if each.payment_id == payment_id)

    def refunded_cents(self, payment_id: str) -> int:
        """What of it went back."""
        intents = {each.id for each in self.intents.values() if each.payment_id == payment_id}
        return sum(
            each.amount_cents
            for each in self.refunds.values()
            if each.payment_intent_id in intents and each.status == "succeeded"
        )

    # --- Inside --------------------------------------------------------------------------------------------

    def _answer(self, method: str, work: Callable[[], T]) -> T:
        self.calls.append(method)
        self.fault(method, "before")
        self.expire_due()
        answer = work()
        self.fault(method, "after")
        return answer

    def _once(self, method: str, key: str, asked: Any, work: Callable[[], T]) -> T:
        def kept() -> T:
            if self.forgets_keys:
                return work()
            known = self._answers.get(key)
            if known is not None and known[0] != asked:
                raise GatewayRefusedError("idempotency_error", f"{key} was used with other parameters")
            if known is None:
                known = self._answers[key] = (asked, work())
            answer: T = known[1]
            return answer

        return self._answer(method, kept)

    def _id(self, prefix: str) -> str:
        return f"{prefix}_{next(self._numbers):08d}"

    def _new_intent(self, payment_id: str | None, amount_cents: int, currency: str) -> IntentFacts:
        intent_id = self._id("pi")
        self.intents[intent_id] = IntentFacts(
            id=intent_id,
            status="requires_payment_method",
            amount_cents=amount_cents,
            received_cents=0,
            currency=currency,
            charge_id=None,
            livemode=self.livemode,
            payment_id=payment_id,
            client_secret=f"{intent_id}_secret",
        )
        return self.intents[intent_id]

    def _checked_out(self, session_id: str) -> IntentFacts:
        """The intent of a session in which somebody tries to pay, if that is still possible."""
        self.expire_due()
        session = self.sessions[session_id]
        if session.status != "open":
            raise GatewayRefusedError("session_not_open", f"the session is {session.status}")
        if session.payment_intent_id is not None:
            return self.intents[session.payment_intent_id]
        intent = self._new_intent(session.payment_id, session.amount_cents, session.currency)
        self._session(session_id, None, payment_intent_id=intent.id)
        return intent

    def _expire(self, session_id: str) -> SessionFacts:
        self._session(session_id, "checkout.session.expired", status="expired", url=None)
        return self.sessions[session_id]

    def _session(self, session_id: str, told: str | None, **changes: Any) -> None:
        self.sessions[session_id] = replace(self.sessions[session_id], **changes)
        if told is not None:
            self._tell(told, session_json(self.sessions[session_id]))

    def _intent(self, intent_id: str, told: str, **changes: Any) -> None:
        self.intents[intent_id] = replace(self.intents[intent_id], **changes)
        self._tell(told, intent_json(self.intents[intent_id]))

    def _refund(self, intent_id: str, amount_cents: int, ours: str | None) -> RefundFacts:
        intent = self.intent(intent_id)
        left = intent.received_cents - sum(
            each.amount_cents for each in intent.refunds if each.status not in {"failed", "canceled"}
        )
        if left <= 0:
            raise GatewayRefusedError("charge_already_refunded" if intent.received_cents else "invalid_request")
        if amount_cents > left:
            raise GatewayRefusedError("amount_too_large", f"{left} is left")
        refund_id = self._id("re")
        status = "pending" if self.refunds_take_time else "succeeded"
        self.refunds[refund_id] = RefundFacts(
            id=refund_id, amount_cents=amount_cents, status=status, refund_id=ours, payment_intent_id=intent_id
        )
        self._tell("refund.created", refund_json(self.refunds[refund_id]))
        self._tell("charge.refunded", {"object": "charge", "id": intent.charge_id, "payment_intent": intent_id})
        return self.refunds[refund_id]

    def _tell(self, event_type: str, subject: Mapping[str, Any]) -> None:
        at = int(self.now().timestamp())
        self.events.append(event_json(self._id("evt"), event_type, subject, created=at, livemode=self.livemode))


def _found(objects: Mapping[str, T], name: str) -> T:
    if name not in objects:
        raise GatewayRefusedError("resource_missing", name)
    return objects[name]
