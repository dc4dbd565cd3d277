"""Ticket types and pools: what is read of stored data, and what is not sold because it could not be read."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gather.tickets.model import (
    CLOSING_FIELDS,
    IMPLICIT_TYPE_ID,
    ORDER_MAX,
    TicketType,
    find_type,
    implicit_type,
    parse_pool,
    parse_ticket_type,
)
from tests.support.tickets import NOON, event_to_come, pool, ticket_type, type_document


def test_a_type_is_read_with_its_defaults() -> None:
    assert parse_ticket_type("t", {"name": " VIP ", "priceCents": 2500, "currency": "eur"}) == TicketType(
        id="t",
        name="VIP",
        description="",
        price_cents=2500,
        currency="EUR",
        total_quantity=None,
        sold_count=0,
        held_count=0,
        sales_start_at=None,
        sales_end_at=None,
        min_per_order=1,
        max_per_order=10,
        pool_id=None,
        hidden=False,
        access_code=None,
        allows_several=False,
    )


def test_a_type_is_read_whole() -> None:
    found = ticket_type(
        description="front row",
        totalQuantity=20,
        soldCount=3,
        heldCount=2,
        salesStartAt=NOON,
        salesEndAt=NOON + timedelta(days=1),
        minPerOrder=2,
        maxPerOrder=4,
        poolId="hall",
        hidden=True,
        accessCode="friends",
        allowsSeveral=True,
    )
    assert found.faults == ()
    assert (found.left, found.min_per_order, found.max_per_order, found.pool_id) == (15, 2, 4, "hall")
    assert (found.sales_start_at, found.hidden, found.access_code, found.allows_several) == (
        NOON,
        True,
        "friends",
        True,
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"priceCents": None},
        {"priceCents": -1},
        {"priceCents": 10.5},
        {"priceCents": "2500"},
        {"priceCents": 100_000_000},
        {"priceCents": 2_505, "currency": "KWD"},
        {"currency": "EURO"},
        {"currency": "€€€"},
        {"totalQuantity": None},
        {"totalQuantity": "many"},
        {"soldCount": "3"},
        {"heldCount": -1},
        {"salesStartAt": "2026-06-01"},
        {"salesEndAt": 0},
        {"minPerOrder": 0},
        {"minPerOrder": 5, "maxPerOrder": 4},
        {"maxPerOrder": ORDER_MAX + 1},
        {"poolId": "a/b"},
        {"hidden": "yes"},
        {"accessCode": 7},
        {"allowsSeveral": "no"},
    ],
    ids=str,
)
def test_a_type_that_cannot_be_read_is_not_for_sale(fields: dict[str, Any]) -> None:
    assert not ticket_type(**fields).is_readable


def test_a_malformed_description_closes_nothing() -> None:
    found = ticket_type(description=7)
    assert (found.is_readable, len(found.faults)) == (True, 1)


anything = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.datetimes(), st.lists(st.integers())
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*sorted(CLOSING_FIELDS), "description"]), anything))
def test_any_stored_type_and_pool_can_be_read(data: dict[str, Any]) -> None:
    found = parse_ticket_type("t", data)
    assert found.min_per_order >= 1
    assert found.price_cents >= 0
    assert found.left is None or found.left >= 0
    assert parse_pool("p", data).left >= 0


@pytest.mark.parametrize("asked", ["t", "VIP", "vip", " ViP ", "Vip"])
def test_vip_however_written_is_VIP(asked: str) -> None:  # noqa: N802  # the name at stake
    assert find_type([ticket_type("s", name="Standing"), ticket_type()], asked) == ticket_type()


def test_an_id_goes_before_a_name() -> None:
    named, identified = ticket_type("a", name="b"), ticket_type("b", name="c")
    assert find_type([named, identified], "b") is identified
    assert find_type([named, identified], "d") is None


def test_a_pool_without_numbers_has_no_seats() -> None:
    assert (pool(capacity="many").left, pool(capacity="many").is_readable) == (0, False)
    assert (pool(capacity=5, takenCount=7).left, pool(takenCount="7").is_readable) == (0, False)


def test_a_paid_event_without_types_sells_admission_at_its_price() -> None:
    found = implicit_type(event_to_come(isPaid=True, priceCents=1_200, currency="chf"))
    assert found is not None
    assert (found.id, found.price_cents, found.currency, found.left) == (IMPLICIT_TYPE_ID, 1_200, "CHF", None)
    assert found.is_readable


def test_a_free_event_without_types_sells_nothing() -> None:
    assert implicit_type(event_to_come(priceCents=1_200, currency="EUR")) is None


@pytest.mark.parametrize("fields", [{}, {"priceCents": 5}, {"priceCents": "5", "currency": "EUR"}], ids=str)
def test_a_paid_event_without_a_price_sells_nothing_for_nothing(fields: dict[str, Any]) -> None:
    found = implicit_type(event_to_come(isPaid=True, **fields))
    assert found is not None
    assert not found.is_readable


def test_a_document_of_a_type_is_read_as_written() -> None:
    assert parse_ticket_type("t", type_document(totalQuantity=0)).left == 0
