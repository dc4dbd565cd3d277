"""Orders: who may buy what, when and how many, and what it comes to to the cent."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gather.tickets.attendee import Attendee
from gather.tickets.model import ORDER_MAX, Pool, TicketType
from gather.tickets.money import AMOUNT_MAX, step_of
from gather.tickets.order import Item, Order, Quote, Refusal, is_admitted, quote
from tests.support.tickets import NOON, discount_code, event_to_come, pool, ticket_type

EVENT = event_to_come(maxAttendees=50, attendingCount=10)


def quoted(order: Order, *types: TicketType, **given_: Any) -> Quote | Refusal:
    known: dict[str, Any] = {"event": EVENT, "pools": {}, "discount": None} | given_
    event, pools, discount = known.pop("event"), known.pop("pools"), known.pop("discount")
    return quote(order, event, types, pools, discount, now=NOON, **known)


def code_of(found: Quote | Refusal) -> str:
    return found.code if isinstance(found, Refusal) else "sold"


def test_an_order_is_priced_by_its_type_and_never_by_the_buyer() -> None:
    assert quoted(Order(ticket_type="vip", quantity=3), ticket_type()) == Quote(
        ticket_type=ticket_type(),
        quantity=3,
        unit_cents=2_500,
        discount_cents=0,
        amount_cents=7_500,
        currency="EUR",
        items=(Item(ticket_type_id="t", name="VIP", quantity=3, unit_cents=2_500),),
    )


def test_a_free_ticket_comes_to_nothing() -> None:
    found = quoted(Order(quantity=2), ticket_type(priceCents=0))
    assert isinstance(found, Quote)
    assert (found.amount_cents, [item.unit_cents for item in found.items]) == (0, [0])


def test_the_only_type_need_not_be_named_but_one_of_several_must() -> None:
    one, other = ticket_type("a", name="A"), ticket_type("b", name="B")
    assert code_of(quoted(Order(quantity=1), one)) == "sold"
    assert code_of(quoted(Order(quantity=1), one, other)) == "invalid_ticket_type"
    assert code_of(quoted(Order(quantity=1), one, replace(other, hidden=True))) == "sold"


def test_a_paid_event_without_types_sells_admission() -> None:
    paid = event_to_come(isPaid=True, priceCents=900, currency="EUR")
    for order in (Order(quantity=1), Order(ticket_type="admission", quantity=1)):
        found = quoted(order, event=paid)
        assert isinstance(found, Quote)
        assert found.amount_cents == 900
    assert code_of(quoted(Order(quantity=1))) == "invalid_ticket_type"
    assert code_of(quoted(Order(ticket_type="Admission", quantity=1), ticket_type(), event=paid)) == (
        "invalid_ticket_type"
    )


CASES: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("no such type", {}, {"ticket_type": "gold"}, "invalid_ticket_type"),
    ("before the sale", {"salesStartAt": NOON + timedelta(seconds=1)}, {}, "sales_closed"),
    ("from its first moment", {"salesStartAt": NOON}, {}, "sold"),
    ("to its last moment", {"salesEndAt": NOON + timedelta(microseconds=1)}, {}, "sold"),
    ("at its end", {"salesEndAt": NOON}, {}, "sales_closed"),
    ("unreadable", {"totalQuantity": "few"}, {}, "sales_closed"),
    ("its pool is missing", {"poolId": "nowhere"}, {}, "sales_closed"),
    ("no tickets", {}, {"quantity": 0}, "invalid_quantity"),
    ("fewer than none", {}, {"quantity": -1}, "invalid_quantity"),
    ("fewer than a type's least", {"minPerOrder": 2}, {}, "invalid_quantity"),
    ("more than a type's most", {"maxPerOrder": 2}, {"quantity": 3}, "invalid_quantity"),
    ("more than anybody may", {"minPerOrder": 50}, {"quantity": ORDER_MAX + 1}, "invalid_quantity"),
    ("too much for one payment", {"priceCents": AMOUNT_MAX}, {"quantity": 2}, "invalid_quantity"),
    ("too many attendees", {}, {"attendees": (Attendee(name="A"), Attendee(name="B"))}, "invalid_quantity"),
    ("the last ones", {"totalQuantity": 5, "soldCount": 2, "heldCount": 1}, {"quantity": 2}, "sold"),
    ("one more than is left", {"totalQuantity": 5, "soldCount": 2, "heldCount": 1}, {"quantity": 3}, "sold_out"),
    ("none was ever there", {"totalQuantity": 0}, {}, "sold_out"),
    ("hidden without a code", {"hidden": True}, {}, "invalid_ticket_type"),
    ("hidden", {"hidden": True, "accessCode": "friends"}, {}, "invalid_ticket_type"),
    ("hidden, wrong code", {"hidden": True, "accessCode": "friends"}, {"access_code": "x"}, "invalid_ticket_type"),
    ("hidden, its code", {"hidden": True, "accessCode": "friends"}, {"access_code": " friends "}, "sold"),
    ("shown, no code", {"accessCode": "friends"}, {}, "invalid_code"),
    ("shown, wrong code", {"accessCode": "friends"}, {"access_code": "Friends"}, "invalid_code"),
    ("shown, its code", {"accessCode": "friends"}, {"access_code": "friends"}, "sold"),
    ("unknown discount", {}, {"discount_code": "NONE"}, "invalid_code"),
]


@pytest.mark.parametrize(("fields", "asked", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_is_sold_and_what_is_refused(fields: dict[str, Any], asked: dict[str, Any], expected: str) -> None:
    order: dict[str, Any] = {"ticket_type": "VIP", "quantity": 1}
    assert code_of(quoted(Order(**(order | asked)), ticket_type(**fields))) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"canceled": True}, "event_canceled"),
        ({"startAt": NOON - timedelta(days=1)}, "event_past"),
        ({"maxAttendees": "few"}, "sales_closed"),
        ({"maxAttendees": 3, "attendingCount": 1}, "sold"),
        ({"maxAttendees": 3, "attendingCount": 2}, "sold_out"),
        ({"maxAttendees": 3, "attendingCount": 9}, "sold_out"),
        ({"attendingCount": 10_000}, "sold"),
    ],
    ids=str,
)
def test_the_event_must_take_place_and_have_room(fields: dict[str, Any], expected: str) -> None:
    assert code_of(quoted(Order(quantity=2), ticket_type(), event=event_to_come(**fields))) == expected


def test_seats_that_the_buyer_holds_already_are_theirs_to_take() -> None:
    full = event_to_come(maxAttendees=5, attendingCount=5)
    assert code_of(quoted(Order(quantity=2), ticket_type(), event=full, own_seats=2)) == "sold"
    assert code_of(quoted(Order(quantity=3), ticket_type(), event=full, own_seats=2)) == "sold_out"


def test_types_that_share_a_pool_never_take_more_than_it_has() -> None:
    types = [ticket_type("a", name="A", poolId="hall"), ticket_type("b", name="B", poolId="hall", totalQuantity=90)]
    pools = {"hall": pool(capacity=10, takenCount=8)}
    for name in ("A", "B"):
        assert code_of(quoted(Order(ticket_type=name, quantity=2), *types, pools=pools)) == "sold"
        assert code_of(quoted(Order(ticket_type=name, quantity=3), *types, pools=pools)) == "capacity_exceeded"
    unreadable = {"hall": pool(takenCount="8")}
    assert code_of(quoted(Order(ticket_type="A", quantity=1), *types, pools=unreadable)) == "sales_closed"


@pytest.mark.parametrize("code", ["", "friend", "friends ", "Friends", "frîends", "\ud800"])
def test_an_access_code_is_compared_whole_and_never_fails(code: str) -> None:
    assert is_admitted(ticket_type(accessCode="friends"), code) == (code == "friends ")


DISCOUNTS: list[tuple[str, dict[str, Any], int]] = [
    ("a tenth", {"percent": 10}, 750),
    ("all of it", {"percent": 100}, 7_500),
    ("an amount of the order", {"amountCents": 1_000, "currency": "EUR"}, 1_000),
    ("never more than the order", {"amountCents": 9_000, "currency": "EUR"}, 7_500),
]


@pytest.mark.parametrize(("fields", "off"), [case[1:] for case in DISCOUNTS], ids=[case[0] for case in DISCOUNTS])
def test_a_code_takes_a_percentage_or_an_amount_off_the_order(fields: dict[str, Any], off: int) -> None:
    order = Order(quantity=3, discount_code="save")
    found = quoted(order, ticket_type(), discount=discount_code(**fields))
    assert isinstance(found, Quote)
    assert (found.discount_cents, found.amount_cents) == (off, 7_500 - off)


@pytest.mark.parametrize(("unit_cents", "percent", "off"), [(5, 10, 1), (4, 10, 0), (15, 10, 2), (333, 50, 167)])
def test_a_percentage_is_rounded_half_up_once_per_order(unit_cents: int, percent: int, off: int) -> None:
    found = quoted(
        Order(quantity=1, discount_code="SAVE"),
        ticket_type(priceCents=unit_cents),
        discount=discount_code(percent=percent),
    )
    assert isinstance(found, Quote)
    assert found.discount_cents == off


def test_what_cannot_be_shared_evenly_is_charged_as_two_prices() -> None:
    found = quoted(
        Order(quantity=3, discount_code="SAVE"),
        ticket_type(priceCents=1_000),
        discount=discount_code(amountCents=1_000, currency="EUR"),
    )
    assert isinstance(found, Quote)
    assert [(item.quantity, item.unit_cents) for item in found.items] == [(2, 667), (1, 666)]


BAD_DISCOUNTS: list[tuple[str, dict[str, Any]]] = [
    ("for another type", {"percent": 10, "ticketTypeId": "other"}),
    ("in another currency", {"amountCents": 100, "currency": "USD"}),
    ("not valid yet", {"percent": 10, "validFrom": NOON + timedelta(seconds=1)}),
    ("expired", {"percent": 10, "validUntil": NOON}),
    ("used up", {"percent": 10, "usesMax": 3, "usesCount": 3}),
    ("neither percentage nor amount", {}),
    ("both", {"percent": 10, "amountCents": 100, "currency": "EUR"}),
    ("more than all of it", {"percent": 101}),
    ("an amount of nothing known", {"amountCents": 100}),
    ("an unreadable end", {"percent": 10, "validUntil": "soon"}),
    ("an unreadable use count", {"percent": 10, "usesMax": 3, "usesCount": "2"}),
    ("a null", {"percent": 10, "usesMax": None}),
    ("a code in small letters", {"percent": 10, "code": "save"}),
]


@pytest.mark.parametrize("fields", [case[1] for case in BAD_DISCOUNTS], ids=[case[0] for case in BAD_DISCOUNTS])
def test_a_code_that_is_not_good_now_refuses_the_order(fields: dict[str, Any]) -> None:
    order = Order(quantity=1, discount_code="SAVE")
    assert code_of(quoted(order, ticket_type(), discount=discount_code(**fields))) == "invalid_code"


def test_a_code_is_valid_from_its_first_moment_for_its_type_while_uses_are_left() -> None:
    good = discount_code(
        percent=10, ticketTypeId="t", validFrom=NOON, validUntil=NOON + timedelta(seconds=1), usesMax=3, usesCount=2
    )
    assert code_of(quoted(Order(quantity=1, discount_code="SAVE"), ticket_type(), discount=good)) == "sold"


def test_a_code_that_was_not_given_takes_nothing_off() -> None:
    found = quoted(Order(quantity=1), ticket_type(), discount=discount_code(percent=100))
    assert isinstance(found, Quote)
    assert found.discount_cents == 0


currencies = st.sampled_from(["EUR", "JPY", "KWD", "ISK"])


@st.composite
def sales(draw: st.DrawFn) -> dict[str, Any]:
    """An order, and types, pools, a discount and an event around it, of all sizes."""
    currency = draw(currencies)
    step = step_of(currency)
    counts = st.integers(0, 12)
    types = tuple(
        ticket_type(
            str(number),
            name=f"Type {number}",
            currency=currency,
            priceCents=draw(st.integers(0, 10_000)) * step,
            minPerOrder=draw(st.integers(1, 4)),
            maxPerOrder=draw(st.integers(4, ORDER_MAX)),
            soldCount=draw(counts),
            heldCount=draw(counts),
            **draw(st.sampled_from([{}, {"poolId": "hall"}])),
            **draw(st.sampled_from([{}, {"totalQuantity": 20}, {"totalQuantity": 5}])),
        )
        for number in range(draw(st.integers(1, 3)))
    )
    off = draw(
        st.one_of(
            st.builds(lambda percent: {"percent": percent}, st.integers(1, 100)),
            st.builds(lambda steps: {"amountCents": steps * step, "currency": currency}, st.integers(1, 50_000)),
        )
    )
    return {
        "types": types,
        "order": Order(
            ticket_type=draw(st.sampled_from([each.id for each in types])),
            quantity=draw(st.integers(-1, ORDER_MAX + 1)),
            discount_code=draw(st.sampled_from([None, "SAVE"])),
        ),
        "pools": {"hall": pool(capacity=draw(counts), takenCount=draw(counts))},
        "discount": discount_code(**off),
        "event": event_to_come(
            attendingCount=draw(counts), **draw(st.sampled_from([{}, {"maxAttendees": 10}, {"maxAttendees": 40}]))
        ),
    }


@settings(deadline=None)
@given(sales())
def test_whatever_is_sold_fits_everywhere_and_adds_up(sale: dict[str, Any]) -> None:
    order, event, pools = sale["order"], sale["event"], sale["pools"]
    found = quote(order, event, sale["types"], pools, sale["discount"], now=NOON)
    if isinstance(found, Refusal):
        assert code_of(found) in {"invalid_quantity", "sold_out", "capacity_exceeded"}
        return
    sold, step = found.ticket_type, step_of(found.currency)
    assert 0 <= found.amount_cents == found.unit_cents * order.quantity - found.discount_cents
    assert found.amount_cents == sum(item.quantity * item.unit_cents for item in found.items)
    assert sum(item.quantity for item in found.items) == order.quantity == found.quantity
    assert all(item.quantity > 0 <= item.unit_cents and item.unit_cents % step == 0 for item in found.items)
    assert max(item.unit_cents for item in found.items) - min(item.unit_cents for item in found.items) in {0, step}
    assert found.discount_cents == 0 or order.discount_code is not None
    assert sold.min_per_order <= order.quantity <= sold.max_per_order <= ORDER_MAX
    if sold.total_quantity is not None:
        assert sold.sold_count + sold.held_count + order.quantity <= sold.total_quantity
    if sold.pool_id is not None:
        assert pools["hall"].taken_count + order.quantity <= pools["hall"].capacity
    if event.max_attendees is not None:
        assert event.attending_count + order.quantity <= event.max_attendees


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 6)), max_size=30))
def test_orders_one_after_another_never_fill_a_pool_beyond_its_capacity(orders: list[tuple[str, int]]) -> None:
    types = {name: ticket_type(name, name=name, poolId="hall", totalQuantity=15) for name in "ab"}
    hall = Pool(id="hall", capacity=20, taken_count=0)
    for name, quantity in orders:
        order = Order(ticket_type=name, quantity=quantity)
        found = quoted(order, *types.values(), pools={"hall": hall}, event=event_to_come())
        if isinstance(found, Quote):
            hall = replace(hall, taken_count=hall.taken_count + quantity)
            types[name] = replace(types[name], held_count=types[name].held_count + quantity)
        assert hall.taken_count <= 20
        assert all(each.held_count <= 15 for each in types.values())
    assert hall.taken_count == sum(each.held_count for each in types.values())
