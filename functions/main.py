"""What is deployed: the functions found in this namespace, and nothing else.

A missing setting stops the start here, by name, before the first request; `firebase deploy` only asks which
functions there are and needs none.
"""

import os

from gather.attendance.triggers import on_rsvp_written, sweep_seats
from gather.events.triggers import on_event_written, sweep_teasers
from gather.http.function import api
from gather.notifications.triggers import on_notification_written
from gather.payments.triggers import (
    on_event_deleted,
    on_payment_written,
    on_refund_written,
    reconcile_payments,
    sweep_holds,
)
from gather.receipts.triggers import on_invoice_written, on_receipt_written
from gather.runtime import discovering
from gather.settings import settings_from

__all__ = [
    "api",
    "on_event_deleted",
    "on_event_written",
    "on_invoice_written",
    "on_notification_written",
    "on_payment_written",
    "on_receipt_written",
    "on_refund_written",
    "on_rsvp_written",
    "reconcile_payments",
    "sweep_holds",
    "sweep_seats",
    "sweep_teasers",
]

if not discovering():
    settings_from(os.environ)
