"""What a refund or a dispute tells, and whom: told by the change that shows it, so once, and whoever made it. Pure.

Buyer and organizer are both told of money that went back, and of money that did not though it was said to have; of
disputes, and of refunds that have to be made in another way, the organizer alone.
"""

from collections.abc import Mapping
from typing import Any

from gather.notifications.causes import SYSTEM, Cause, Kind
from gather.payments.model import DisputeStatus, RefundStatus

GAVE_BACK = RefundStatus.SUCCEEDED.value
GAVE_UP = {RefundStatus.FAILED.value, RefundStatus.CANCELED.value}


def causes_of_refund(
    payment: Mapping[str, Any], key: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> list[Cause]:
    """What a change of a refund tells; `key` names the refund among all."""
    was, status = (before or {}).get("status"), (after or {}).get("status")
    if was == status:
        return []
    if status == GAVE_BACK:
        return _to_both(Kind.REFUNDED, payment, key)
    if status in GAVE_UP and was == GAVE_BACK:
        return _to_both(Kind.REFUND_FAILED, payment, key)
    return [_to(None, Kind.REFUND_FAILED, payment, key)] if status in GAVE_UP else []


def causes_of_payment(
    payment_id: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> list[Cause]:
    """What a change of a payment tells: that it is disputed, and how that ended."""
    was, status = (before or {}).get("disputeStatus"), (after or {}).get("disputeStatus")
    if after is None or status is None or was == status:
        return []
    kind = Kind.DISPUTED if status == DisputeStatus.OPEN.value else Kind.DISPUTE_CLOSED
    return [_to(None, kind, after, payment_id)]


def _to_both(kind: Kind, payment: Mapping[str, Any], key: str) -> list[Cause]:
    return [_to(payment["uid"], kind, payment, key), _to(None, kind, payment, key)]


def _to(recipient: str | None, kind: Kind, payment: Mapping[str, Any], key: str) -> Cause:
    """`recipient` None is the event's creator."""
    return Cause(kind=kind, event_id=payment["eventId"], actor=SYSTEM, key=key, recipient=recipient)
