"""Deliveries as anybody can make them: any bytes, any header, at any of the webhooks' addresses."""

from dataclasses import dataclass
from datetime import timedelta

from flask.testing import FlaskClient

from gather.runtime import Runtime
from tests.support.stripe_payloads import signature_of

WEBHOOKS = ("/webhooks/stripe", "/webhooks/stripe/events", "/api/webhooks/stripe", "/api/webhooks/stripe/events")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """Somebody who sends webhooks; ``signs`` is what they could not do without our secret."""

    http: FlaskClient
    found: Runtime

    def signs(self, body: bytes, *, late: timedelta = timedelta(0)) -> str:
        """The header that Stripe sends with a body."""
        return signature_of(body, self.found.settings.stripe_webhook_secrets[0], at=self.found.now() - late)

    def sends(self, body: bytes, header: str | None, *, path: str = WEBHOOKS[0], **more: str) -> tuple[int, str | None]:
        """Send it; returns the status, and the code of the refusal."""
        headers = more if header is None else {"Stripe-Signature": header, **more}
        answer = self.http.post(path, data=body, headers=headers)
        return answer.status_code, answer.get_json().get("error", {}).get("code")

    def sends_signed(self, body: bytes, *, path: str = WEBHOOKS[0], **more: str) -> tuple[int, str | None]:
        """Send what our secret has signed."""
        return self.sends(body, self.signs(body), path=path, **more)
