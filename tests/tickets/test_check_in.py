"""Checking in: once, by who manages the event, and only who may come."""

from typing import Any

import pytest

from gather.tickets.registration import Status
from tests.support.refusals import refusal
from tests.tickets.given import CODE, given_event_of_acme, given_registration

pytestmark = pytest.mark.emulator


def test_somebody_is_let_in_once_and_a_mistake_can_be_taken_back(client: Any, call: Any) -> None:
    given_event_of_acme(client)
    given_registration(client)
    assert call("POST", f"/registrations/{CODE}/check-in", by="olga").get_json()["status"] == "checked_in"
    again = call("POST", f"/registrations/{CODE}/check-in", by="cleo")
    assert refusal(again) == (409, "invalid_transition")
    assert "checked in already" in again.get_json()["error"]["message"]
    assert call("DELETE", f"/registrations/{CODE}/check-in").get_json()["status"] == "confirmed"
    assert refusal(call("DELETE", f"/registrations/{CODE}/check-in")) == (409, "invalid_transition")
    assert call("POST", f"/registrations/{CODE}/check-in", by="root").status_code == 200
    stored = client.document("registrations", CODE).get().to_dict()
    assert [(each["status"], each["changedBy"]) for each in stored["statusHistory"]] == [
        ("confirmed", "ana"),
        ("checked_in", "olga"),
        ("confirmed", "cleo"),
        ("checked_in", "root"),
    ]


CHECK_INS: list[tuple[str, dict[str, Any], Status, tuple[int, str]]] = [
    ("its owner", {"by": "ana"}, Status.CONFIRMED, (403, "forbidden")),
    ("a stranger", {"by": "ben"}, Status.CONFIRMED, (404, "registration_not_found")),
    ("not paid yet", {}, Status.PENDING_PAYMENT, (409, "invalid_transition")),
    ("cancelled", {}, Status.CANCELLED, (409, "invalid_transition")),
    ("refunded", {}, Status.REFUNDED, (409, "invalid_transition")),
    ("expired", {}, Status.EXPIRED, (409, "invalid_transition")),
]


@pytest.mark.parametrize(
    ("who", "status", "expected"), [case[1:] for case in CHECK_INS], ids=[case[0] for case in CHECK_INS]
)
def test_nobody_else_is_let_in(
    client: Any, call: Any, who: dict[str, str], status: Status, expected: tuple[int, str]
) -> None:
    given_event_of_acme(client)
    given_registration(client, status)
    before = client.document("registrations", CODE).get()
    for method in ("POST", "DELETE"):  # nor is a check-in taken back that there was not
        assert refusal(call(method, f"/registrations/{CODE}/check-in", **who)) == expected
    assert client.document("registrations", CODE).get().update_time == before.update_time


def test_nobody_is_let_in_to_a_canceled_event(client: Any, call: Any) -> None:
    given_event_of_acme(client, canceled=True)
    given_registration(client)
    assert refusal(call("POST", f"/registrations/{CODE}/check-in")) == (409, "event_canceled")
