"""API keys, as the API takes them: Bearer, or Basic with the key as the user."""

import base64
import binascii
import hmac

from stripe_stand_in.errors import StripeError


def checked_key(authorization: str, secret_key: str) -> None:
    """Refuses a missing, foreign, publishable or live key, in Stripe's words."""
    key = _key_of(authorization)
    if not key:
        raise StripeError(
            "You did not provide an API key. You need to provide your API key in the Authorization header, using "
            "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See "
            "https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/.",
            status=401,
            begun=False,
        )
    if key.startswith("pk_"):
        raise StripeError(
            "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list "
            "of your API keys at https://dashboard.stripe.com/account/apikeys.",
            status=401,
            code="secret_key_required",
            begun=False,
        )
    if key.startswith(("sk_live_", "rk_live_")):
        raise StripeError(
            "A live key was sent to a stand-in for Stripe. Nothing was done; treat the key as exposed on this machine.",
            status=401,
            begun=False,
        )
    if not hmac.compare_digest(key.encode(), secret_key.encode()):
        raise StripeError(f"Invalid API Key provided: {masked(key)}", status=401, begun=False)


def masked(key: str) -> str:
    """As much of a key as an error message may show."""
    return f"{key[:8]}{'*' * max(len(key) - 12, 0)}{key[-4:]}" if len(key) > 12 else "*" * len(key)


def _key_of(authorization: str) -> str:
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return ""
