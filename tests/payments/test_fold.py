"""What a payment is by the facts: what was paid stays paid, refunds and disputes are counted."""

from dataclasses import replace

import pytest

from gather.payments.facts import DisputeFacts
from gather.payments.fold import FROM_STRIPE, Facts, fold_all, reserved_cents, succeeded_cents
from gather.payments.model import DisputeStatus, PaymentStatus, RefundStatus
from tests.payments.facts import INTENT, LATER, PRICE, folded, given_back, intent, payment, refund, session


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        (Facts(), PaymentStatus.PENDING),
        (Facts(session=session()), PaymentStatus.PENDING),
        (Facts(session=session("complete", "paid")), PaymentStatus.SUCCEEDED),
        (Facts(session=session("complete")), PaymentStatus.PROCESSING),
        (Facts(session=session("complete"), intent=intent("processing", 0)), PaymentStatus.PROCESSING),
        (Facts(session=session("complete"), intent=intent("requires_payment_method", 0)), PaymentStatus.FAILED),
        (Facts(session=session("expired")), PaymentStatus.EXPIRED),
        (Facts(session=session("expired"), intent=intent("canceled", 0)), PaymentStatus.EXPIRED),
        (Facts(intent=intent()), PaymentStatus.SUCCEEDED),
        (Facts(intent=intent("processing", 0)), PaymentStatus.PROCESSING),
        (Facts(intent=intent("canceled", 0)), PaymentStatus.FAILED),
        # A declined card can be tried again, in the session or by the client.
        (Facts(session=session(), intent=intent("requires_payment_method", 0)), PaymentStatus.PENDING),
        (Facts(intent=intent("requires_payment_method", 0)), PaymentStatus.PENDING),
        (Facts(intent=intent("succeeded", PRICE, given_back(1000))), PaymentStatus.PARTIALLY_REFUNDED),
        (Facts(intent=intent("succeeded", PRICE, given_back(PRICE))), PaymentStatus.REFUNDED),
        (Facts(intent=intent("succeeded", PRICE, given_back(PRICE, "pending"))), PaymentStatus.SUCCEEDED),
    ],
)
def test_what_a_payment_is_by_the_facts(facts: Facts, status: PaymentStatus) -> None:
    assert folded(facts).status is status


@pytest.mark.parametrize(
    "late",
    [
        Facts(session=session()),
        Facts(session=session("expired")),
        Facts(session=session("complete"), intent=intent("requires_payment_method", 0)),
        Facts(intent=intent("canceled", 0)),
        Facts(session=session("complete"), intent=intent("processing", 0)),
    ],
)
def test_what_was_paid_stays_paid(late: Facts) -> None:
    paid = folded(Facts(session=session("complete", "paid"), intent=intent()))
    assert folded(late, of=paid) == paid


def test_money_that_comes_after_the_hold_has_expired_counts() -> None:
    expired = folded(Facts(session=session("expired")))
    paid = folded(Facts(intent=intent()), of=expired)
    assert paid.status is PaymentStatus.SUCCEEDED
    assert [entry.status for entry in paid.history] == [PaymentStatus.EXPIRED, PaymentStatus.SUCCEEDED]


def test_a_session_that_was_given_up_says_nothing_unless_it_was_paid() -> None:
    second = payment(session_id="cs_2", attempt=2)
    assert folded(Facts(session=session("expired")), of=second) == second
    assert folded(Facts(intent=intent("canceled", 0)), of=replace(second, payment_intent_id="pi_2")).status == "pending"
    paid = folded(Facts(session=session("complete", "paid"), intent=intent()), of=second)
    assert (paid.status, paid.payment_intent_id) == (PaymentStatus.SUCCEEDED, INTENT)


def test_the_intent_that_has_the_money_is_the_payment_s() -> None:
    first = payment(payment_intent_id="pi_0")
    assert folded(Facts(intent=intent()), of=first).payment_intent_id == INTENT


def test_a_refund_of_ours_is_found_by_our_id() -> None:
    asked = {"r1": refund(cents=1000, ticket_ids=("t1",))}
    facts = Facts(intent=intent("succeeded", PRICE, given_back(1000, ours="r1")))
    after, refunds = fold_all(payment(), asked, facts, now=LATER)
    assert refunds == {"r1": replace(asked["r1"], status=RefundStatus.SUCCEEDED, stripe_refund_id="re_1")}
    assert (after.status, after.refunded_cents) == (PaymentStatus.PARTIALLY_REFUNDED, 1000)


def test_a_refund_made_in_the_dashboard_is_taken_over() -> None:
    facts = Facts(intent=intent("succeeded", PRICE, given_back(700, stripe_id="re_9")))
    after, refunds = fold_all(payment(), {}, facts, now=LATER)
    (made,) = refunds.values()
    assert (made.id, made.stripe_refund_id, made.requested_by) == ("re_9", "re_9", FROM_STRIPE)
    assert after.refunded_cents == 700


def test_a_refund_that_stripe_made_twice_counts_twice() -> None:
    """After its idempotency key was forgotten: the money is gone, whatever we meant."""
    twice = intent("succeeded", PRICE, given_back(1000, ours="r1"), given_back(1000, stripe_id="re_2", ours="r1"))
    after, refunds = fold_all(payment(), {"r1": refund(cents=1000)}, Facts(intent=twice), now=LATER)
    assert after.refunded_cents == 2000
    assert {name: each.stripe_refund_id for name, each in refunds.items()} == {"r1": "re_1", "re_2": "re_2"}


def test_a_refund_that_fails_restores_what_was_refunded() -> None:
    done = intent("succeeded", PRICE, given_back(PRICE, ours="r1"))
    failed = intent("succeeded", PRICE, given_back(PRICE, "failed", ours="r1"))
    after, refunds = fold_all(payment(), {"r1": refund(cents=PRICE)}, Facts(intent=done), now=LATER)
    assert after.status is PaymentStatus.REFUNDED
    again, refunds = fold_all(after, refunds, Facts(intent=failed), now=LATER)
    assert (again.status, again.refunded_cents) == (PaymentStatus.SUCCEEDED, 0)
    late, _ = fold_all(again, refunds, Facts(intent=done), now=LATER)
    assert late == again, "what was reported before it failed comes late"


def test_a_status_that_stripe_has_yet_to_invent_is_on_its_way() -> None:
    facts = Facts(intent=intent("succeeded", PRICE, given_back(PRICE, "reviewed_by_somebody")))
    assert folded(facts).status is PaymentStatus.SUCCEEDED


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ("needs_response", DisputeStatus.OPEN),
        ("won", DisputeStatus.WON),
        ("warning_closed", DisputeStatus.WON),
        ("lost", DisputeStatus.LOST),
    ],
)
def test_disputes(told: str, status: DisputeStatus) -> None:
    dispute = Facts(dispute=DisputeFacts(id="dp_1", status=told, payment_intent_id=INTENT))
    flagged = folded(Facts(intent=intent(disputed=True)), dispute)
    assert flagged.dispute_status is status
    assert flagged.status is PaymentStatus.SUCCEEDED, "a dispute only flags a payment"
    opened = Facts(dispute=DisputeFacts(id="dp_1", status="under_review", payment_intent_id=INTENT))
    assert folded(opened, of=flagged).dispute_status is status, "what opened it comes late"


def test_reserved_is_everything_that_may_still_be_given_back() -> None:
    statuses = list(RefundStatus)
    refunds = [refund(str(place), 10**place, status=status) for place, status in enumerate(statuses)]
    assert reserved_cents(refunds) == 1 + 10 + 100
    assert succeeded_cents(refunds) == 100
