"""Events: what is taken for one, what it makes us ask, and that no body can raise anything but what is expected."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gather.payments.facts import DisputeFacts
from gather.payments.stripe_event import Concern, MalformedEventError, concern_of, parse_event


def event(event_type: str = "checkout.session.completed", subject: Any = None, **fields: Any) -> dict[str, Any]:
    whole = {"id": "evt_1", "object": "event", "type": event_type, "livemode": False, "data": {"object": subject or {}}}
    return whole | fields


def parsed(content: Any) -> Any:
    return parse_event(json.dumps(content).encode())


@pytest.mark.parametrize(
    ("event_type", "subject", "concern"),
    [
        ("checkout.session.completed", {"id": "cs_1"}, Concern(session_id="cs_1")),
        ("checkout.session.async_payment_succeeded", {"id": "cs_1"}, Concern(session_id="cs_1")),
        ("checkout.session.async_payment_failed", {"id": "cs_1"}, Concern(session_id="cs_1")),
        ("checkout.session.expired", {"id": "cs_1"}, Concern(session_id="cs_1")),
        ("payment_intent.succeeded", {"id": "pi_1"}, Concern(intent_id="pi_1")),
        ("payment_intent.payment_failed", {"id": "pi_1"}, Concern(intent_id="pi_1")),
        ("payment_intent.canceled", {"id": "pi_1"}, Concern(intent_id="pi_1")),
        ("charge.refunded", {"id": "ch_1", "payment_intent": "pi_1"}, Concern(intent_id="pi_1")),
        ("refund.created", {"id": "re_1", "payment_intent": "pi_1"}, Concern(intent_id="pi_1")),
        ("refund.updated", {"id": "re_1", "payment_intent": {"id": "pi_1"}}, Concern(intent_id="pi_1")),
        ("refund.failed", {"id": "re_1", "payment_intent": "pi_1"}, Concern(intent_id="pi_1")),
        ("charge.refunded", {"id": "ch_1", "payment_intent": None}, None),
        ("checkout.session.completed", {}, None),
        ("checkout.session.completed", {"id": "../../x"}, None),
        ("customer.created", {"id": "cus_1"}, None),
    ],
)
def test_what_an_event_makes_us_ask(event_type: str, subject: dict[str, Any], concern: Concern | None) -> None:
    assert concern_of(parsed(event(event_type, subject))) == concern


@pytest.mark.parametrize("event_type", ["charge.dispute.created", "charge.dispute.closed"])
def test_a_dispute_is_told_by_the_event_itself(event_type: str) -> None:
    subject = {"id": "dp_1", "status": "lost", "payment_intent": "pi_1"}
    found = concern_of(parsed(event(event_type, subject)))
    dispute = DisputeFacts(id="dp_1", status="lost", payment_intent_id="pi_1")
    assert found == Concern(intent_id="pi_1", dispute=dispute)
    without_status = concern_of(parsed(event(event_type, subject | {"status": None})))
    assert without_status == Concern(intent_id="pi_1"), "the intent still says that it is disputed"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"event"',
        b"\xff\xfe",
        json.dumps(event()).encode("utf-16"),
        b"[" * 100_000,
        b'{"object": "event"}',
        b'{"id": ' + b"9" * 10_000 + b"}",
        *(
            json.dumps(event(**wrong)).encode()
            for wrong in (
                {"object": "v2.core.event"},
                {"id": None},
                {"id": "evt_"},
                {"id": "evt_a/b"},
                {"id": "evt_" + "x" * 300},
                {"id": "cus_1"},
                {"event_type": "\ud800"},
                {"event_type": ""},
                {"livemode": "false"},
                {"livemode": None},
                {"account": 7},
                {"account": "\ud800"},
            )
        ),
    ],
)
def test_what_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedEventError):
        parse_event(body)


@pytest.mark.parametrize("data", [None, [], {}, {"object": None}, {"object": []}])
def test_an_event_about_nothing_concerns_nobody(data: Any) -> None:
    assert concern_of(parsed(event(data=data))) is None


def test_the_account_is_kept() -> None:
    assert parsed(event()).account is None
    assert parsed(event(account="acct_1")).account == "acct_1"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = ["id", "object", "type", "livemode", "account", "data"]


@given(changes=st.dictionaries(st.sampled_from(NAMES), JSON, max_size=3), subject=JSON)
def test_whatever_is_signed_is_an_event_or_refused(changes: dict[str, Any], subject: Any) -> None:
    with suppress(MalformedEventError):
        concern_of(parsed(event("charge.dispute.created", **({"data": {"object": subject}} | changes))))
