"""Facts in any order, any number of times, come to the same payment, and nothing moves backwards."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from gather.payments.facts import DisputeFacts
from gather.payments.fold import UNPAID_RANK, Facts, fold_all, succeeded_cents
from gather.payments.model import Payment, Refund, RefundStatus
from tests.payments.facts import INTENT, LATER, PRICE, given_back, intent, payment, refund, session

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
