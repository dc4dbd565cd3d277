"""Papers in Firestore: read and written inside the transaction that fulfils a payment or takes it back.

That transaction is the caller's, so a paper is there exactly when what it says has happened. State decides what is
written, never the occasion: calling this again for the same sale and refunds writes nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from google.cloud.firestore_v1.base_query import FieldFilter

from gather.receipts.invoice import (
    Counter,
    Kind,
    Paper,
    counter_document,
    next_invoice,
    next_notes,
    parse_last,
    series_name,
    year_of,
)
from gather.receipts.receipt import free_number, receipt_document, receipt_numbers
from gather.receipts.sale import Party, Refunded, Sale
from gather.receipts.seller import Seller, parse_seller
from gather.transactions import Transact, read, read_all, read_query, run_transaction

FORGET_PAGE = 200
"""Receipts of one transaction, a write each."""
UNKNOWN_SELLER = Party(name="The organizer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """What a transaction has read of a payment's papers: those there are, the seller and the series' counter."""

    payment_id: str
    at: datetime
    receipt_number: str | None
    taken_numbers: frozenset[str]
    invoices: Mapping[str, Mapping[str, Any]]
    counter: Counter | None
    seller: Seller | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """The papers there are after the transaction; `credit_notes` has the latest one of each refund."""

    receipt_number: str | None
    invoice_id: str | None
    credit_notes: Mapping[str, str]


def open_papers(transaction: Any, client: Any, *, payment_id: str, organization_id: str | None, at: datetime) -> Papers:
    """Read what `write_papers` decides on: two queries, and documents; for the transaction's read phase."""
    receipts = read_query(transaction, receipt_query(client, payment_id))
    invoices = read_query(transaction, invoices_query(client, payment_id))
    numbers = [] if receipts else [client.document("receipts", name) for name in receipt_numbers(payment_id, at)]
    first, others = numbers[:1], numbers[1:]
    organization = [] if organization_id is None else [client.document("organizations", organization_id)]
    found = read_all(transaction, [*first, *organization])
    taken = found[: len(first)]
    if any(snapshot.exists for snapshot in taken):  # hardly ever
        taken += read_all(transaction, others)
    seller = None if organization_id is None else parse_seller(organization_id, found[-1].to_dict())
    return Papers(
        payment_id=payment_id,
        at=at,
        receipt_number=receipts[0].id if receipts else None,
        taken_numbers=frozenset(snapshot.id for snapshot in taken if snapshot.exists),
        invoices={snapshot.id: snapshot.to_dict() for snapshot in invoices},
        counter=None if organization_id is None else open_counter(transaction, client, organization_id, at),
        seller=seller,
    )


def contended_by_papers(organization_id: str) -> str:
    """What transactions that write papers of an organization fight over (`contend_on`): the counters of its series."""
    return f"invoice_counters/{organization_id}"


def open_counter(transaction: Any, client: Any, organization_id: str, at: datetime) -> Counter:
    """Read and lock the counter of the series; where it is missing or damaged, the series' last paper says it."""
    year = year_of(at)
    stored = read(transaction, _counter_reference(client, organization_id, year))
    last = parse_last(stored.to_dict())
    if last is None:
        papers = read_query(transaction, last_of_series(client, organization_id, year))
        last = parse_last(papers[0].to_dict(), "number") if papers else 0
    return Counter(organization_id=organization_id, year=year, last=last or 0)


def write_papers(
    transaction: Any, client: Any, papers: Papers, sale: Sale | None, refunded: Iterable[Refunded]
) -> Issued:
    """Create whatever papers are missing: the receipt and invoice of the sale, and the notes of what went back.

    `refunded` is every refund of the payment that stands as succeeded: one that is left out counts as taken back.
    `sale` None issues notes alone. Papers are created, never set, so no number is ever given twice.
    """
    counter, created = papers.counter, []
    invoice = _invoice_of(papers)
    if invoice is None and sale is not None and counter is not None and papers.seller is not None:
        counter, invoice = next_invoice(counter, sale, papers.seller, at=papers.at)
        created.append(invoice)
    if invoice is not None and counter is not None:
        counter, notes = next_notes(counter, invoice, list(papers.invoices.values()), refunded, at=papers.at)
        created.extend(notes)
    number = papers.receipt_number
    if number is None and sale is not None:
        number = _create_receipt(transaction, client, papers, sale, invoice)
    for paper in created:
        transaction.create(client.document("invoices", paper.id), dict(paper.document))
    if created and counter is not None:
        reference = _counter_reference(client, counter.organization_id, counter.year)
        transaction.set(reference, counter_document(counter))
    everything = {**papers.invoices, **{paper.id: paper.document for paper in created}}
    return Issued(
        receipt_number=number,
        invoice_id=None if invoice is None else invoice.id,
        credit_notes=_credit_notes(everything),
    )


def forget_event(client: Any, event_id: str, *, transact: Transact = run_transaction) -> int:
    """Make null what refers to an event that is gone; returns how many receipts did.

    What was paid for an event that has been created again under its name stays: that receipt is younger than it.
    """
    event_ref = client.document("events", event_id)
    forgotten, after = 0, None
    while True:
        page = partial(_forget_page, event_ref=event_ref, query=receipts_of_event(client, event_id, after=after))
        count, after = transact(client, page, contend_on=event_ref.path)
        forgotten += count
        if after is None:
            return forgotten


def _forget_page(transaction: Any, *, event_ref: Any, query: Any) -> tuple[int, str | None]:
    event = read(transaction, event_ref)
    page = read_query(transaction, query)
    gone = [each for each in page if not event.exists or each.create_time < event.create_time]
    for receipt in gone:
        transaction.update(receipt.reference, {"eventId": None})
    return len(gone), page[-1].id if len(page) == FORGET_PAGE else None


def receipts_of_event(client: Any, event_id: str, *, after: str | None) -> Any:
    """The next page of receipts that refer to an event."""
    receipts = client.collection("receipts")
    query = receipts.where(filter=FieldFilter("eventId", "==", event_id)).order_by("__name__").limit(FORGET_PAGE)
    return query if after is None else query.start_after({"__name__": receipts.document(after)})


def receipt_query(client: Any, payment_id: str) -> Any:
    """The receipt of a payment: there is one, or none yet."""
    return client.collection("receipts").where(filter=FieldFilter("paymentId", "==", payment_id)).limit(1)


def invoices_query(client: Any, payment_id: str) -> Any:
    """The invoice of a payment and every note that corrects it."""
    return client.collection("invoices").where(filter=FieldFilter("paymentId", "==", payment_id))


def last_of_series(client: Any, organization_id: str, year: int) -> Any:
    """The paper with the highest number of a series."""
    papers = client.collection("invoices").where(filter=FieldFilter("organizationId", "==", organization_id))
    series = papers.where(filter=FieldFilter("year", "==", year))
    return series.order_by("number", direction="DESCENDING").limit(1)


def _create_receipt(transaction: Any, client: Any, papers: Papers, sale: Sale, invoice: Paper | None) -> str:
    number = free_number(papers.payment_id, papers.at, papers.taken_numbers)
    seller = UNKNOWN_SELLER if papers.seller is None else papers.seller.party
    invoice_id = None if invoice is None else invoice.id
    document = receipt_document(number, sale, seller, invoice_id=invoice_id, at=papers.at)
    transaction.create(client.document("receipts", number), document)
    return number


def _invoice_of(papers: Papers) -> Paper | None:
    found = (name for name, paper in papers.invoices.items() if paper["kind"] == Kind.INVOICE)
    name = next(found, None)
    return None if name is None else Paper(id=name, document=papers.invoices[name])


def _credit_notes(papers: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    notes = [(paper["issuedAt"], paper["number"], name) for name, paper in papers.items() if _is_credit(paper)]
    return {papers[name]["refundId"]: name for _, _, name in sorted(notes)}


def _is_credit(paper: Mapping[str, Any]) -> bool:
    return bool(paper["kind"] == Kind.CREDIT_NOTE)


def _counter_reference(client: Any, organization_id: str, year: int) -> Any:
    return client.document("invoice_counters", series_name(organization_id, year))
