"""Papers that were issued are rendered, kept and sent.

The documents are written by the transaction that fulfils a payment; all that follows here may be done twice or late.
"""

from typing import Any

from firebase_functions import firestore_fn
from firebase_functions.core import Change
from google.api_core.exceptions import AlreadyExists
from google.cloud import firestore

from gather.delivery import retried
from gather.events.store import load_event
from gather.feeds.origin import Origin
from gather.notifications.causes import notification_id
from gather.observability import DELIVERIES, bound
from gather.receipts.confirmation import confirmation_cause, confirmation_mail
from gather.receipts.keeping import keep_invoice, keep_receipt
from gather.runtime import Runtime, runtime
from gather.settings import REGION


@retried
@firestore_fn.on_document_written(document="receipts/{number}", region=REGION)
def on_receipt_written(event: firestore_fn.Event[Change[Any]]) -> None:
    """Keep the PDF of a new receipt and confirm the purchase by mail, once however often this is delivered."""
    name = "on_receipt_written"
    receipt = _created(event)
    if receipt is None:
        DELIVERIES.labels(function=name, outcome="irrelevant").inc()
        return
    with bound(function=name, delivery=event.id):
        outcome = _confirm(runtime(), receipt)
    DELIVERIES.labels(function=name, outcome=outcome).inc()


@retried
@firestore_fn.on_document_written(document="invoices/{id}", region=REGION)
def on_invoice_written(event: firestore_fn.Event[Change[Any]]) -> None:
    """Keep the PDF of a new invoice or note."""
    name = "on_invoice_written"
    paper = _created(event)
    if paper is None:
        DELIVERIES.labels(function=name, outcome="irrelevant").inc()
        return
    with bound(function=name, delivery=event.id):
        keep_invoice(runtime().storage, paper)
    DELIVERIES.labels(function=name, outcome="kept").inc()


def _confirm(found: Runtime, receipt: dict[str, Any]) -> str:
    attachments = [keep_receipt(found.storage, receipt)]
    if not receipt["admitted"]:
        return "kept"
    client, settings = found.firestore, found.settings
    if receipt["invoiceId"] is not None:
        invoice = client.document("invoices", receipt["invoiceId"]).get().to_dict()
        attachments.append(keep_invoice(found.storage, invoice))
    event = None if receipt["eventId"] is None else load_event(client, receipt["eventId"])
    origin = Origin(domain=settings.feed_domain, public_url=settings.public_url)
    mail = confirmation_mail(receipt, event, origin, attachments) | {"createdAt": firestore.SERVER_TIMESTAMP}
    try:
        client.document("mail", notification_id(confirmation_cause(receipt), receipt["uid"])).create(mail)
    except AlreadyExists:
        return "told before"
    return "told"


def _created(event: firestore_fn.Event[Change[Any]]) -> dict[str, Any] | None:
    """A paper never changes but for its event's deletion, so only its creation has something to do."""
    if event.data.before is not None or event.data.after is None:
        return None
    document: dict[str, Any] = event.data.after.to_dict()
    return document
