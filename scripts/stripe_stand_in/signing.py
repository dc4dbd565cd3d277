"""Signs deliveries as Stripe does: https://docs.stripe.com/webhooks#verify-manually"""

import hashlib
import hmac
import json
from collections.abc import Sequence

from stripe_stand_in.account import Object, visible


def payload_of(event: Object) -> bytes:
    """The body as Stripe writes it, with line breaks: whoever reads it as JSON and writes it again changes it."""
    return json.dumps(visible(event), indent=2, ensure_ascii=False).encode()


def signature_header(payload: bytes, secrets: Sequence[str], timestamp: int) -> str:
    """`Stripe-Signature`: one `v1` for each secret while one is being rotated, and the `v0` that test mode adds."""
    signed = str(timestamp).encode() + b"." + payload
    entries = [f"v1={_hmac(secret, signed)}" for secret in secrets]
    return ",".join([f"t={timestamp}", *entries, f"v0={_hmac('whsec_test_scheme', signed)}"])


def _hmac(secret: str, signed: bytes) -> str:
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
