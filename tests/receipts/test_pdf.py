"""PDFs of papers: the same bytes always, text that can be read and searched, whatever is written on them."""

import hashlib
import os
import subprocess
import sys
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from gather.receipts.invoice import Counter, next_invoice, next_notes
from gather.receipts.pdf import render
from gather.receipts.receipt import receipt_document
from gather.receipts.sale import Line, Party, Sale
from gather.receipts.seller import parse_seller
from gather.receipts.sheet import Sheet, invoice_sheet, receipt_sheet
from tests.support.sales import ORGANIZATION, PAID_AT, refunded, sale

ROOT = Path(__file__).parents[2]
SELLER = parse_seller("acme", ORGANIZATION)
COUNTER = Counter(organization_id="acme", year=2026, last=41)


def invoiced(sold: Sale, **billing: Any) -> Sheet:
    organization = {**ORGANIZATION, "billing": {**ORGANIZATION["billing"], **billing}}  # type: ignore[dict-item]  # a map
    return invoice_sheet(next_invoice(COUNTER, sold, parse_seller("acme", organization), at=PAID_AT)[1].document)


def text_of(sheet: Sheet) -> str:
    pages = PdfReader(BytesIO(render(sheet))).pages
    return "\n".join(page.extract_text() for page in pages).replace("\u00a0", " ")


def test_an_invoice_says_everything_that_it_must() -> None:
    text = text_of(invoiced(sale()))
    for part in (
        "Invoice", "acme-2026-42", "Acme Events GmbH", "Beispielstraße 1", "VAT ID DE123456789", "Ana Example",
        "7 May 2026", "1 June 2026", "Spring Concert: Standard", "EUR 59.50", "EUR 119.00", "EUR 100.00", "VAT 19 %",
        "EUR 19.00", "Paid on 7 May 2026", "Page 1 of 1",
    ):  # fmt: skip
        assert part in text


def test_a_credit_note_says_what_it_takes_back() -> None:
    counter, invoice = next_invoice(COUNTER, sale(), SELLER, at=PAID_AT)
    _, (note,) = next_notes(counter, invoice, [invoice.document], [refunded("re1", 5_950)], at=PAID_AT)
    text = text_of(invoice_sheet(note.document))
    for part in ("Credit note", "acme-2026-43", "acme-2026-42", "requested by the buyer", "EUR \u221259.50"):
        assert part in text


def test_a_receipt_says_who_paid_what() -> None:
    document = receipt_document("RCP-2026-0507-A1B2C3D4", sale(), SELLER.party, invoice_id="acme-2026-42", at=PAID_AT)
    text = text_of(receipt_sheet(document))
    for part in ("Receipt", "RCP-2026-0507-A1B2C3D4", "Ana Example", "Total paid", "EUR 119.00", "acme-2026-42"):
        assert part in text
    assert "VAT 19" not in text
    refunding = receipt_sheet(document | {"admitted": False})
    assert "No seats were left" in text_of(refunding)


@pytest.mark.parametrize(
    ("currency", "amount"),
    [("JPY", "JPY 11,900"), ("KWD", "KWD 11.900"), ("usd", "USD 119.00"), ("UGX", "UGX 119.00")],
)
def test_amounts_have_the_digits_of_their_currency(currency: str, amount: str) -> None:
    assert amount in text_of(invoiced(sale(currency=currency)))


def test_a_day_is_the_event_s_own() -> None:
    late = datetime.fromisoformat("2026-06-02T01:00:00+00:00")
    assert "1 June 2026" in text_of(invoiced(sale(event_start_at=late, timezone="America/Los_Angeles")))
    assert "2 June 2026" in text_of(invoiced(sale(event_start_at=late, timezone=None)))


def test_a_seller_without_vat_says_why() -> None:
    text = text_of(invoiced(sale(), vatRateBasisPoints=0, vatNote="Kleinunternehmer, § 19 UStG"))
    assert "VAT 0" not in text
    assert "Net" not in text
    assert "§ 19 UStG" in text


@pytest.mark.parametrize(
    "name", ["Åsa Żółć", "Δημήτρης", "Дмитрий", "Ծովինար", "山田太郎", "김철수", "Nguyễn Thị", "<b>&amp;</b>"]
)
def test_names_of_many_scripts_can_be_read(name: str) -> None:
    assert name in text_of(invoiced(sale(buyer=Party(name=name))))


def test_every_font_is_embedded() -> None:
    reader = PdfReader(BytesIO(render(invoiced(sale(buyer=Party(name="山田太郎"))))))
    resources: list[Any] = [page["/Resources"] for page in reader.pages]
    fonts = [font.get_object() for each in resources for font in each["/Font"].values()]
    assert len(fonts) == 3
    for font in fonts:
        assert "/FontFile2" in font["/FontDescriptor"]
        assert "/ToUnicode" in font


def test_screen_readers_are_told_title_and_language() -> None:
    reader = PdfReader(BytesIO(render(invoiced(sale()))))
    assert reader.metadata is not None
    assert (reader.metadata.title, reader.metadata.author) == ("Invoice acme-2026-42", "Acme Events GmbH")
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == "en"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]


def test_many_positions_go_on_over_pages_under_the_same_head() -> None:
    lines = tuple(Line(description=f"Ticket {n}", quantity=n, unit_cents=100) for n in range(1, 61))
    reader = PdfReader(BytesIO(render(invoiced(sale(lines=lines)))))
    texts = [page.extract_text() for page in reader.pages]
    assert len(texts) == 3
    assert all("Description" in text and f"Page {n} of 3" in text for n, text in enumerate(texts, start=1))
    found = [n for n in range(1, 61) if any(f"Ticket {n}\n" in text for text in texts)]
    assert found == list(range(1, 61))


def test_a_long_description_wraps_and_is_whole() -> None:
    words = " ".join(f"word{n}" for n in range(50))
    text = text_of(invoiced(sale(lines=(Line(description=words, quantity=1, unit_cents=100),))))
    assert all(f"word{n}" in text for n in range(50))


@pytest.mark.parametrize("letter", ["\u2031", "W", "山", "\U0001f634", "\U0001f600", "\ud800", "\u0000"])
def test_no_text_is_too_wide_for_its_place(letter: str) -> None:
    """The widest letters of the fonts, letters that no font has, and what is no text, in every place at once."""
    long = letter * 2_000
    party = Party(name=long, address=(long,) * 9, vat_id=long, email=long)
    line = Line(description=long, quantity=10**9, unit_cents=10**9, discount_cents=10**9)
    sold = sale(buyer=party, event_title=long, lines=(line, line))
    billing = {"legalName": long, "address": [f"{n}{long}"[:200] for n in range(9)], "vatId": long, "vatNote": long}
    assert render(invoiced(sold, **billing)).startswith(b"%PDF")


@given(st.text(max_size=60), st.text(max_size=60))
@settings(deadline=None, max_examples=5)
def test_any_text_can_be_set(name: str, description: str) -> None:
    sold = sale(buyer=Party(name=name), lines=(Line(description=description, quantity=1, unit_cents=1),))
    assert render(invoiced(sold)) == render(invoiced(sold))


def test_the_bytes_are_the_same_in_another_process() -> None:
    """Another hash seed and time zone, and another paper rendered before."""
    sheet, other = invoiced(sale(buyer=Party(name="山田太郎 Åsa"))), invoiced(sale(event_title="Ω"))
    script = (
        "import hashlib\n"
        "from gather.receipts.pdf import render\n"
        "from gather.receipts.sheet import Sheet\n"
        f"render({other!r})\n"
        f"print(hashlib.sha256(render({sheet!r})).hexdigest())\n"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "XXX7", "PYTHONPATH": str(ROOT / "functions")}
    command = [sys.executable, "-c", script]
    run = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)  # noqa: S603  # ours
    assert run.stdout.strip() == hashlib.sha256(render(sheet)).hexdigest()
