"""Changes made by hand, and a sender of them that tries again soon."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from firewarden.triggers import RetryPolicy
from firewarden.triggers.sending import Sender
from toolkit.tests.triggers.sending.receiving import Received

PROJECT = "demo-sending"
WRITTEN = "google.cloud.firestore.document.v1.written"
V1_WRITE = "providers/cloud.firestore/eventTypes/document.write"
SOON = RetryPolicy(first_delay_s=0.02, max_delay_s=0.1, window_s=60)
NOON = datetime(2026, 5, 1, 12, 0, 0, 120_000, tzinfo=UTC)
EMPTY = b"\x0a\x00"


@dataclass(frozen=True)
class Change:
    """A change made by hand."""

    path: str
    existed: bool = False
    exists: bool = True
    project: str = PROJECT
    database: str = "(default)"
    time: datetime = NOON
    auth: tuple[str, str] = ("app_user", "ana")
    size: int = 10

    def data(self) -> bytes:
        return EMPTY

    def v1_data(self) -> str:
        return '{"updateMask":{}}'


def sender_to(address: str, said: list[str], **options: object) -> Sender:
    sender = Sender(address, **{"retry": SOON, "report": said.append, **options})  # type: ignore[arg-type]
    sender.register(PROJECT, "fn", event_type=WRITTEN, document="users/{id}", database="(default)")
    return sender


def documents(received: list[Received]) -> list[str]:
    return [each.attributes["document"] for each in received]
