"""What each tag writes, and what is no value."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from firewarden.errors import Fault
from firewarden.indexes.notation import (
    ArrayRemove,
    ArrayUnion,
    DeleteField,
    GeoPoint,
    Increment,
    Now,
    Reference,
    ServerTime,
    at,
    read_yaml,
)

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def read(text: str) -> tuple[Any, list[str]]:
    """The value under `v` and the problems."""
    faults: list[Fault] = []
    located = read_yaml(f"v: {text}", file="f", faults=faults)
    return located.plain()["v"], [fault.problem for fault in faults]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("!time now", Now(timedelta())),
        ("!time now+1h30m", Now(timedelta(hours=1, minutes=30))),
        ("!time now-2d", Now(timedelta(days=-2))),
        ("!time now+1w-10s", Now(timedelta(weeks=1, seconds=-10))),
        ("!time 2026-05-01T10:00:00Z", datetime(2026, 5, 1, 10, tzinfo=UTC)),
        ("!time 2026-05-01T14:00:00+02:00", NOON),
        ("!server_time", ServerTime()),
        ("!delete_field", DeleteField()),
        ("!increment 2", Increment(2)),
        ("!increment -0.5", Increment(-0.5)),
        ("!array_union [a, 1]", ArrayUnion(("a", 1))),
        ("!array_remove [!time now]", ArrayRemove((Now(timedelta()),))),
        ("!ref users/ana", Reference("users/ana")),
        ("!bytes aGk=", b"hi"),
        ("!geo [48.1, -11]", GeoPoint(48.1, -11.0)),
        ("no", "no"),
        ("2026-05-01", "2026-05-01"),
        ("010", 10),
        ("12:30", "12:30"),
        ("0x1F", 31),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("1_000", "1_000"),
        ("~", None),
        ("true", True),
        ("True", "True"),
        ("'1'", "1"),
    ],
)
def test_a_word_is_a_value(text: str, value: object) -> None:
    found, problems = read(text)
    assert problems == []
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("!time tomorrow", "!time takes now, now+1h30m, now-2d or 2026-05-01T10:00:00Z, not 'tomorrow'"),
        ("!time now+1", "!time takes now, now+1h30m, now-2d or 2026-05-01T10:00:00Z, not 'now+1'"),
        ("!time 2026-05-01T10:00:00", "!time 2026-05-01T10:00:00 lacks a zone; add Z for UTC"),
        ("!time [now]", "!time takes one word, as in !time now+1h30m"),
        ("!server_time 1", "!server_time stands alone; remove '1'"),
        ("!increment much", "!increment takes a number, not 'much'"),
        ("!array_union a", "!array_union takes a list, not 'a'"),
        ("!ref users", "!ref users: 'users' is not a document path such as events/e1"),
        ("!geo [1]", "!geo takes [latitude, longitude], not [1]"),
        ("!!binary aGk=", "tag:yaml.org,2002:binary is not used here"),
        ("{[a]: 1}", "a key must be a word"),
        ("{<<: 1}", "<<: takes a mapping or a list of mappings"),
        ("&a [*a]", "is nested more than 40 deep, or contains itself"),
    ],
)
def test_what_is_no_value_is_a_fault(text: str, problem: str) -> None:
    assert read(text)[1] == [problem]


def test_an_unknown_tag_names_the_known_ones() -> None:
    (problem,) = read("!tiem now")[1]
    assert problem.startswith("unknown tag !tiem; there are !time, !server_time, ")


def test_base64_must_be_right() -> None:
    (problem,) = read("!bytes '?'")[1]
    assert problem.startswith("!bytes takes base64: ")


def test_merged_keys_give_way_to_own_ones_and_earlier_sources_win() -> None:
    text = "{base: &b {x: 1, y: 1}, more: &m {y: 2, z: 2}, both: {<<: [*b, *m], x: 3}}"
    assert read(text)[0]["both"] == {"x": 3, "y": 1, "z": 2}


def test_now_is_resolved_wherever_it_stands() -> None:
    value = {"a": [Now(timedelta(days=1))], "b": {"c": ArrayUnion((Now(timedelta()),))}, "d": "now"}
    assert at(value, NOON) == {
        "a": [NOON + timedelta(days=1)],
        "b": {"c": ArrayUnion((NOON,))},
        "d": "now",
    }
