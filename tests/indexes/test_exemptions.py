"""What firestore.indexes.json leaves unindexed is what is stored and large and never queried: no less, no more.

The fields are not listed here: documents are written through the rules and by the functions, and are then looked at.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from google.cloud import firestore as sdk

from firewarden.indexes import read_catalog, read_definitions
from firewarden.testing import Database
from gather.attendance.pace import BURST
from gather.attendance.pending import settle_or_mark
from gather.attendance.store import settle_rsvp
from gather.events.store import Told, load_event, reconcile_event
from gather.feeds.origin import Origin
from gather.feeds.reading import read_index
from gather.feeds.store import sync_fragment
from gather.http.auth import Caller
from gather.payments.claims import ignore, keep
from gather.payments.model import (
    Item,
    Payment,
    PaymentEntry,
    PaymentStatus,
    Refund,
    payment_document,
    refund_document,
)
from gather.payments.store import refund_ref
from gather.payments.stripe_event import StripeEvent
from gather.receipts.confirmation import confirmation_mail
from gather.receipts.store import open_papers, write_papers
from gather.tickets.attendee import Attendee
from gather.tickets.registration import Status as RegistrationStatus
from gather.tickets.registration import registered, registration_document
from gather.tickets.setup import Organizer, create_type, put_discount, put_pool
from gather.tickets.ticket import Ticket, TicketStatus, signed_code, signing_key, ticket_document, ticket_id
from gather.transactions import run_transaction
from tests.conftest import settings_for
from tests.support.sales import sale

_FOLDER = Path(__file__).parents[2] / "indexes"
NOW = datetime.now(UTC).replace(microsecond=0)
# Longer text is indexed by its beginning only: https://firebase.google.com/docs/firestore/quotas#indexes
INDEXED_OCTETS_MAX = 1_500
Field = tuple[str, str]

# Every text is as long as the rules allow.
EVENT: dict[str, Any] = {
    "title": "t" * 200,
    "titleLower": "t" * 200,
    "description": "d" * 20_000,
    "startAt": NOW + timedelta(days=2),
    "endAt": NOW + timedelta(days=2, hours=1),
    "timezone": "Europe/Berlin",
    "location": "l" * 500,
    "imageUrl": "https://" + "i" * 1_992,
    "refundPolicy": "r" * 5_000,
    "cancelReason": "c" * 2_000,
    "externalProductId": "e" * 200,
    "tags": ["food"],
    "recurrence": {"rrule": "FREQ=WEEKLY", "exdates": [NOW + timedelta(days=9)]},
    "overrides": {f"{NOW + timedelta(days=16):%Y%m%dT%H%M%SZ}": {"location": "Hall"}},
    "published": True,
    "createdBy": "ana",
    "createdAt": sdk.SERVER_TIMESTAMP,
    "updatedAt": sdk.SERVER_TIMESTAMP,
}


@pytest.mark.emulator
def test_what_is_large_and_never_queried_is_exempt_from_indexes(stored: dict[Field, list[Any]]) -> None:
    """A map is indexed leaf by leaf and a list item by item; an exemption for what nobody stores would say nothing."""
    overrides = read_definitions(_FOLDER / "firestore.indexes.json").overrides
    # What only says when a document is over is exempt as well: such times rise, which makes an index a hot spot.
    exempt = {(each.collection, each.path) for each in overrides if not each.indexes and not each.ttl}
    catalog = read_catalog(_FOLDER / "queries.yaml")
    queried = {
        (each.query.collection.rpartition("/")[2], path)
        for each in catalog.queries
        for path in (
            *(condition.field for condition in each.query.filters()),
            *(order.field for order in each.query.order_by),
        )
    }
    large = {field for field, values in stored.items() if any(_is_large(value) for value in values)}
    assert exempt == large - queried
    assert {(each.collection, each.path) for each in overrides} <= stored.keys()


@pytest.fixture
def stored(firestore: Database) -> dict[Field, list[Any]]:
    """Every field of everything stored, after a member's clients and the functions have written what they write."""
    owner = firestore.as_owner()
    ana, ben = (firestore.as_user(uid, role="member") for uid in ("ana", "ben"))
    ana.document("events/open").set({**EVENT, "visibility": "public"})
    ana.document("events/closed").set({**EVENT, "visibility": "private", "invitedUsers": ["ben"]})
    ben.document("events/open/rsvps/ben").set(
        {
            "status": "going",
            "statusHistory": [{"status": "going", "changedAt": NOW, "changedBy": "ben"}],
            "partySize": 2,
            "notes": "n" * 2_000,
            "createdAt": sdk.SERVER_TIMESTAMP,
            "updatedAt": sdk.SERVER_TIMESTAMP,
        }
    )
    reconcile_event(owner, "open", now=NOW)
    before = owner.document("events/open/rsvps/ben").get()
    before.reference.update({"statusHistory": [{"status": "maybe", "changedAt": NOW, "changedBy": "root"}]})
    settle_rsvp(owner, "open", "ben", now=NOW, before=before, cause="rewritten")
    _move_a_busy_event(owner)
    sync_fragment(owner, "open", now=NOW, settings=settings_for(firestore.project))
    read_index(owner, now=NOW)
    _sell_tickets(owner)
    _take_money(owner)
    _issue_papers(owner)
    found: dict[Field, list[Any]] = {}
    for collection, document in _documents(owner):
        for name, value in document.items():
            found.setdefault((collection, name), []).append(value)
    assert {collection for collection, _ in found} == {
        "events", "rsvps", "seats", "audit", "announcements", "pending", "event_teasers", "feeds", "chunks",
        "ticketTypes", "pools", "discountCodes", "registrations", "tickets",
        "payments", "refunds", "stripe_events", "receipts", "invoices", "invoice_counters", "mail",
    }  # fmt: skip
    return found


def _move_a_busy_event(owner: Any) -> None:
    """Somebody answers while the event is too busy to be written, and its organizer moves it."""
    event = owner.document("events/open")
    event.update({"busyUntil": NOW + BURST})
    owner.document("events/open/rsvps/cy").set(owner.document("events/open/rsvps/ben").get().to_dict())
    settle_or_mark(owner, "open", "cy", now=NOW, cause="busy")
    before = event.get()
    event.update({"startAt": NOW + timedelta(days=3), "endAt": NOW + timedelta(days=3, hours=1)})
    reconcile_event(owner, "open", now=NOW, told=Told(before=before, after=event.get(), delivery="moved"))


def _sell_tickets(owner: Any) -> None:
    """Its organizer sets up what the event sells, with a text as long as can be; ben has got a ticket."""
    organizer = Organizer(client=owner, caller=Caller(uid="ana", role="member"), now=NOW)
    put_pool(organizer, "open", "hall", {"capacity": 9})
    fields = {"name": "VIP", "description": "d" * 2_000, "priceCents": 0, "currency": "EUR", "poolId": "hall"}
    type_id = create_type(organizer, "open", {**fields, "accessCode": "a" * 100})
    put_discount(organizer, "open", "SAVE", {"percent": 10})
    ben = Attendee(name="n" * 200, email="e" * 242 + "@example.org")
    bought = registered(
        "ABCDEFGH23",
        event_id="open",
        uid="ben",
        ticket_type_id=type_id,
        quantity=1,
        status=RegistrationStatus.CONFIRMED,
        at=NOW,
        attendees=(ben,),
    )
    owner.document("registrations", bought.code).set(registration_document(bought))
    ticket = Ticket(
        id=ticket_id(bought.code, 1),
        event_id="open",
        uid="ben",
        ticket_type_id=type_id,
        number=1,
        code=signed_code(ticket_id(bought.code, 1), "open", signing_key(bytes(32))),
        status=TicketStatus.VALID,
        issued_at=NOW,
        attendee=ben,
        registration_id=bought.code,
    )
    owner.document("tickets", ticket.id).set(ticket_document(ticket))


def _take_money(owner: Any) -> None:
    """Ben has paid, wants his money back, and Stripe has told of it at length."""
    item = Item(name="n" * 200, ticket_type_id="t", quantity=1, unit_cents=900, discount_cents=0, amount_cents=900)
    payment = Payment(
        id="p",
        event_id="open",
        uid="ben",
        organization_id="acme",
        registration_id="ABCDEFGH23",
        items=(item,),
        seats=1,
        amount_cents=900,
        currency="eur",
        session_url="https://checkout.stripe.com/c/pay/" + "s" * 900,
        livemode=False,
        hold_expires_at=NOW,
        created_at=NOW,
        history=(PaymentEntry(status=PaymentStatus.SUCCEEDED, at=NOW),),
    )
    refund = Refund(
        id="r",
        payment_id="p",
        amount_cents=900,
        reason="r" * 200,
        requested_by="ana",
        ticket_ids=("ABCDEFGH23-1",),
        created_at=NOW,
    )
    owner.document("payments/p").set(payment_document(payment))
    refund_ref(owner, refund).set(refund_document(refund))
    event = StripeEvent(id="evt_1", type="charge.refunded", livemode=False, account=None, subject={})
    ignore(keep(owner, event, b"x" * 4_000, now=NOW).reference, "about no payment of ours", now=NOW)


def _issue_papers(owner: Any) -> None:
    """Ben has a receipt and an invoice, and a mail that says so."""

    def body(transaction: Any) -> None:
        papers = open_papers(transaction, owner, payment_id=sold.payment_id, organization_id="acme", at=NOW)
        write_papers(transaction, owner, papers, sold, [])

    sold = sale(event_id="open", uid="ben")
    run_transaction(owner, body)
    (receipt,) = (found.to_dict() for found in owner.collection("receipts").stream())
    origin = Origin(domain="events.example.org", public_url="https://events.example.org")
    mail = confirmation_mail(receipt, load_event(owner, "open"), origin, ["receipts/r.pdf"])
    owner.document("mail/m").set(mail)


def _documents(parent: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for collection in parent.collections():
        for reference in collection.list_documents():
            yield collection.id, reference.get().to_dict() or {}
            yield from _documents(reference)


def _is_large(value: Any) -> bool:
    # A blob is never compared with anything, however small this one happens to be.
    return isinstance(value, dict | list | bytes) or (isinstance(value, str) and len(value) > INDEXED_OCTETS_MAX)
