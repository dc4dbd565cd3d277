"""What a transaction reads to sell a ticket: enough for the quote, and no more than that."""

from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from firewarden.testing import Database
from gather.tickets.discount import discount_id
from gather.tickets.order import Order
from gather.tickets.store import (
    Sale,
    count_use,
    load_registration,
    load_ticket,
    read_discount,
    read_sale,
    tickets_of,
)
from gather.transactions import run_transaction
from tests.support.tickets import discount_document, type_document

pytestmark = pytest.mark.emulator

T = TypeVar("T")


@pytest.fixture
def client(firestore: Database) -> Any:
    owner = firestore.as_owner()
    owner.document("events/e/ticketTypes/a").set(type_document(name="Standing", poolId="hall"))
    owner.document("events/e/ticketTypes/b").set(type_document(name="VIP"))
    owner.document("events/e/pools/hall").set({"capacity": 10})
    owner.document("events/e/pools/yard").set({"capacity": 10})
    owner.document("events/other/ticketTypes/c").set(type_document(name="Elsewhere"))
    owner.document("discountCodes/e:SAVE").set(discount_document(eventId="e", percent=10, usesCount=2))
    return owner


@pytest.fixture
def within(client: Any) -> Callable[..., Any]:
    """``within(read, ...)``: what a function reads inside a transaction."""

    def run(read: Callable[..., T], *given: Any) -> T:
        return run_transaction(client, lambda transaction: read(transaction, client, *given))

    return run


def names(sale: Sale) -> tuple[list[str], list[str], bool]:
    return [each.name for each in sale.types], sorted(sale.pools), sale.discount is not None


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order(ticket_type="a", quantity=1), (["Standing"], ["hall"], False)),
        (Order(ticket_type="b", quantity=1), (["VIP"], [], False)),
        (Order(ticket_type="vip", quantity=1), (["Standing", "VIP"], [], False)),
        (Order(ticket_type="standing", quantity=1), (["Standing", "VIP"], ["hall"], False)),
        (Order(ticket_type="c", quantity=1), (["Standing", "VIP"], ["hall"], False)),
        (Order(ticket_type="a/b", quantity=1), (["Standing", "VIP"], ["hall"], False)),
        (Order(quantity=1), (["Standing", "VIP"], ["hall"], False)),
        (Order(ticket_type="b", quantity=1, discount_code=" save "), (["VIP"], [], True)),
        (Order(ticket_type="b", quantity=1, discount_code="NONE"), (["VIP"], [], False)),
        (Order(ticket_type="b", quantity=1, discount_code="no/code"), (["VIP"], [], False)),
    ],
    ids=str,
)
def test_a_sale_is_read_as_far_as_the_order_depends_on_it(within: Any, order: Order, expected: Any) -> None:
    assert names(within(read_sale, "e", order)) == expected


def test_an_event_without_types_has_none(within: Any) -> None:
    assert names(within(read_sale, "nowhere", Order(ticket_type="vip", quantity=1))) == ([], [], False)


def test_uses_are_counted_up_and_down_and_never_below_none(client: Any, within: Any) -> None:
    def use(transaction: Any, client: Any, by: int) -> None:
        count_use(transaction, client, read_discount(transaction, client, discount_id("e", "SAVE")), by)

    for by, expected in ((1, 3), (-1, 2), (-5, 0)):
        within(use, by)
        assert client.document("discountCodes/e:SAVE").get().get("usesCount") == expected


def test_a_code_that_is_gone_counts_nothing(client: Any, within: Any) -> None:
    assert within(read_discount, None) is None
    assert within(read_discount, "e:GONE") is None
    within(count_use, None, -1)
    assert not client.document("discountCodes/e:GONE").get().exists


def test_registrations_and_tickets_that_are_not_there_are_none(client: Any, within: Any) -> None:
    assert load_registration(client, "ABCDE-FGH23") is None
    assert load_registration(client, "no code") is None
    assert load_ticket(client, "__x__") is None
    assert within(tickets_of, "ABCDEFGH23", 2) == ()
