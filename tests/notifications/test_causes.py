"""Causes: which change of an RSVP tells whom what, and that ids name causes, not deliveries."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gather.notifications.causes import Cause, Kind, causes_of_rsvp, notification_id

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def rsvp(state: str | None, *, turns: int = 1, **fields: Any) -> dict[str, Any]:
    history = [
        {"status": "going", "changedAt": NOW + timedelta(minutes=turn), "changedBy": "ana"} for turn in range(turns)
    ]
    return {"status": "going", "statusHistory": history} | ({"seatState": state} if state else {}) | fields


OFFER: dict[str, Any] = {"offerExpiresAt": NOW}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, rsvp(None), []),
        (rsvp(None), rsvp("admitted"), [(Kind.GOING, None)]),
        (None, rsvp("admitted"), [(Kind.GOING, None)]),
        (rsvp("waitlisted"), rsvp("admitted"), [(Kind.GOING, None), (Kind.PROMOTED, "ana")]),
        (rsvp("declined"), rsvp("admitted"), [(Kind.GOING, None)]),
        (rsvp("waitlisted"), rsvp("held", **OFFER), [(Kind.OFFERED, "ana")]),
        (rsvp("held", **OFFER), rsvp("declined"), [(Kind.OFFER_EXPIRED, "ana")]),
        (rsvp("held", **OFFER), rsvp(None), []),  # declined by its owner
        (rsvp("held", **OFFER), rsvp("waitlisted"), []),  # the event was canceled, which is told to everybody
        (rsvp("held", **OFFER), rsvp("admitted"), [(Kind.GOING, None)]),
        (rsvp(None), rsvp("held"), []),  # a checkout's hold is no offer
        (rsvp("admitted"), rsvp("admitted", notes="x"), []),
        (rsvp("admitted"), None, []),
        (rsvp(None), rsvp("waitlisted"), []),
    ],
)
def test_a_change_of_seat_state_tells(before: Any, after: Any, expected: list[tuple[Kind, str | None]]) -> None:
    assert [(cause.kind, cause.recipient) for cause in causes_of_rsvp("e", "ana", before, after)] == expected


def test_each_turn_is_a_cause_of_its_own_and_the_same_turn_is_the_same_cause() -> None:
    first, again, next_turn = (
        causes_of_rsvp("e", "ana", rsvp(None), rsvp("admitted", turns=turns))[0] for turns in (1, 1, 3)
    )
    ids = [notification_id(cause, "cleo") for cause in (first, again, next_turn)]
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize("history", [None, "x", [], [1], [{"status": "going"}]])
def test_a_history_that_cannot_be_read_still_names_a_cause(history: Any) -> None:
    (cause,) = causes_of_rsvp("e", "ana", None, {"seatState": "admitted", "statusHistory": history})
    assert notification_id(cause, "cleo")


def test_names_that_run_together_are_different_causes() -> None:
    causes = [
        Cause(kind=Kind.GOING, event_id=event, actor=uid, key="", recipient=None)
        for event, uid in (("a", "bc"), ("ab", "c"))
    ]
    assert len({notification_id(cause, "cleo") for cause in causes}) == 2
