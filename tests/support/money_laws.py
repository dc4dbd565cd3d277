"""What holds of every change of a document of money, whoever makes it: nothing goes back, nothing is rewritten.

Shared by all that play schedules or histories with money; each adds what only its own world can say.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from gather.payments.fold import REFUND_RANK, UNPAID_RANK
from gather.payments.model import CAPTURED, PaymentStatus, RefundStatus
from gather.tickets.registration import TRANSITIONS, Status

Document = Mapping[str, Any]


def faults_of_change(path: Sequence[str], before: Document | None, after: Document | None) -> list[str]:
    """Say what of a change must not be; `path` is the document's, None where it was not there or is not any more."""
    law = _LAWS.get(path[-2])
    if law is None:
        return []
    name = "/".join(path)
    return [f"{name} was deleted"] if after is None else [f"{name} {fault}" for fault in law(before or {}, after)]


def is_given_up(payment: Document, refunds: Iterable[Document]) -> bool:
    """Whether money stays because a refund of it came to nothing: an organizer was told, and may try again.

    One of ours that Stripe refused as too much is no such reason: what is left is wanted again.
    """
    left = payment["capturedCents"] - payment["refundedCents"]
    return any(
        refund["status"] in {"failed", "canceled"}
        and not (refund["requestedBy"] == "system" and "failure" in refund and refund["amountCents"] > left)
        for refund in refunds
    )


def _payment(before: Document, after: Document) -> list[str]:
    was, status = PaymentStatus(before.get("status", "pending")), PaymentStatus(after["status"])
    old = before.get("history", [])
    is_back = was in CAPTURED if status not in CAPTURED else False
    if status not in CAPTURED and not is_back:
        is_back = UNPAID_RANK[status] < UNPAID_RANK[was]
    faults = {
        "has less money than before": after["capturedCents"] < before.get("capturedCents", 0),
        "has given back more than it had": after["refundedCents"] > after["capturedCents"],
        f"went back from {was} to {status}": is_back,
        f"is {status} without money": (status in CAPTURED) != (after["capturedCents"] > 0),
        "has a history that was rewritten": after["history"][: len(old)] != old,
    }
    return [fault for fault, holds in faults.items() if holds]


def _refund(before: Document, after: Document) -> list[str]:
    was, status = RefundStatus(before.get("status", "pending")), RefundStatus(after["status"])
    return [f"went back from {was} to {status}"] if REFUND_RANK[status] < REFUND_RANK[was] else []


def _registration(before: Document, after: Document) -> list[str]:
    was, status = before.get("status"), after["status"]
    is_legal = was is None or was == status or Status(status) in TRANSITIONS[Status(was)]
    return [] if is_legal else [f"went from {was} to {status}"]


def _paper(before: Document, after: Document) -> list[str]:
    """A paper stands as it was issued, but for the name of an event that is gone."""
    changed = {name for name in {*before, *after} if before.get(name) != after.get(name)} if before else set()
    is_forgotten = changed == {"eventId"} and after["eventId"] is None
    return [] if not changed or is_forgotten else [f"was rewritten: {sorted(changed)}"]


_LAWS: Mapping[str, Callable[[Document, Document], list[str]]] = {
    "payments": _payment,
    "refunds": _refund,
    "registrations": _registration,
    "receipts": _paper,
    "invoices": _paper,
}
