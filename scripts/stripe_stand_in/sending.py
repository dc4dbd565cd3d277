"""Sends one delivery to its endpoint, over HTTP or by calling a function."""

import http.client
import urllib.error
import urllib.request

from stripe_stand_in.outbox import Webhook

TIMEOUT_S = 30.0
NO_ANSWER = 0


def send(webhook: Webhook, payload: bytes, signature: str) -> int:
    """The HTTP status of the answer, or 0 where there was none."""
    headers = {
        "Accept": "*/*; q=0.5, application/xml",
        "Cache-Control": "no-cache",
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": signature,
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
    }
    try:
        return webhook.send(payload, headers) if webhook.send is not None else _post(webhook.url, payload, headers)
    except (OSError, http.client.HTTPException):
        return NO_ANSWER


def _post(url: str, payload: bytes, headers: dict[str, str]) -> int:
    request = urllib.request.Request(url, data=payload, headers=headers, method="POST")  # noqa: S310 - http(s), see Webhook
    try:
        with _OPENER.open(request, timeout=TIMEOUT_S) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        # Stripe counts a redirect as a failure, and so does an opener that follows none.
        with error:
            return error.code


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        return None


# Without the proxies of the environment: endpoints are on this machine.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects)
