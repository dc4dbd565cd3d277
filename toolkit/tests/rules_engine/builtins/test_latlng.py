"""Points on the globe."""

from collections.abc import Callable
from typing import Any

import pytest

CASES: list[tuple[str, Any]] = [
    ("latlng.value(1, 2).latitude()", 1.0),
    ("latlng.value(1, 2.5).longitude()", 2.5),
    ("latlng.value(0, 0).distance(latlng.value(0, 1))", 111195.08372419141),
    (
        "latlng.value(91, 0)",
        (
            "Latitude should be in [-90,90] range and longitude should be in [-180,180] range. latitude: "
            "91.0, longitude: 0.0."
        ),
    ),
    (
        "latlng.value(float('NaN'), 0)",
        (
            "Latitude should be in [-90,90] range and longitude should be in [-180,180] range. latitude: "
            "NaN, longitude: 0.0."
        ),
    ),
    ("latlng.value(1, 2) == latlng.value(1.0, 2.0)", True),
    # The signs of zeros count, where those of numbers count only inside lists and maps.
    ("latlng.value(0, 0) == latlng.value(float('-0'), 0)", False),
    ("latlng.value(0, 0) == latlng.value(0, -0.0)", False),
    ("latlng.value(0, 0) != latlng.value(0, -0.0)", True),
    ("latlng.value(0, -0.0) == latlng.value(0, -0.0)", True),
    ("latlng.value(0, -0.0).longitude() == latlng.value(0, 0).longitude()", True),
    ("latlng.value(0, -0.0) in [latlng.value(0, 0)]", False),
    ("[latlng.value(0, -0.0)].hasAny([latlng.value(0, 0)])", False),
    ("[latlng.value(0, -0.0), latlng.value(0, 0)].toSet().size()", 2),
    ("{'a': latlng.value(0, -0.0)}.diff({'a': latlng.value(0, 0)}).affectedKeys().size()", 1),
    (
        "latlng.value(1, 2).distance(1)",
        "Unsupported operation error. Received: latlng.distance(int). Expected: latlng.distance(latlng).",
    ),
]


@pytest.mark.parametrize(("expression", "expected"), CASES, ids=[case[0] for case in CASES])
def test_latlng(expression: str, expected: Any, evaluate: Callable[[str], Any]) -> None:
    outcome = evaluate(expression)
    assert (type(outcome), outcome) == (type(expected), expected)
