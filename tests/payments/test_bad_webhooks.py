"""Bad webhooks over HTTP: forged, stale, replayed, truncated, huge, odd. 400 or 200, never 5xx, and nothing changes."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient

from gather.payments.signature import TOLERANCE_S
from gather.payments.webhooks import BODY_BYTES_MAX
from gather.runtime import Runtime
from tests.support.clocks import Clock
from tests.support.everything import every_document
from tests.support.model_stripe import ModelStripe
from tests.support.stored import stored
from tests.support.strangers import WEBHOOKS, Stranger
from tests.support.stripe_payloads import body_of, signature_of

REFUSED = (400, "invalid_signature")
NO_EVENT = (400, "invalid_payload")
TAKEN = (200, None)


# --- Not signed by Stripe, or not now ----------------------------------------------------------------------------


def unproven(stranger: Stranger, body: bytes) -> Mapping[str, str | None]:
    """Headers that prove nothing about the body."""
    good, now = stranger.signs(body), stranger.found.now()
    timestamp, entry = (part.partition("=")[2] for part in good.split(","))
    return {
        "none": None,
        "empty": "",
        "of another's secret": signature_of(body, "whsec_of_somebody_else", at=now),
        "of an empty secret": signature_of(body, "", at=now),
        "of another body": stranger.signs(body + b" "),
        "of another scheme": good.replace("v1=", "v0="),
        "older than the tolerance": stranger.signs(body, late=timedelta(seconds=TOLERANCE_S + 1)),
        "from the future": stranger.signs(body, late=-timedelta(seconds=TOLERANCE_S + 1)),
        "of years ago": stranger.signs(body, late=timedelta(days=9000)),
        "with another time": f"t={int(timestamp) + 1},v1={entry}",
        "with two times": f"t={timestamp},{good}",
        "cut in the digest": good[:-1],
        "cut after the scheme": good[: good.index("v1=") + 3],
        "cut before the scheme": good.partition(",")[0],
        "cut in the time": good[:5],
        "without its time": f"v1={entry}",
        "the digest alone": entry,
        "in capitals": good.upper(),
        "as JSON": json.dumps(good.split(",")),
        "a time in other digits": good.replace(timestamp, "²" * len(timestamp)),
        "a time that is no number": f"t=now,v1={entry}",
        "a time before all times": f"t=-{timestamp},v1={entry}",
        "a time out of every calendar": f"t={'9' * 12},v1={entry}",
        "a time of a thousand digits": f"t={'9' * 1000},v1={entry}",
        "not ASCII": f"t={timestamp},v1=Grüße,v1=ÿ",
        "thousands of entries": f"t={timestamp}" + f",v1={'0' * 64}" * 5000,
        "thousands of entries, a good one among them": f"{good}" + f",v1={'0' * 64}" * 5000,
        "megabytes": f"t={timestamp},v1={'0' * 2_000_000}",
    }


def test_what_no_secret_of_ours_has_signed_now_is_refused(
    paying: Runtime, stranger: Stranger, open_sale: dict[str, Any]
) -> None:
    body, before = body_of(open_sale), every_document(paying.firestore)
    for name, header in unproven(stranger, body).items():
        for path in WEBHOOKS:
            assert stranger.sends(body, header, path=path) == REFUSED, name
    assert every_document(paying.firestore) == before
    assert stranger.sends_signed(body) == TAKEN, "the same body, signed"
    assert every_document(paying.firestore) != before


def test_a_body_that_lost_anything_on_its_way_is_refused(
    paying: Runtime, stranger: Stranger, open_sale: dict[str, Any]
) -> None:
    body, before = body_of(open_sale), every_document(paying.firestore)
    header = stranger.signs(body)
    for length in (0, 1, len(body) // 2, len(body) - 1):
        assert stranger.sends(body[:length], header) == REFUSED, length
        assert stranger.sends(body[len(body) - length :], header) == REFUSED, length
    assert stranger.sends(body.replace(b'"livemode":false', b'"livemode":true'), header) == REFUSED
    assert every_document(paying.firestore) == before


def test_at_the_edge_of_the_tolerance_it_is_taken(
    paying: Runtime, stranger: Stranger, open_sale: dict[str, Any]
) -> None:
    for late_s in (TOLERANCE_S, -TOLERANCE_S):
        body = body_of(open_sale | {"id": f"evt_{late_s + TOLERANCE_S}"})
        assert stranger.sends(body, stranger.signs(body, late=timedelta(seconds=late_s))) == TAKEN


# --- Signed, and no event, or a strange one ----------------------------------------------------------------------


def no_events(event: dict[str, Any]) -> Mapping[str, bytes]:
    """Bodies that are no event, though somebody with our secret has signed them."""
    whole = body_of(event)
    without = {name: {key: value for key, value in event.items() if key != name} for name in event}
    wrong: Mapping[str, list[Any]] = {
        "id": [None, 7, "", "evt_", "evt_a/b", "../payments/paymentana", "__id__", "evt_" + "x" * 251, ["evt_1"]],
        "object": [None, "charge", {"object": "event"}],
        "type": [None, 7, "", "a/b", "x" * 251, "checkout.session.completed\n"],
        "livemode": [None, "false", 0],
        "account": [7, "", {"id": "acct_1"}, "acct_1/../2"],
    }
    return {
        "empty": b"",
        "blank": b" \r\n",
        "cut off": whole[:-1],
        "not text": b"\xff" + whole,
        "in another encoding": whole.decode().encode("utf-16"),
        "after a mark of its encoding": b"\xef\xbb\xbf" + whole,
        "XML": b"<?xml version='1.0'?><event/>",
        "a form": b"id=evt_1&object=event",
        "null": b"null",
        "a number of 100,000 digits": b"9" * 100_000,
        "text": b'"event"',
        "events in a list": b"[" + whole + b"]",
        "nothing in it": b"{}",
        "without end": b'{"data":' * 50_000,
        **{f"without its {name}": body_of(without[name]) for name in ("id", "object", "type", "livemode")},
        **{
            f"{name} {value!r:.40}": body_of(event | {name: value})
            for name, values in wrong.items()
            for value in values
        },
    }


def test_what_is_signed_and_no_event_is_refused(paying: Runtime, stranger: Stranger, open_sale: dict[str, Any]) -> None:
    before = every_document(paying.firestore)
    for name, body in no_events(open_sale).items():
        assert stranger.sends_signed(body) == NO_EVENT, name
    assert every_document(paying.firestore) == before


STRANGE: Mapping[str, dict[str, Any]] = {
    "without data": {"data": None},
    "data is a list": {"data": [{"object": {"id": "cs_1"}}]},
    "data is empty": {"data": {}},
    "the object is null": {"data": {"object": None}},
    "the object is a list": {"data": {"object": []}},
    "the object has no id": {"data": {"object": {"object": "checkout.session"}}},
    "its id is a number": {"data": {"object": {"id": 7}}},
    "its id is a path": {"data": {"object": {"id": "cs_1/../../v1/accounts"}}},
    "its id is no text": {"data": {"object": {"id": "\ud800"}}},
    "its id is an object without end": {"data": {"object": {"id": {"id": {"id": "cs_1"}}}}},
    "it is unknown to Stripe": {"data": {"object": {"id": "cs_test_unknown"}}},
    "of a type yet to be invented": {"type": "checkout.session.reincarnated"},
    "of a type that says too much": {"type": "v2.core.event_destination.ping"},
    "a dispute about nothing": {"type": "charge.dispute.closed", "data": {"object": {"status": "lost"}}},
    "a dispute without status": {"type": "charge.dispute.closed", "data": {"object": {"id": "dp_1"}}},
    "a refund of a charge without intent": {"type": "charge.refunded", "data": {"object": {"id": "ch_1"}}},
    "of the other mode": {"livemode": True},
    "of another account": {"account": "acct_other"},
}


def test_a_strange_event_is_kept_and_changes_nothing_else(
    paying: Runtime, stranger: Stranger, open_sale: dict[str, Any]
) -> None:
    before, bodies = every_document(paying.firestore), {}
    for number, (name, strange) in enumerate(STRANGE.items()):
        body = body_of(open_sale | {"id": f"evt_strange{number}"} | strange)
        assert stranger.sends_signed(body) == TAKEN, name
        bodies[f"stripe_events/evt_strange{number}"] = body.decode()
    after = every_document(paying.firestore)
    kept = {path: after.pop(path) for path in bodies}
    assert after == before
    assert {path: event["raw"] for path, event in kept.items()} == bodies
    assert {event["state"] for event in kept.values()} == {"ignored"}


def test_fields_that_nobody_expects_do_no_harm(paying: Runtime, stranger: Stranger, open_sale: dict[str, Any]) -> None:
    """Twice named, infinite, nested, in other alphabets: what is not looked at may be anything that JSON can say."""
    odd = (
        b'{"livemode":true,"created":NaN,"pending_webhooks":-1e999,"\\u0000":"\\ud800","request":'
        + b"[" * 200
        + b"]" * 200
    )
    body = odd + b"," + body_of(open_sale | {"api_version": "2999-12-31.ü", "context": "Ω" * 1000}).removeprefix(b"{")
    assert stranger.sends_signed(body) == TAKEN
    kept = stored(paying, f"stripe_events/{open_sale['id']}")
    assert (kept["state"], kept["raw"]) == ("done", body.decode()), "and the event is taken"


CONTENT_TYPES = ("", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "a/b/c;;=")


def test_the_content_type_decides_nothing(paying: Runtime, stranger: Stranger, open_sale: dict[str, Any]) -> None:
    """The signature is over the bytes, whatever they are said to be."""
    before = every_document(paying.firestore)
    bodies = [body_of(open_sale | {"id": f"evt_{number}"}) for number in range(len(CONTENT_TYPES))]
    for body, content_type in zip(bodies, CONTENT_TYPES, strict=True):
        forged, more = signature_of(body, "whsec_other", at=paying.now()), {"Content-Type": content_type}
        assert stranger.sends(body, forged, **more) == REFUSED, content_type
    assert every_document(paying.firestore) == before
    for number, (body, content_type) in enumerate(zip(bodies, CONTENT_TYPES, strict=True)):
        assert stranger.sends_signed(body, **{"Content-Type": content_type}) == TAKEN, content_type
        assert stored(paying, f"stripe_events/evt_{number}")["state"] == "done", content_type


# --- Too much, too often -----------------------------------------------------------------------------------------


def test_more_than_an_event_can_be_is_refused(paying: Runtime, stranger: Stranger, open_sale: dict[str, Any]) -> None:
    before = every_document(paying.firestore)
    for size in (BODY_BYTES_MAX + 1, 8 * 1024 * 1024):
        body = body_of(open_sale).ljust(size)
        for path in WEBHOOKS:
            assert stranger.sends_signed(body, path=path) == (413, "payload_too_large")
    assert every_document(paying.firestore) == before


def test_the_largest_event_is_taken_and_fits_into_its_document(
    paying: Runtime, stranger: Stranger, open_sale: dict[str, Any]
) -> None:
    whole = len(body_of(open_sale | {"padding": ""}))
    body = body_of(open_sale | {"padding": "x" * (BODY_BYTES_MAX - whole)})
    assert len(body) == BODY_BYTES_MAX
    assert stranger.sends_signed(body) == TAKEN
    assert stored(paying, "payments/paymentana")["status"] == "succeeded"


def test_a_replay_changes_nothing_and_ends_with_the_tolerance(
    paying: Runtime, stranger: Stranger, open_sale: dict[str, Any], clock: Clock, model_stripe: ModelStripe
) -> None:
    body = body_of(open_sale)
    header = stranger.signs(body)
    assert stranger.sends(body, header) == TAKEN
    before, asked = every_document(paying.firestore), len(model_stripe.calls)
    for path in WEBHOOKS:
        assert stranger.sends(body, header, path=path) == TAKEN
    clock.advance(seconds=TOLERANCE_S + 1)
    for path in WEBHOOKS:
        assert stranger.sends(body, header, path=path) == REFUSED
    assert every_document(paying.firestore) == before
    assert len(model_stripe.calls) == asked


def test_another_body_under_an_event_that_is_done_changes_nothing(
    paying: Runtime, stranger: Stranger, open_sale: dict[str, Any]
) -> None:
    body = body_of(open_sale)
    stranger.sends_signed(body)
    before = every_document(paying.firestore)
    other = body_of(open_sale | {"type": "checkout.session.expired", "livemode": True})
    assert stranger.sends_signed(other) == TAKEN
    assert every_document(paying.firestore) == before


def test_only_a_post_is_a_delivery(
    paying: Runtime, shop: FlaskClient, stranger: Stranger, open_sale: dict[str, Any]
) -> None:
    body, before = body_of(open_sale), every_document(paying.firestore)
    for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"):
        answer = shop.open(WEBHOOKS[0], method=method, data=body, headers={"Stripe-Signature": stranger.signs(body)})
        assert answer.status_code == (200 if method == "OPTIONS" else 405), method
    assert every_document(paying.firestore) == before
