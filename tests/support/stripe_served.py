"""The functions with Stripe's stand-in before them: its API over HTTP through the SDK, its events at our webhook."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from flask.testing import FlaskClient

from gather.payments.gateway import Gateway
from gather.runtime import Runtime
from gather.settings import Settings
from stripe_stand_in import Clock as StandInClock
from stripe_stand_in import RunningStandIn, Webhook, running_stand_in
from tests.support.apps import http_of
from tests.support.clocks import Clock
from tests.support.runtimes import runtime_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A stand-in, the runtime that asks it, and the HTTP application that it tells."""

    stripe: RunningStandIn
    found: Runtime
    http: FlaskClient

    def stored(self, path: str) -> dict[str, Any]:
        """A document as it is now."""
        found: dict[str, Any] | None = self.found.firestore.document(path).get().to_dict()
        return found or {}


@contextmanager
def stripe_for(settings: Settings, clock: Clock, **options: Any) -> Iterator[tuple[RunningStandIn, Settings]]:
    """A stand-in by the test's clock, and the settings that lead to it."""
    by = StandInClock(lambda: clock.now().timestamp())
    with running_stand_in(clock=by, secret_key=settings.stripe_secret_key, **options) as stand_in:
        yield stand_in, replace(settings, stripe_api_base=stand_in.base_url)


@contextmanager
def served(settings: Settings, firestore: Any, clock: Clock, *, retries: int = 0) -> Iterator[Served]:
    """Everything, inside the block."""
    with stripe_for(settings, clock) as (stand_in, reached):
        found = runtime_for(
            reached, firestore, now=clock.now, sleep=clock.sleep, gateway=Gateway(reached, retries=retries)
        )
        with http_of(found) as http:

            def deliver(payload: bytes, headers: dict[str, str]) -> int:
                return http.post("/webhooks/stripe", data=payload, headers=headers).status_code

            # The first secret signs: the functions take both while one is being rotated.
            stand_in.outbox.webhooks.append(Webhook(secrets=settings.stripe_webhook_secrets[:1], send=deliver))
            yield Served(stripe=stand_in, found=found, http=http)
