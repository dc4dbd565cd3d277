"""Numbers and amounts of papers: gapless, exact to the minor unit, and what is credited is what went back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gather.receipts.invoice import Counter, Paper, next_invoice, next_notes, year_of
from gather.receipts.receipt import NUMBER, free_number, receipt_numbers
from gather.receipts.sale import Line, Refunded
from gather.receipts.seller import parse_seller
from gather.receipts.vat import split
from tests.support.sales import ORGANIZATION, PAID_AT, refunded, sale

COUNTER = Counter(organization_id="acme", year=2026, last=0)
RATES = st.integers(0, 10_000)
AMOUNTS = st.integers(1, 10**9)


def invoice(amount_cents: int, rate: int) -> Paper:
    seller = parse_seller("acme", {"billing": {"vatRateBasisPoints": rate}})
    sold = sale(lines=(Line(description="Ticket", quantity=1, unit_cents=amount_cents),))
    return next_invoice(COUNTER, sold, seller, at=PAID_AT)[1]


@pytest.mark.parametrize(
    ("gross", "rate", "vat"),
    [
        (11_900, 1_900, 1_900),
        (100, 1_900, 16),
        (1, 1_900, 0),
        (3, 10_000, 2),  # half of it is rounded up
        (105, 500, 5),
        (1_000, 0, 0),
        (1_234_567, 770, 88_265),
    ],
)
def test_vat_is_rounded_half_up_on_the_total(gross: int, rate: int, vat: int) -> None:
    assert split(gross, rate).vat_cents == vat


@given(AMOUNTS, RATES)
@settings(deadline=None)
def test_net_and_vat_are_the_whole(gross: int, rate: int) -> None:
    parts = split(gross, rate)
    assert parts.net_cents + parts.vat_cents == gross
    assert 0 <= parts.vat_cents <= gross
    assert abs(parts.vat_cents * (10_000 + rate) - gross * rate) * 2 <= 10_000 + rate


@given(st.lists(AMOUNTS, min_size=1, max_size=8), RATES)
@settings(deadline=None)
def test_a_full_refund_in_any_parts_credits_exactly_the_invoice(parts: list[int], rate: int) -> None:
    original = invoice(sum(parts), rate)
    counter, notes, back = COUNTER.advanced(), [original.document], []
    for n, part in enumerate(parts):
        back.append(refunded(f"re{n}", part, PAID_AT + timedelta(hours=n)))
        counter, papers = next_notes(counter, original, notes, back, at=PAID_AT)
        notes += [paper.document for paper in papers]
    for field in ("netCents", "vatCents", "grossCents"):
        assert sum(note[field] for note in notes[1:]) == original.document[field]
        assert all(note[field] >= 0 for note in notes)
    assert [note["number"] for note in notes] == list(range(1, len(parts) + 2))


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.integers(1, 40)), max_size=6), RATES)
@settings(deadline=None)
def test_whatever_refunds_become_the_notes_follow(states: list[dict[str, int]], rate: int) -> None:
    """Refunds that succeed, fail afterwards and succeed again: credits less debits are what has gone back."""
    original = invoice(120, rate)
    counter, notes = COUNTER.advanced(), [original.document]
    for state in states:
        back = [refunded(name, cents) for name, cents in state.items()]
        counter, papers = next_notes(counter, original, notes, back, at=PAID_AT)
        notes += [paper.document for paper in papers]
        assert next_notes(counter, original, notes, back, at=PAID_AT) == (counter, [])
        net = split(sum(state.values()), rate)
        assert (signed(notes, "grossCents"), signed(notes, "vatCents")) == (net.gross_cents, net.vat_cents)
    assert [note["number"] for note in notes] == list(range(1, len(notes) + 1))
    assert counter.last == len(notes)


def signed(notes: list[Any], field: str) -> int:
    signs = {"invoice": 0, "credit_note": 1, "debit_note": -1}
    total: int = sum(signs[note["kind"]] * note[field] for note in notes)
    return total


def test_a_note_repeats_the_invoice_s_parties_and_rate() -> None:
    seller = parse_seller("acme", ORGANIZATION)
    counter, original = next_invoice(COUNTER, sale(), seller, at=PAID_AT)
    _, (note,) = next_notes(counter, original, [original.document], [refunded("re1", 1_190)], at=PAID_AT)
    for field in ("seller", "buyer", "currency", "vatRateBasisPoints", "suppliedAt", "timezone", "paymentId"):
        assert note.document[field] == original.document[field]
    assert (note.document["refersTo"], note.document["reason"]) == (original.id, "requested_by_customer")


def test_years_end_in_utc() -> None:
    assert year_of(datetime.fromisoformat("2026-12-31T23:30:00-02:00")) == 2027


@pytest.mark.parametrize(
    ("payment_id", "numbers"),
    [
        ("a1b2c3d4e5f6g7h8i9j0", ("RCP-2026-0507-A1B2C3D4", "RCP-2026-0507-E5F6G7H8")),
        ("a1b2c3d4", ("RCP-2026-0507-A1B2C3D4",)),
        ("9f8e7d6c-5b4a", ("RCP-2026-0507-9F8E7D6C",)),
    ],
)
def test_a_receipt_is_numbered_by_its_day_and_payment(payment_id: str, numbers: tuple[str, ...]) -> None:
    assert receipt_numbers(payment_id, PAID_AT) == numbers
    assert all(NUMBER.fullmatch(number) for number in numbers)
    assert free_number(payment_id, PAID_AT, {numbers[0]}) == numbers[-1]


def test_a_receipt_s_day_is_utc_s() -> None:
    late = datetime.fromisoformat("2026-01-01T00:30:00+02:00")
    assert receipt_numbers("a1b2c3d4", late) == ("RCP-2025-1231-A1B2C3D4",)


def test_a_payment_without_letters_cannot_be_numbered() -> None:
    with pytest.raises(ValueError, match="8 letters or digits"):
        receipt_numbers("a-b-c", PAID_AT)


@pytest.mark.parametrize("lines", [(), (Line(description="x", quantity=1, unit_cents=0),)])
def test_papers_are_for_money_only(lines: tuple[Line, ...]) -> None:
    with pytest.raises(ValueError, match="money paid"):
        sale(lines=lines)


@pytest.mark.parametrize(
    ("data", "name", "rate"),
    [
        (None, "acme", 0),
        ({"name": "Acme"}, "Acme", 0),
        (ORGANIZATION, "Acme Events GmbH", 1_900),
        ({"billing": {"vatRateBasisPoints": 10_001}}, "acme", 0),
        ({"billing": {"vatRateBasisPoints": -1}}, "acme", 0),
        ({"billing": {"vatRateBasisPoints": "19"}}, "acme", 0),
        ({"name": 7, "billing": "none"}, "acme", 0),
    ],
)
def test_a_seller_is_read_from_whatever_is_stored(data: dict[str, Any] | None, name: str, rate: int) -> None:
    seller = parse_seller("acme", data)
    assert (seller.party.name, seller.vat_rate_basis_points) == (name, rate)


def test_refunds_are_credited_in_the_order_in_which_they_succeeded() -> None:
    original = invoice(100, 1_900)
    late = Refunded(id="a", amount_cents=10, reason=None, at=datetime(2026, 5, 9, tzinfo=UTC))
    early = Refunded(id="b", amount_cents=20, reason=None, at=datetime(2026, 5, 8, tzinfo=UTC))
    _, notes = next_notes(COUNTER.advanced(), original, [original.document], [late, early], at=PAID_AT)
    assert [note.document["refundId"] for note in notes] == ["b", "a"]
