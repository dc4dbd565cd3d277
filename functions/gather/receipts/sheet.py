"""What stands on a paper, in the order in which it stands there: words and amounts, no layout. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gather.feeds.text import clip
from gather.money import amount_text
from gather.receipts.invoice import Kind
from gather.receipts.seller import ADDRESS_LINES_MAX
from gather.recurrence import zone_named

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
"""Not strftime's, which speaks the language of the machine."""
PARTY_LENGTH_MAX, FACT_LENGTH_MAX = 80, 120
"""What stands side by side cannot be divided between pages: it fits one, however wide its letters are."""
_TITLES = {Kind.INVOICE: "Invoice", Kind.CREDIT_NOTE: "Credit note", Kind.DEBIT_NOTE: "Debit note"}
_REASONS = {
    "requested_by_customer": "requested by the buyer",
    "duplicate": "paid twice",
    "fraudulent": "fraudulent payment",
    "no_room": "no seats were left",
    "event_deleted": "the event does not take place",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A paper's content; `facts` and `totals` are pairs of a label and a value, `rows` has a cell per column."""

    title: str
    number: str
    subject: str
    seller: tuple[str, ...]
    buyer: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    totals: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


def receipt_sheet(receipt: Mapping[str, Any]) -> Sheet:
    """A receipt says who paid what, when and for which event; VAT is the invoice's matter."""
    currency = receipt["currency"]
    facts = [
        ("Receipt number", receipt["number"]),
        ("Date paid", date_text(receipt["paidAt"])),
        ("Payment", receipt["paymentId"]),
        ("Invoice", receipt["invoiceId"]),
        ("Event", receipt["eventTitle"]),
        ("Event date", _event_date(receipt["eventStartAt"], receipt["timezone"])),
    ]
    return Sheet(
        title="Receipt",
        number=receipt["number"],
        subject=receipt["eventTitle"],
        seller=tuple(_party_lines(receipt["seller"])),
        buyer=tuple(_party_lines(receipt["buyer"])),
        facts=_known(facts),
        columns=_columns(receipt["lines"]),
        rows=tuple(_rows(receipt["lines"], currency)),
        totals=(("Total paid", amount_text(receipt["amountCents"], currency)),),
        notes=() if receipt["admitted"] else ("No seats were left when this payment arrived; it is refunded.",),
    )


def invoice_sheet(paper: Mapping[str, Any]) -> Sheet:
    """An invoice says who supplied what, when, and the VAT in it; a note says which invoice it corrects."""
    kind, currency = Kind(paper["kind"]), paper["currency"]
    sign = -1 if kind is Kind.CREDIT_NOTE else 1
    reason = paper["reason"]
    facts = [
        (f"{_TITLES[kind]} number", paper["id"]),
        ("Date of issue", date_text(paper["issuedAt"])),
        ("Event", paper["eventTitle"]),
        ("Date of supply", _event_date(paper["suppliedAt"], paper["timezone"])),
        ("Refers to invoice", paper["refersTo"]),
        ("Reason", _REASONS.get(reason, reason)),
        ("Payment", paper["paymentId"]),
    ]
    return Sheet(
        title=_TITLES[kind],
        number=paper["id"],
        subject=paper["eventTitle"],
        seller=tuple(_party_lines(paper["seller"])),
        buyer=tuple(_party_lines(paper["buyer"])),
        facts=_known(facts),
        columns=_columns(paper["lines"]),
        rows=tuple(_rows(paper["lines"], currency, sign)),
        totals=tuple(_totals(paper, currency, sign)),
        notes=tuple(_notes(paper, kind)),
    )


def date_text(moment: datetime, timezone: str | None = None) -> str:
    """Write a day so that no reader can mistake the month for the day: 7 May 2026."""
    local = moment.astimezone(UTC if timezone is None else zone_named(timezone))
    return f"{local.day} {MONTHS[local.month - 1]} {local.year}"


def _event_date(moment: datetime | None, timezone: str | None) -> str | None:
    return None if moment is None else date_text(moment, timezone)


def _totals(paper: Mapping[str, Any], currency: str, sign: int) -> Iterator[tuple[str, str]]:
    rate = paper["vatRateBasisPoints"]
    if rate or paper["vatCents"]:
        yield "Net", amount_text(sign * paper["netCents"], currency)
        yield f"VAT {rate / 100:g} %", amount_text(sign * paper["vatCents"], currency)
    yield "Total", amount_text(sign * paper["grossCents"], currency)


def _notes(paper: Mapping[str, Any], kind: Kind) -> Iterator[str]:
    if kind is Kind.INVOICE:
        yield f"Paid on {date_text(paper['paidAt'])}. Nothing is due."
    elif kind is Kind.CREDIT_NOTE:
        yield "The amount is returned by the way it was paid."
    if paper["vatRateBasisPoints"]:
        yield "Prices include VAT."
    if paper["vatNote"]:
        yield paper["vatNote"]


def _columns(lines: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    discount = ("Discount",) if any(line["discountCents"] for line in lines) else ()
    return ("Description", "Quantity", "Unit price", *discount, "Amount")


def _rows(lines: list[Mapping[str, Any]], currency: str, sign: int = 1) -> Iterator[tuple[str, ...]]:
    has_discount = "Discount" in _columns(lines)
    for line in lines:
        discount = (_discount(line["discountCents"], currency),) if has_discount else ()
        unit = amount_text(sign * line["unitCents"], currency)
        amount = amount_text(sign * line["amountCents"], currency)
        yield line["description"], f"{line['quantity']:,}", unit, *discount, amount


def _discount(cents: int, currency: str) -> str:
    return amount_text(-cents, currency) if cents else ""


def _party_lines(party: Mapping[str, Any]) -> Iterator[str]:
    yield clip(party["name"], PARTY_LENGTH_MAX)
    for line in party["address"][:ADDRESS_LINES_MAX]:
        yield clip(line, PARTY_LENGTH_MAX)
    if party["vatId"]:
        yield clip(f"VAT ID {party['vatId']}", PARTY_LENGTH_MAX)
    if party["email"]:
        yield clip(party["email"], PARTY_LENGTH_MAX)


def _known(facts: Iterable[tuple[str, str | None]]) -> tuple[tuple[str, str], ...]:
    return tuple((label, clip(value, FACT_LENGTH_MAX)) for label, value in facts if value)
