"""The package `duration` and its values' methods."""

from __future__ import annotations

from firewarden.rules.builtins.registry import Library
from firewarden.rules.kinds import Duration
from firewarden.rules.outcomes import Refusal
from firewarden.rules.spans import duration
from firewarden.values import NANOS_PER_SECOND

FUNCTIONS = Library()
METHODS = Library()

_UNITS = {
    "w": 7 * 86_400 * NANOS_PER_SECOND,
    "d": 86_400 * NANOS_PER_SECOND,
    "h": 3_600 * NANOS_PER_SECOND,
    "m": 60 * NANOS_PER_SECOND,
    "s": NANOS_PER_SECOND,
    "ms": 1_000_000,
    "ns": 1,
}


@FUNCTIONS.overload("duration.value(int, string)")
def _value(magnitude: int, unit: str) -> Duration:
    if unit not in _UNITS:
        raise Refusal(f"Invalid regular expression pattern. Pattern: {unit}.")  # the official text, odd as it is
    return duration(magnitude * _UNITS[unit])


@FUNCTIONS.overload("duration.time(int, int, int, int)")
def _time(hours: int, minutes: int, seconds: int, nanos: int) -> Duration:
    return duration(hours * _UNITS["h"] + minutes * _UNITS["m"] + seconds * _UNITS["s"] + nanos)


@FUNCTIONS.overload("duration.abs(duration)")
def _abs(span: Duration) -> Duration:
    return Duration(abs(span.nanos))


@METHODS.overload("duration.seconds()")
def _seconds(span: Duration) -> int:
    whole = abs(span.nanos) // NANOS_PER_SECOND
    return whole if span.nanos >= 0 else -whole


@METHODS.overload("duration.nanos()")
def _nanos(span: Duration) -> int:
    rest = abs(span.nanos) % NANOS_PER_SECOND
    return rest if span.nanos >= 0 else -rest
