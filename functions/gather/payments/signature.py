"""Webhook signatures: a delivery is Stripe's if any of our secrets signed its exact bytes less than 300 s ago. Pure.

`Stripe-Signature: t=<seconds>,v1=<hex>,v1=<hex>`: HMAC-SHA256 over `<t>.<body>`, one `v1` for each secret while one is
being rotated. Every secret is compared with every entry, in constant time and without stopping at the first match, so
that time tells nothing about either. The SDK's own check decodes the body first and takes signatures from the future.
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

TOLERANCE_S = 300  # https://docs.stripe.com/webhooks#verify-official-libraries
ENTRIES_MAX = 16
"""Stripe sends one for each secret that is in use; more are not worth computing with."""
TIMESTAMP_DIGITS_MAX = 12


class SignatureError(ValueError):
    """The delivery is not Stripe's, or not of now. The reason is for the log; whoever sent it learns nothing more."""


def verify(body: bytes, header: str | None, secrets: Sequence[str], *, now: datetime) -> None:
    """Return if the body was signed with one of `secrets` within the tolerance, else raise SignatureError."""
    timestamp, entries = _parsed(header)
    if not any([_matches(body, timestamp, entries, secret) for secret in secrets]):  # noqa: C419  # all are compared
        raise SignatureError("no secret of ours has signed this body")
    age_s = now.timestamp() - int(timestamp)
    if abs(age_s) > TOLERANCE_S:
        raise SignatureError(f"signed {abs(age_s):.0f} s {'ago' if age_s > 0 else 'ahead'}")


def signed(body: bytes, timestamp: str, secret: str) -> str:
    """Return the signature of a body at a time, as `v1` carries it."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _parsed(header: str | None) -> tuple[str, list[bytes]]:
    if not header:
        raise SignatureError("there is no signature")
    pairs = [part.partition("=") for part in header.split(",")]
    timestamps = [value for name, _, value in pairs if name == "t"]
    entries = [value.encode(errors="replace") for name, _, value in pairs if name == "v1"]
    if len(timestamps) != 1 or not entries or len(entries) > ENTRIES_MAX:
        raise SignatureError("the signature is not of the form t=...,v1=...")
    timestamp = timestamps[0]
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= TIMESTAMP_DIGITS_MAX):
        raise SignatureError("the time of the signature is no time")
    return timestamp, entries


def _matches(body: bytes, timestamp: str, entries: Sequence[bytes], secret: str) -> bool:
    expected = signed(body, timestamp, secret).encode()
    return any([hmac.compare_digest(expected, entry) for entry in entries])  # noqa: C419  # all are compared
