"""Signatures of webhooks: what Stripe's own SDK signs is taken, everything else is refused, nothing is raised raw."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stripe import WebhookSignature

from gather.payments import signature
from gather.payments.signature import ENTRIES_MAX, TOLERANCE_S, SignatureError, verify

NOW = datetime(2030, 5, 1, 12, tzinfo=UTC)
BODY = '{"id": "evt_1", "object": "event", "note": "Grüße"}'.encode()
OLD, NEW = "whsec_old", "whsec_new"


def header(body: bytes = BODY, secret: str = OLD, *, at: datetime = NOW) -> str:
    """What Stripe's SDK sends."""
    signed: str = WebhookSignature.generate_signature_header(body.decode(), secret, int(at.timestamp()))
    return signed


def test_what_stripe_signs_is_taken() -> None:
    verify(BODY, header(), [OLD], now=NOW)


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_while_a_secret_is_rotated_either_will_do(secret: str) -> None:
    verify(BODY, header(secret=secret), [OLD, NEW], now=NOW)


def test_stripe_signs_with_each_secret_and_one_known_is_enough() -> None:
    other = header(secret="whsec_of_somebody_else").split("v1=")[1]
    verify(BODY, f"{header()},v1={other},v0=ignored", [OLD], now=NOW)
    verify(BODY, header().replace("v1=", f"v1={other},v1="), [OLD], now=NOW)


@pytest.mark.parametrize("late_s", [0, TOLERANCE_S, -TOLERANCE_S])
def test_within_the_tolerance(late_s: int) -> None:
    verify(BODY, header(at=NOW - timedelta(seconds=late_s)), [OLD], now=NOW)


@pytest.mark.parametrize("late_s", [TOLERANCE_S + 1, -TOLERANCE_S - 1, 10**9])
def test_a_signature_of_long_ago_or_of_the_future_is_refused(late_s: int) -> None:
    with pytest.raises(SignatureError, match=r"signed .* s (ago|ahead)"):
        verify(BODY, header(at=NOW - timedelta(seconds=late_s)), [OLD], now=NOW)


@pytest.mark.parametrize(
    "forged",
    [
        None,
        "",
        "t=1",
        "v1=abc",
        "t=,v1=abc",
        "t=1e9,v1=abc",
        "t=٣,v1=abc",
        "t=-5,v1=abc",
        f"t={'9' * 400},v1=abc",
        "t=1,t=2,v1=abc",
        "no signature at all",
        f"t={int(NOW.timestamp())},v1=",
        f"t={int(NOW.timestamp())},v1=Grüße",
        f"t={int(NOW.timestamp())},v1=\udcff",
        f"t={int(NOW.timestamp())}," + ",".join(["v1=00"] * (ENTRIES_MAX + 1)),
        header(secret="whsec_of_somebody_else"),
        header().replace("v1=", "v0="),
        header().upper(),
        header()[:-1],
    ],
)
def test_a_forged_header_is_refused(forged: str | None) -> None:
    with pytest.raises(SignatureError):
        verify(BODY, forged, [OLD, NEW], now=NOW)


def test_without_secrets_nothing_is_taken() -> None:
    with pytest.raises(SignatureError):
        verify(BODY, header(), [], now=NOW)


@given(at=st.integers(0, len(BODY) - 1), bit=st.integers(0, 7))
def test_one_changed_bit_of_the_body_is_refused(at: int, bit: int) -> None:
    changed = bytearray(BODY)
    changed[at] ^= 1 << bit
    with pytest.raises(SignatureError):
        verify(bytes(changed), header(), [OLD], now=NOW)


@given(body=st.binary(max_size=200), text=st.text(max_size=200))
def test_nothing_but_a_signature_error_is_ever_raised(body: bytes, text: str) -> None:
    with pytest.raises(SignatureError):
        verify(body, text, [OLD], now=NOW)


def test_a_body_that_is_no_text_can_be_signed() -> None:
    """Truncated in the middle of a letter it is still only bytes."""
    body = BODY[:-4] + b"\xc3"
    at = str(int(NOW.timestamp()))
    verify(body, f"t={at},v1={signature.signed(body, at, OLD)}", [OLD], now=NOW)


def test_every_secret_is_compared_with_every_entry_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def watched(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return one == other

    monkeypatch.setattr("gather.payments.signature.hmac.compare_digest", watched)
    verify(BODY, f"{header()},v1=00,v1=01", [OLD, NEW], now=NOW)
    assert len(compared) == 2 * 3, "the first match must not end it"
