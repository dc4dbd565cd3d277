"""Intervals hold the same values whichever way their encodings are turned."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from firewarden.firestore.encoding import encode, inverted
from firewarden.firestore.query.intervals import EVERYTHING, Interval, all_flipped, behind, just, outside, overlap

values = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.floats(), st.text(max_size=3), st.binary(max_size=3)
)
encoded = values.map(encode)


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    low, high = sorted((draw(encoded), draw(encoded)))
    return Interval(behind(low) or b"" if draw(st.booleans()) else low, behind(high) if draw(st.booleans()) else None)


@given(intervals(), encoded)
def test_a_flipped_interval_holds_the_inverted_values(interval: Interval, value: bytes) -> None:
    [flipped] = all_flipped((interval,))
    assert flipped.holds(inverted(value)) == interval.holds(value)


@given(encoded, encoded)
def test_one_value_and_all_others(one: bytes, value: bytes) -> None:
    assert just(one).holds(value) == (one == value)
    assert any(each.holds(value) for each in outside(one)) == (one != value)


@given(intervals(), intervals(), encoded)
def test_an_overlap_holds_what_both_hold(left: Interval, right: Interval, value: bytes) -> None:
    both = any(each.holds(value) for each in overlap((left,), (right,)))
    assert both == (left.holds(value) and right.holds(value))


@given(intervals())
def test_everything_changes_nothing(interval: Interval) -> None:
    assert overlap(EVERYTHING, (interval,)) == overlap((interval,), EVERYTHING) == (interval,)
