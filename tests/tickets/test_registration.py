"""Registrations: the whole table of transitions, codes that can be read out, and what is read of stored ones."""

from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gather.tickets.attendee import Attendee
from gather.tickets.registration import (
    CODE_ALPHABET,
    CODE_BYTES,
    CODE_LENGTH,
    TRANSITIONS,
    HistoryEntry,
    InvalidTransitionError,
    Registration,
    Status,
    advanced,
    heard,
    parse_registration,
    registered,
    registration_code,
    registration_document,
    spoken,
    status_of,
)
from tests.support.tickets import NOON

CODE = "ABCDEFGH23"

LEGAL = {
    ("pending_payment", "confirmed"),
    ("pending_payment", "cancelled"),
    ("pending_payment", "expired"),
    ("pending_payment", "refunded"),
    ("waitlisted", "pending_payment"),
    ("waitlisted", "confirmed"),
    ("waitlisted", "cancelled"),
    ("waitlisted", "expired"),
    ("confirmed", "checked_in"),
    ("confirmed", "cancelled"),
    ("confirmed", "refunded"),
    ("checked_in", "confirmed"),
    ("checked_in", "refunded"),
    ("expired", "confirmed"),
    ("expired", "refunded"),
    ("cancelled", "refunded"),
    ("refunded", "confirmed"),
}


def registration(status: Status = Status.CONFIRMED, **fields: Any) -> Registration:
    known: dict[str, Any] = {"event_id": "e", "uid": "ana", "ticket_type_id": "t", "quantity": 2, "at": NOON}
    return registered(CODE, status=status, **(known | fields))


@pytest.mark.parametrize(("before", "after"), list(product(Status, Status)), ids=str)
def test_a_registration_goes_where_the_table_says_and_nowhere_else(before: Status, after: Status) -> None:
    found, later = registration(before), NOON + timedelta(hours=1)
    if (before.value, after.value) in LEGAL:
        moved = advanced(found, after, at=later, by="olga")
        assert moved.status is after
        assert moved.history == (*found.history, HistoryEntry(status=after, changed_at=later, changed_by="olga"))
        assert moved == replace(found, status=after, history=moved.history)
    else:
        with pytest.raises(InvalidTransitionError, match=f"{before} cannot become {after}"):
            advanced(found, after, at=later, by="olga")


def test_every_status_has_a_row_and_nothing_leads_back_to_where_it_may_not() -> None:
    assert set(TRANSITIONS) == set(Status)
    assert all(status not in targets for status, targets in TRANSITIONS.items())
    # What is closed is opened again by money alone: a late payment, or a refund that failed.
    closed = {Status.EXPIRED, Status.CANCELLED, Status.REFUNDED}
    opens = {(status, target) for status in closed for target in TRANSITIONS[status] - closed}
    assert opens == {(Status.EXPIRED, Status.CONFIRMED), (Status.REFUNDED, Status.CONFIRMED)}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("registered", Status.CONFIRMED),
        ("pending", Status.PENDING_PAYMENT),
        ("checked_in", Status.CHECKED_IN),
        ("Confirmed", None),
        ("", None),
        (None, None),
        (["confirmed"], None),
    ],
    ids=str,
)
def test_a_status_has_its_name_and_two_have_another(name: Any, expected: Status | None) -> None:
    assert status_of(name) == expected


@settings(deadline=None)
@given(st.binary(min_size=CODE_BYTES, max_size=CODE_BYTES))
def test_a_code_can_be_read_out_and_heard_again(random_bytes: bytes) -> None:
    code = registration_code(random_bytes)
    assert len(code) == CODE_LENGTH
    assert set(code) <= set(CODE_ALPHABET)
    assert heard(f" {spoken(code).lower()} ") == code
    assert heard(code) == code


def test_no_letter_of_a_code_is_taken_for_another() -> None:
    assert set("01OIL").isdisjoint(CODE_ALPHABET)
    assert len(set(CODE_ALPHABET)) == len(CODE_ALPHABET) == 31


def test_codes_use_every_letter_in_every_place() -> None:
    codes = [registration_code(number.to_bytes(CODE_BYTES)) for number in range(31)]
    assert {code[0] for code in codes} == set(CODE_ALPHABET)
    last = [registration_code((number * 31**9).to_bytes(CODE_BYTES)) for number in range(31)]
    assert {code[9] for code in last} == set(CODE_ALPHABET)


def test_a_code_is_not_made_of_too_little_chance() -> None:
    with pytest.raises(ValueError, match="16 random bytes, not 8"):
        registration_code(bytes(8))


@pytest.mark.parametrize(
    "text", ["", "ABCDE", "ABCDEFGH2O", "ABCDEFGH2!", "ABCDEFGH234", "../ABCDEFG", "\uff21BCDEFGH23"]
)
def test_what_can_be_no_code_is_none(text: str) -> None:
    assert heard(text) is None


def test_a_registration_is_read_as_it_was_written() -> None:
    full = registration(
        attendees=(Attendee(name="Ana"), Attendee(name="Ben", email="ben@example.org")),
        organization_id="acme",
        payment_id="p",
        discount_id="e:SAVE",
    )
    full = advanced(full, Status.CHECKED_IN, at=NOON + timedelta(days=2), by="olga")
    document = registration_document(full)
    assert parse_registration(CODE, document) == full
    assert (document["registrationCode"], full.code, full.is_free) == (CODE, CODE, False)
    least = registration()
    assert parse_registration(CODE, registration_document(least)) == least
    assert least.is_free
    assert "paymentId" not in registration_document(least)


@pytest.mark.parametrize("field", ["eventId", "uid", "ticketTypeId", "quantity", "status", "createdAt"])
def test_a_damaged_registration_is_none(field: str) -> None:
    good = registration_document(registration())
    assert parse_registration(CODE, {**good, field: None}) is None
    assert parse_registration(CODE, {name: value for name, value in good.items() if name != field}) is None


@pytest.mark.parametrize("quantity", [0, -1, True, 1.0, "2"], ids=str)
def test_a_registration_is_for_at_least_one_ticket(quantity: Any) -> None:
    assert parse_registration(CODE, {**registration_document(registration()), "quantity": quantity}) is None


def test_entries_that_are_none_are_left_out() -> None:
    good = registration_document(registration())
    damaged = {
        **good,
        "attendees": [{"name": "Ana", "email": 7}, {"name": 7}, "Ben"],
        "statusHistory": [*good["statusHistory"], {"status": "lost"}, 7],
    }
    found = parse_registration(CODE, damaged)
    assert found is not None
    assert (found.attendees, found.history) == ((Attendee(name="Ana"),), registration().history)
