"""statusHistory: what counts as broken, and that a repair loses nothing and repairs for good."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gather.attendance.history import Repair, entry, is_closed_by_functions, repair, valid_entries
from gather.attendance.model import Status

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
A = entry(Status.GOING, at=NOW - timedelta(days=3), by="ana")
B = entry(Status.MAYBE, at=NOW - timedelta(days=2), by="ana")
C = entry(Status.GOING, at=NOW - timedelta(days=1), by="root")
CLOSING = entry(Status.GOING, at=NOW, by="system")


def test_a_sound_history_is_left_alone() -> None:
    assert repair([A], [A, B, C], Status.GOING, now=NOW) is None


@pytest.mark.parametrize(
    ("before", "current", "history", "problem"),
    [
        ([A, B], [C], [A, B, C, CLOSING], "earlier entries were changed or removed"),
        ([A, B], [B, A, C], [A, B, C, CLOSING], "earlier entries were changed or removed"),
        ([A, B], [], [A, B, CLOSING], "earlier entries were changed or removed"),
        ([A], None, [A, CLOSING], "statusHistory is not a list"),
        ([A], "going", [A, CLOSING], "statusHistory is not a list"),
        ([A], [A, {"status": "going"}], [A, CLOSING], "entries are malformed"),
        ([A], [A, 7, C], [A, C, CLOSING], "entries are malformed"),
        ([A], [A, B], [A, B, CLOSING], "the last entry does not say the status"),
        ([], [], [CLOSING], "the last entry does not say the status"),
    ],
)
def test_what_is_broken_is_restored_and_closed_by_the_system(
    before: list[Any], current: Any, history: list[Any], problem: str
) -> None:
    assert repair(before, current, Status.GOING, now=NOW) == Repair(history=history, problem=problem)


entries = st.builds(
    entry, st.sampled_from(Status), at=st.datetimes().map(lambda at: at.replace(tzinfo=UTC)), by=st.sampled_from("abc")
)
junk: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.integers(), st.text(max_size=3), st.just({"status": "going"}), st.just({"status": {}})
)
histories = st.lists(st.one_of(entries, junk), max_size=6)


@given(st.lists(entries, max_size=5), histories | junk, st.sampled_from(Status))
def test_a_repair_loses_no_entry_and_nothing_is_left_to_repair(before: list[Any], current: Any, status: Status) -> None:
    repaired = repair(before, current, status, now=NOW)
    found = current if repaired is None else repaired.history
    assert all(item in found for item in [*before, *valid_entries(current)])
    assert repair(before, found, status, now=NOW) is None


@given(st.data())
def test_repairs_end_whatever_was_damaged_and_however_often_it_is_delivered(data: st.DataObject) -> None:
    """The write of a repair is an event too, and has the damage as its before-image."""
    before = data.draw(st.lists(entries, max_size=4, unique_by=lambda item: item["changedAt"]))
    kept = data.draw(st.lists(st.sampled_from(before), unique_by=id) if before else st.just([]))
    stored: Any = [*data.draw(st.permutations(kept)), *data.draw(st.lists(entries, max_size=2))]
    deliveries: list[tuple[Any, Any]] = [(before, stored)] * 2
    repairs = 0
    while deliveries:
        old, new = deliveries.pop(data.draw(st.integers(0, len(deliveries) - 1)))
        earlier = [] if is_closed_by_functions(old, new) else valid_entries(old)
        repaired = repair(earlier, stored, Status.GOING, now=NOW + timedelta(minutes=repairs))
        if repaired is not None:
            deliveries += [(stored, repaired.history)] * 2
            stored = repaired.history
            repairs += 1
    assert repairs <= 2
    assert all(item in stored for item in before)


def test_a_newest_first_history_is_repaired_once() -> None:
    repaired = repair([A, B], [B, A], Status.GOING, now=NOW)
    assert repaired is not None
    assert is_closed_by_functions([B, A], repaired.history)
    assert not is_closed_by_functions([A, CLOSING, B], [A, CLOSING])
