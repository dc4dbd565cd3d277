"""Answers to an event that is hot: what they leave, and processes that die while they settle it."""

from collections.abc import Callable
from typing import Any

from gather.attendance import pending
from gather.attendance.pace import BURST
from gather.attendance.pending import settle_or_mark
from gather.transactions import Contended
from tests.support.events import NOW, event_document, rsvp_document

HOT = NOW + BURST


class Crashed(BaseException):
    """The process is gone: nothing after it runs, and nobody handles it."""


def given(client: Any, *uids: str, **fields: Any) -> None:
    client.document("events/e").set(event_document(isWaitlistEnabled=True, **fields))
    for uid in uids:
        client.document("events/e/rsvps", uid).set(rsvp_document(uid))


def mark(client: Any, uid: str) -> bool:
    return settle_or_mark(client, "e", uid, now=NOW, cause=f"d-{uid}")


def markers(client: Any) -> list[str]:
    return [found.get("uid") for found in pending.pending_markers(client, "e").stream()]


def crash_before(number: int, transact: Any) -> Callable[..., Any]:
    """A process that dies before its nth transaction commits; 0 is the first."""
    begun: list[int] = []

    def run(client: Any, body: Callable[[Any], Any], *, contend_on: Contended = None) -> Any:
        def dying(transaction: Any) -> Any:
            result = body(transaction)
            begun.append(1)
            if len(begun) == number + 1:
                raise Crashed
            return result

        return transact(client, dying, contend_on=contend_on)

    return run
