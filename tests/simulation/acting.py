"""How people reach the backend: straight to Firestore under the rules, or by HTTP, and what they were told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from google.api_core.exceptions import Aborted, GoogleAPICallError

from firewarden.testing import Laboratory, unsigned_id_token
from tests.conftest import settings_for
from tests.simulation.deeds import Deed
from tests.simulation.stage import errors
from tests.simulation.stripe_account import ServerCrash
from tests.support.stripe_payloads import body_of, signature_of

EVENT_ID = "festival"
EVENT = f"events/{EVENT_ID}"
TRIES = 3
OK = "done"
NO_ANSWER = "no answer, the server is gone"
HTTP_REFUSED = 400
HTTP_BUSY = 503
HTTP_BROKEN = 500
REQUEST_S_MAX = 60
"""After so long the platform ends a request, and Firestore a transaction that nobody uses."""


@dataclass(slots=True)
class Story:
    """What was done and what came of it, in order: how a schedule is told to people."""

    lines: list[str] = field(default_factory=list)
    done: list[Deed] = field(default_factory=list)
    """What was not refused."""

    def tells(self, at: float, who: str, deed: Deed, variant: int, answer: str) -> None:
        """Add a line."""
        self.lines.append(f"{at:12.3f} s  {who} {deed} ({variant}): {answer}")
        if answer == OK:
            self.done.append(deed)


@dataclass(frozen=True, slots=True)
class Actor:
    """One person, signed in."""

    lab: Laboratory
    app: Flask
    story: Story
    uid: str
    role: str = "member"

    @property
    def event(self) -> Any:
        """The event, for a client that the rules judge."""
        return self.lab.firestore.as_user(self.uid, role=self.role).document(EVENT)

    def does(self, deed: Deed, variant: int, act: Callable[[], str]) -> None:
        """Do something; whoever meets contention, or no server, tries again in a moment; a refusal is an answer."""
        answer = ""
        for _ in range(TRIES):
            try:
                answer = act()
            except Aborted as aborted:
                answer = f"refused, {aborted.message}"
            except GoogleAPICallError as refused:
                answer = f"refused, {type(refused).__name__}"
                break
            else:
                if not answer.startswith((str(HTTP_BUSY), NO_ANSWER)):
                    break
            self.lab.sleep(1)
        self.story.tells(self.lab.clock.monotonic(), self.uid, deed, variant, answer)

    def asks(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> str:
        """Ask something of the event by HTTP; the answer is OK, or the status and the error's code."""
        return self.requests(method, f"/{EVENT}{path}", body)[0]

    def requests(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, key: str | None = None
    ) -> tuple[str, Any]:
        """Ask for anything by HTTP, under an idempotency key; the answer as `asks` has it, and its content if OK."""
        began = self.lab.clock.monotonic()
        token = unsigned_id_token(self.uid, {"role": self.role}, project=self.lab.firestore.project)
        headers = {"Authorization": f"Bearer {token}"} | ({} if key is None else {"Idempotency-Key": key})
        try:
            answer = self.app.test_client().open(path, method=method, json=body, headers=headers)
        except ServerCrash:
            return NO_ANSWER, None
        content = answer.get_json(silent=True) or {}
        if answer.status_code < HTTP_REFUSED:
            return OK, content
        if self.lab.clock.monotonic() - began > REQUEST_S_MAX:
            return "no answer in time", None
        assert answer.status_code != HTTP_BROKEN, f"{method} {path} has failed: {errors[-1:]}"
        return f"{answer.status_code} {content.get('error', {}).get('code')}", None


def posted(lab: Laboratory, app: Flask, event: Mapping[str, Any]) -> int:
    """Deliver an event of Stripe's, signed; returns the status of the answer."""
    body = body_of(event)
    signature = signature_of(body, settings_for(lab.firestore.project).stripe_webhook_secrets[0], at=lab.clock.now())
    answer = app.test_client().post("/webhooks/stripe", data=body, headers={"Stripe-Signature": signature})
    assert answer.status_code != HTTP_BROKEN, f"the webhook has failed: {errors[-1:]}"
    return answer.status_code
