"""Seats of an RSVP that were ordered for nothing: of a ticket type, from a pool, or by a discount code."""

from typing import Any

import pytest

from gather.attendance.store import settle_event, settle_rsvp
from tests.support.purchases import on_sale
from tests.support.refusals import code_of
from tests.support.shopping import Shopping

FREE = {"ticketType": "free", "partySize": 2}
GIFT = {"ticketType": "adult", "discountCode": "GIFT"}


@pytest.fixture
def fair(shopping: Shopping) -> Shopping:
    """An event that RSVPs cost nothing at; its free type and the pool of that admit three."""
    on_sale(shopping.found, seats=6)
    client = shopping.found.firestore
    client.document("events/e").update({"isPaid": False})
    client.document("events/e/pools/lawn").set({"capacity": 3, "takenCount": 0})
    shopping.sells("free", priceCents=0, totalQuantity=3, poolId="lawn")
    client.document("discountCodes/e:GIFT").set({"code": "GIFT", "percent": 100, "usesMax": 2, "usesCount": 0})
    return shopping


def uses(fair: Shopping) -> int:
    return int((fair.stored("discountCodes/e:GIFT") or {})["usesCount"])


def free_counts(fair: Shopping) -> tuple[int, int]:
    """Seats sold of the free type, and taken of its pool; they and the ledger agree."""
    fair.seats()
    kind, pool = fair.stored("events/e/ticketTypes/free") or {}, fair.stored("events/e/pools/lawn") or {}
    return kind["soldCount"], pool["takenCount"]


def says(fair: Shopping, uid: str, **fields: Any) -> None:
    """Change an RSVP as a client does, and have the trigger settle it."""
    fair.found.firestore.document("events/e/rsvps", uid).update(fields)
    settle_rsvp(fair.found.firestore, "e", uid, now=fair.found.now())


def test_whoever_leaves_gives_back_the_places_of_their_type_and_pool(fair: Shopping) -> None:
    assert fair.checks_out("ana", FREE).status_code == 201
    assert free_counts(fair) == (2, 2)
    says(fair, "ana", partySize=1)
    assert free_counts(fair) == (1, 1)
    says(fair, "ana", status="not-going")
    assert free_counts(fair) == (0, 0)
    assert fair.ledger() == {}


def test_a_party_does_not_grow_beyond_its_type_by_saying_so(fair: Shopping) -> None:
    fair.checks_out("ana", FREE)
    says(fair, "ana", partySize=5)
    assert free_counts(fair) == (2, 2)
    assert (fair.rsvp("ana") or {})["partySize"] == 2
    assert code_of(fair.checks_out("bob", FREE)) == "sold_out"


def test_who_does_not_pay_has_their_seats_again_but_not_the_places_of_a_type(fair: Shopping) -> None:
    """Others may have taken these meanwhile; of the event they are as many as before."""
    fair.checks_out("ana", FREE)
    ordered = fair.checks_out("ana", {"ticketType": "adult", "partySize": 2}).get_json()
    assert free_counts(fair) == (0, 0)
    assert fair.checks_out("bob", FREE).status_code == 201
    assert fair.cancels("ana", ordered).status_code == 200
    assert free_counts(fair) == (2, 2)
    seat = fair.seats()["ana"]
    assert (seat["seats"], seat["state"], seat.get("ticketTypeId")) == (2, "admitted", None)


def test_who_gives_up_tickets_has_their_seats_again_but_not_the_places_of_a_type(fair: Shopping) -> None:
    fair.checks_out("ana", FREE)
    ordered = fair.orders("ana", {"ticketType": "adult", "quantity": 1}).get_json()
    assert free_counts(fair) == (0, 0)
    assert fair.cancels("ana", ordered).status_code == 200
    assert free_counts(fair) == (0, 0)
    assert fair.seats()["ana"]["seats"] == 2


def test_a_type_that_is_gone_is_not_counted(fair: Shopping) -> None:
    fair.checks_out("ana", FREE)
    fair.found.firestore.document("events/e/ticketTypes/free").delete()
    says(fair, "ana", status="not-going")
    assert (fair.stored("events/e/pools/lawn") or {})["takenCount"] == 0


def test_a_code_that_makes_an_rsvp_free_is_used_once_however_often_it_is_sent(fair: Shopping) -> None:
    for _ in range(3):
        assert fair.checks_out("ana", GIFT).status_code == 201
    assert uses(fair) == 1
    settle_event(fair.found.firestore, "e", now=fair.found.now())
    assert fair.checks_out("bob", GIFT).status_code == 201
    assert uses(fair) == 2
    assert code_of(fair.checks_out("cleo", GIFT)) == "invalid_code"


def test_a_code_that_takes_nothing_off_is_not_used(fair: Shopping) -> None:
    assert fair.checks_out("ana", FREE | {"discountCode": "GIFT"}).status_code == 201
    assert fair.orders("bob", {"ticketType": "free", "discountCode": "GIFT"}).status_code == 201
    assert uses(fair) == 0
