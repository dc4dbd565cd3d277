"""Invoices and the notes that correct them: one gapless series for each organization and year. Pure.

An invoice never changes. A refund is a credit note that refers to it; a refund that came back after it had
succeeded is a debit note. All amounts are stored positive: the kind says which way they go.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from gather.receipts.receipt import line_map, party_map
from gather.receipts.sale import Line, Refunded, Sale
from gather.receipts.seller import Seller
from gather.receipts.vat import Split, split, split_between

CREDITED = "Refund"
DEBITED = "Refund that was not paid out"


class Kind(StrEnum):
    """What a paper of the series is."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    DEBIT_NOTE = "debit_note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """The last number given in a series; the next paper has the next one. Kept in `invoice_counters/{series}`."""

    organization_id: str
    year: int
    last: int

    @property
    def series(self) -> str:
        """Name the series, and its counter document."""
        return series_name(self.organization_id, self.year)

    @property
    def invoice_id(self) -> str:
        """Name the paper that has the last number."""
        return f"{self.series}-{self.last}"

    def advanced(self) -> "Counter":
        """Give the next number."""
        return replace(self, last=self.last + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A paper to be created, by its id."""

    id: str
    document: Mapping[str, Any]


def series_name(organization_id: str, year: int) -> str:
    """A series belongs to one organization and one year."""
    return f"{organization_id}-{year}"


def year_of(at: datetime) -> int:
    """Years of series are UTC's, so that all functions agree when one ends."""
    return at.astimezone(UTC).year


def counter_document(counter: Counter) -> dict[str, Any]:
    """Return the counter as it is stored."""
    return {"organizationId": counter.organization_id, "year": counter.year, "last": counter.last}


def parse_last(data: Mapping[str, Any] | None, field: str = "last") -> int | None:
    """Read the last number given; None where nothing sound is stored and the series itself must be asked."""
    last = (data or {}).get(field)
    return last if isinstance(last, int) and not isinstance(last, bool) and last >= 0 else None


def next_invoice(counter: Counter, sale: Sale, seller: Seller, *, at: datetime) -> tuple[Counter, Paper]:
    """Give the sale's invoice the next number."""
    counter = counter.advanced()
    rate = seller.vat_rate_basis_points
    document = _head(counter, Kind.INVOICE, at=at) | {
        "paymentId": sale.payment_id,
        "uid": sale.uid,
        "eventTitle": sale.event_title,
        "suppliedAt": sale.event_start_at,
        "timezone": sale.timezone,
        "paidAt": sale.paid_at,
        "seller": party_map(seller.party),
        "buyer": party_map(sale.buyer),
        "currency": sale.currency,
        "lines": [line_map(line) for line in sale.lines],
        **_vat_fields(split(sale.amount_cents, rate), rate),
        "vatNote": seller.vat_note,
        "refersTo": None,
        "refundId": None,
        "reason": None,
    }
    return counter, Paper(id=counter.invoice_id, document=document)


def next_notes(
    counter: Counter, invoice: Paper, notes: Sequence[Mapping[str, Any]], refunded: Iterable[Refunded], *, at: datetime
) -> tuple[Counter, list[Paper]]:
    """Return the notes that are missing until what is credited for each refund is what has gone back.

    The VAT of all notes together is that of the sum credited, to the minor unit: a full refund in any number of
    parts credits exactly the invoice's VAT.
    """
    gone_back = {refund.id: refund for refund in refunded}
    credited = _credited(notes)
    total = sum(credited.values())
    papers = []
    for refund_id in sorted({*credited, *gone_back}, key=lambda name: _order(gone_back.get(name), name)):
        refund = gone_back.get(refund_id)
        change = (0 if refund is None else refund.amount_cents) - credited.get(refund_id, 0)
        if change:
            counter = counter.advanced()
            document = _note(counter, invoice, refund_id, refund, totals=(total, total + change), at=at)
            papers.append(Paper(id=counter.invoice_id, document=document))
            total += change
    return counter, papers


def _note(
    counter: Counter, invoice: Paper, refund_id: str, refund: Refunded | None, *, totals: tuple[int, int], at: datetime
) -> dict[str, Any]:
    kind = Kind.CREDIT_NOTE if totals[1] > totals[0] else Kind.DEBIT_NOTE
    rate = invoice.document["vatRateBasisPoints"]
    change = split_between(min(totals), max(totals), rate)
    description = CREDITED if kind is Kind.CREDIT_NOTE else DEBITED
    line = Line(description=description, quantity=1, unit_cents=change.gross_cents)
    unchanged = (
        "paymentId", "uid", "eventTitle", "suppliedAt", "timezone", "paidAt", "seller", "buyer", "currency", "vatNote",
    )  # fmt: skip
    return (
        _head(counter, kind, at=at)
        | {name: invoice.document[name] for name in unchanged}
        | {"lines": [line_map(line)], **_vat_fields(change, rate)}
        | {"refersTo": invoice.id, "refundId": refund_id, "reason": None if refund is None else refund.reason}
    )


def _head(counter: Counter, kind: Kind, *, at: datetime) -> dict[str, Any]:
    return {
        "id": counter.invoice_id,
        "kind": kind.value,
        "organizationId": counter.organization_id,
        "year": counter.year,
        "number": counter.last,
        "issuedAt": at,
    }


def _vat_fields(amount: Split, rate_basis_points: int) -> dict[str, int]:
    return {
        "vatRateBasisPoints": rate_basis_points,
        "netCents": amount.net_cents,
        "vatCents": amount.vat_cents,
        "grossCents": amount.gross_cents,
    }


def _credited(notes: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Sum up what is credited for each refund by the notes there are."""
    credited: dict[str, int] = {}
    for note in notes:
        sign = {Kind.CREDIT_NOTE: 1, Kind.DEBIT_NOTE: -1}.get(note["kind"], 0)
        if sign:
            credited[note["refundId"]] = credited.get(note["refundId"], 0) + sign * note["grossCents"]
    return credited


def _order(refund: Refunded | None, refund_id: str) -> tuple[bool, float, str]:
    """What came back is put right first, then refunds in the order in which they succeeded."""
    return refund is not None, 0.0 if refund is None else refund.at.timestamp(), refund_id
