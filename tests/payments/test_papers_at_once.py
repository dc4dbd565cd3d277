"""Papers of one organization, written at the same time by sales at different events: they share a series of numbers."""

import threading
from dataclasses import replace
from typing import Any

import pytest

from gather.payments.fulfil import apply_facts
from gather.payments.model import Payment
from gather.receipts.store import contended_by_papers
from gather.runtime import Runtime
from gather.transactions import Contended
from tests.support.model_stripe import ModelStripe
from tests.support.purchases import begun, on_sale

EVENTS = 8
pytestmark = pytest.mark.emulator


def paid_at(paying: Runtime, stripe: ModelStripe, event_id: str) -> Payment:
    """Somebody has paid at an event, and nobody has been told."""
    on_sale(paying, event_id=event_id)
    payment = begun(paying, f"buyer-of-{event_id}", event_id=event_id, payment_id=f"{event_id}-payment")
    stripe.pay(payment.session_id or "")
    return payment


def told(found: Runtime, payment: Payment) -> None:
    apply_facts(found, payment.id, session=found.gateway.retrieve_session(payment.session_id or ""))


def test_sales_at_many_events_at_once_number_their_invoices_without_a_gap(
    paying: Runtime, model_stripe: ModelStripe
) -> None:
    payments = [paid_at(paying, model_stripe, f"event{number}") for number in range(EVENTS)]
    threads = [threading.Thread(target=told, args=(paying, payment)) for payment in payments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    invoices = [paper.to_dict() for paper in paying.firestore.collection("invoices").stream()]
    assert sorted(paper["number"] for paper in invoices) == list(range(1, EVENTS + 1))
    assert {paper["paymentId"] for paper in invoices} == {payment.id for payment in payments}


@pytest.mark.parametrize("is_known", [False, True])
def test_fulfilment_queues_for_the_seats_and_for_the_numbers_of_papers(
    paying: Runtime, model_stripe: ModelStripe, is_known: bool
) -> None:
    queued: list[Contended] = []

    def transact(client: Any, body: Any, *, contend_on: Contended = None) -> Any:
        queued.append(contend_on)
        return paying.transact(client, body, contend_on=contend_on)

    payment = paid_at(paying, model_stripe, "e")
    found = replace(paying, transact=transact)
    session = found.gateway.retrieve_session(payment.session_id or "")
    for _ in range(2):
        applied = apply_facts(found, payment.id, session=session, known=payment if is_known else None)
        assert applied.payment is not None
        payment = applied.payment
    papers = contended_by_papers("acme")
    assert queued == [("events/e", papers), (f"payments/{payment.id}", papers)]
