"""What follows from a new paper: its PDF is kept, the purchase confirmed by mail, both once; events are forgotten."""

from collections.abc import Iterator
from typing import Any

import icalendar
import pytest

from gather.feeds.origin import Origin
from gather.receipts import store
from gather.receipts.sale import Sale
from gather.receipts.store import forget_event, open_papers, write_papers
from gather.receipts.triggers import on_invoice_written, on_receipt_written
from gather.runtime import Runtime, installed
from gather.transactions import run_transaction
from tests.support.deliveries import deliver
from tests.support.events import event_document
from tests.support.sales import BUYER, ORGANIZATION, PAID_AT, sale

pytestmark = pytest.mark.emulator

NUMBER = "RCP-2026-0507-A1B2C3D4"
KEPT = [f"receipts/{NUMBER}.pdf", "invoices/acme-2026-1.pdf"]


@pytest.fixture
def client(gather_runtime: Runtime) -> Iterator[Any]:
    client = gather_runtime.firestore
    client.document("organizations/acme").set(ORGANIZATION)
    client.document("events/concert").set(event_document(title="Spring Concert", sequence=3))
    with installed(gather_runtime):
        yield client


def issue(client: Any, sold: Sale) -> None:
    def body(transaction: Any) -> None:
        papers = open_papers(
            transaction, client, payment_id=sold.payment_id, organization_id=sold.organization_id, at=PAID_AT
        )
        write_papers(transaction, client, papers, sold, [])

    run_transaction(client, body)


def deliver_receipt(client: Any) -> None:
    deliver(on_receipt_written, None, client.document("receipts", NUMBER).get(), number=NUMBER)


def the_mail(client: Any) -> dict[str, Any]:
    (mail,) = client.collection("mail").stream()
    document: dict[str, Any] = mail.to_dict()
    return document


def test_a_purchase_is_confirmed_once_with_its_papers(client: Any, gather_runtime: Runtime) -> None:
    issue(client, sale())
    for _ in range(2):
        deliver_receipt(client)
    mail = the_mail(client)
    assert (mail["to"], mail["email"], mail["type"]) == ("ana", "ana@example.org", "purchase_confirmed")
    assert (mail["state"], mail["attempts"], mail["paymentId"]) == ("pending", 0, sale().payment_id)
    assert mail["attachments"] == KEPT
    assert all(gather_runtime.storage.has(name) for name in KEPT)


def test_the_confirmation_invites_to_the_feed_s_event(client: Any) -> None:
    issue(client, sale())
    deliver_receipt(client)
    calendar = icalendar.Calendar.from_ical(the_mail(client)["calendar"])
    (event,) = calendar.walk("VEVENT")
    origin = Origin(domain="events.example.org", public_url="https://events.example.org")
    assert (calendar["METHOD"], event["UID"], event["SEQUENCE"]) == ("REQUEST", origin.uid("concert"), 3)
    assert event["ATTENDEE"] == "mailto:ana@example.org"
    assert event["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"
    assert event["ORGANIZER"] == "mailto:billing@example.org"


@pytest.mark.parametrize(
    ("event", "sold"),
    [
        (None, sale()),
        (event_document(canceled=True), sale()),
        (event_document(), sale(buyer=type(BUYER)(name="Ana"))),
        (event_document(), sale(event_id=None)),
    ],
    ids=["event gone", "canceled", "no address", "event gone before"],
)
def test_without_a_date_or_an_address_there_is_no_calendar_part(
    client: Any, event: dict[str, Any] | None, sold: Sale
) -> None:
    reference = client.document("events/concert")
    reference.delete() if event is None else reference.set(event)
    issue(client, sold)
    deliver_receipt(client)
    assert the_mail(client)["calendar"] is None


def test_money_for_seats_that_were_gone_has_a_receipt_but_confirms_nothing(
    client: Any, gather_runtime: Runtime
) -> None:
    issue(client, sale(admitted=False))
    deliver_receipt(client)
    assert gather_runtime.storage.has(KEPT[0])
    assert list(client.collection("mail").stream()) == []


def test_a_receipt_without_an_invoice_is_sent_alone(client: Any) -> None:
    issue(client, sale(organization_id=None))
    deliver_receipt(client)
    assert the_mail(client)["attachments"] == KEPT[:1]


def test_an_invoice_is_kept(client: Any, gather_runtime: Runtime) -> None:
    issue(client, sale())
    for _ in range(2):
        deliver(on_invoice_written, None, client.document("invoices/acme-2026-1").get(), id="acme-2026-1")
    assert gather_runtime.storage.has(KEPT[1])


def test_a_change_or_deletion_of_a_paper_leads_to_nothing(client: Any, gather_runtime: Runtime) -> None:
    issue(client, sale())
    for function, path in ((on_receipt_written, f"receipts/{NUMBER}"), (on_invoice_written, "invoices/acme-2026-1")):
        there = client.document(path).get()
        deliver(function, there, there)
        deliver(function, there, None)
    assert not any(gather_runtime.storage.has(name) for name in KEPT)
    assert list(client.collection("mail").stream()) == []


def test_a_receipt_outlives_its_event_and_refers_to_none(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "FORGET_PAGE", 2)
    for name in ("aaaaaaaa1", "bbbbbbbb1", "cccccccc1"):
        issue(client, sale(name))
    issue(client, sale("dddddddd1", event_id="other"))
    before = {found.id: found.to_dict() for found in client.collection("receipts").stream()}
    client.document("events/concert").delete()
    assert (forget_event(client, "concert"), forget_event(client, "concert")) == (3, 0)
    for found in client.collection("receipts").stream():
        is_other = found.id.endswith("DDDDDDDD")
        assert found.to_dict() == before[found.id] | {"eventId": "other" if is_other else None}


def test_a_receipt_for_the_event_that_took_the_name_keeps_it(client: Any) -> None:
    issue(client, sale("aaaaaaaa1"))
    client.document("events/concert").delete()
    client.document("events/concert").set(event_document())
    issue(client, sale("bbbbbbbb1"))
    forget_event(client, "concert")
    events = {found.get("paymentId"): found.get("eventId") for found in client.collection("receipts").stream()}
    assert events == {"aaaaaaaa1": None, "bbbbbbbb1": "concert"}
