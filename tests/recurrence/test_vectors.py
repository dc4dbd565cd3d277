"""The vectors shared with other implementations (`tests/vectors/recurrence.json`), run against ours."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from gather.recurrence import Override, Recurrence, RecurrenceError, Series, expand, last_end, parse_rrule

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors" / "recurrence.json").read_text("utf-8"))


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def series_of(case: dict[str, Any]) -> Series:
    exdates = tuple(datetime.fromisoformat(text) for text in case["exdates"])
    return Series(
        start_at=moment(case["start"]),
        end_at=moment(case["end"]),
        all_day=case["allDay"],
        timezone=case["timezone"],
        recurrence=Recurrence(parse_rrule(case["rule"]), exdates),
        overrides={
            name: Override(start_at=moment(fields.get("startAt")), end_at=moment(fields.get("endAt")))
            for name, fields in case["overrides"].items()
        },
    )


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_a_series_has_the_occurrences_of_its_vector(case: dict[str, Any]) -> None:
    series = series_of(case)
    start, end = (datetime.fromisoformat(case["window"][name]) for name in ("start", "end"))
    found = expand(series, start, end)
    assert case["occurrences"] == [
        {"id": each.id, "start": f"{each.start:%Y-%m-%dT%H:%M:%SZ}", "end": f"{each.end:%Y-%m-%dT%H:%M:%SZ}"}
        for each in found
    ]
    assert moment(case["lastEnd"]) == last_end(series)


@pytest.mark.parametrize(("text", "normalised"), VECTORS["normalised"])
def test_a_rule_is_normalised_as_its_vector_says(text: str, normalised: str) -> None:
    assert normalised == parse_rrule(text).text


@pytest.mark.parametrize(("text", "part"), VECTORS["refused"])
def test_a_rule_is_refused_for_the_part_its_vector_names(text: str, part: str) -> None:
    with pytest.raises(RecurrenceError) as refused:
        parse_rrule(text)
    assert part == refused.value.part
