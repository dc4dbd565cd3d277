"""Folding facts: in any order, any number of times, they come to the same payment, and nothing moves backwards."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gather.payments.facts import DisputeFacts, IntentFacts, RefundFacts, SessionFacts
from gather.payments.fold import FROM_STRIPE, UNPAID_RANK, Facts, fold_all, reserved_cents, succeeded_cents
from gather.payments.model import DisputeStatus, Item, Payment, PaymentStatus, Refund, RefundStatus

NOW = datetime(2030, 5, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
PRICE = 5000
SESSION, INTENT, CHARGE = "cs_1", "pi_1", "ch_1"


def payment(**fields: Any) -> Payment:
    item = Item(name="Adult", ticket_type_id="adult", quantity=2, unit_cents=2500, discount_cents=0, amount_cents=PRICE)
    whole = Payment(
        id="p1",
        event_id="e",
        uid="ana",
        organization_id="acme",
        registration_id="r1",
        items=(item,),
        seats=2,
        amount_cents=PRICE,
        currency="usd",
        livemode=False,
        hold_expires_at=NOW + timedelta(minutes=31),
        created_at=NOW,
    )
    return replace(whole, **fields)


def session(status: Any = "open", payment_status: Any = "unpaid", **fields: Any) -> SessionFacts:
    known = SessionFacts(
        id=SESSION,
        status=status,
        payment_status=payment_status,
        payment_intent_id=INTENT if status == "complete" else None,
        expires_at=NOW + timedelta(minutes=31),
        livemode=False,
        payment_id="p1",
        amount_cents=PRICE,
        currency="usd",
    )
    return replace(known, **fields)


def intent(status: str = "succeeded", received_cents: int = PRICE, *refunds: RefundFacts, **fields: Any) -> IntentFacts:
    known = IntentFacts(
        id=INTENT,
        status=status,
        amount_cents=PRICE,
        received_cents=received_cents,
        currency="usd",
        charge_id=CHARGE if received_cents else None,
        refunds=refunds,
        livemode=False,
        payment_id="p1",
    )
    return replace(known, **fields)


def given_back(cents: int, status: str = "succeeded", stripe_id: str = "re_1", ours: str | None = None) -> RefundFacts:
    return RefundFacts(id=stripe_id, amount_cents=cents, status=status, refund_id=ours, payment_intent_id=INTENT)


def refund(refund_id: str = "r1", cents: int = 1000, **fields: Any) -> Refund:
    known = Refund(
        id=refund_id,
        payment_id="p1",
        amount_cents=cents,
        reason="requested_by_customer",
        requested_by="olga",
        created_at=NOW,
    )
    return replace(known, **fields)


def folded(*facts: Facts, of: Payment | None = None, refunds: dict[str, Refund] | None = None) -> Payment:
    """The payment after all of these, one after the other."""
    found, known = of or payment(), refunds or {}
    for fact in facts:
        found, known = fold_all(found, known, fact, now=LATER)
    return found


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


SESSIONS = st.sampled_from(
    [None, session(), session("complete"), session("complete", "paid"), session("expired")],
)
REFUNDS = st.lists(
    st.builds(
        given_back,
        st.just(1000),
        st.sampled_from([*RefundStatus, "unheard_of"]),
        st.sampled_from(["re_1", "re_2"]),
        st.sampled_from([None, "r1"]),
    ),
    max_size=3,
    unique_by=lambda fact: fact.id,
)
INTENTS = st.one_of(
    st.none(),
    st.sampled_from(["requires_payment_method", "requires_action", "processing", "canceled"]).map(
        lambda status: intent(status, 0)
    ),
    st.builds(
        lambda refunds, disputed: intent("succeeded", PRICE, *refunds, disputed=disputed), REFUNDS, st.booleans()
    ),
)
DISPUTES = st.one_of(
    st.none(),
    st.sampled_from(["needs_response", "won", "lost"]).map(
        lambda status: DisputeFacts(id="dp_1", status=status, payment_intent_id=INTENT)
    ),
)
FACTS = st.builds(lambda s, i, d: Facts(session=s, intent=i, dispute=d), SESSIONS, INTENTS, DISPUTES)


def consistent(facts: list[Facts]) -> list[Facts]:
    """One Stripe refund carries one id of ours, or none, for ever."""
    owner = {"re_1": "r1", "re_2": None}
    return [
        replace(
            each,
            intent=each.intent
            and replace(
                each.intent, refunds=tuple(replace(known, refund_id=owner[known.id]) for known in each.intent.refunds)
            ),
        )
        for each in facts
    ]


def everything(facts: list[Facts]) -> tuple[Payment, dict[str, Refund]]:
    found, refunds = payment(), {"r1": refund()}
    for fact in facts:
        found, refunds = fold_all(found, refunds, fact, now=LATER)
    return replace(found, history=()), refunds


@settings(deadline=None)
@given(facts=st.lists(FACTS, max_size=6).map(consistent), data=st.data())
def test_the_order_in_which_facts_arrive_does_not_matter(facts: list[Facts], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(facts))
    assert everything(facts) == everything([*shuffled, *facts[:2]])


@settings(deadline=None)
@given(facts=st.lists(FACTS, max_size=6).map(consistent))
def test_folding_again_changes_nothing(facts: list[Facts]) -> None:
    found, refunds = payment(), {"r1": refund()}
    for fact in facts:
        once = fold_all(found, refunds, fact, now=LATER)
        assert fold_all(*once, fact, now=LATER + timedelta(days=1)) == once
        found, refunds = once


@settings(deadline=None)
@given(facts=st.lists(FACTS, max_size=6).map(consistent))
def test_nothing_moves_backwards(facts: list[Facts]) -> None:
    found, refunds = payment(), {"r1": refund()}
    for fact in facts:
        after, refunds_after = fold_all(found, refunds, fact, now=LATER)
        assert after.captured_cents >= found.captured_cents
        assert after.is_captured or not found.is_captured
        if not after.is_captured:
            assert UNPAID_RANK[after.status] >= UNPAID_RANK[found.status]
        assert after.refunded_cents == succeeded_cents(refunds_after.values())
        assert set(refunds_after) >= set(refunds)
        assert after.history[: len(found.history)] == found.history
        assert not after.history or after.history[-1].status is after.status
        found, refunds = after, refunds_after
