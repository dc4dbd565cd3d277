"""The range of times: every timestamp and duration that an expression makes passes here."""

from __future__ import annotations

from firewarden.rules.kinds import Duration
from firewarden.rules.outcomes import Refusal
from firewarden.values import NANOS_PER_SECOND, Timestamp

SECONDS_MIN, SECONDS_MAX = -62_135_596_800, 253_402_300_799
DURATION_SECONDS_MAX = 315_576_000_000

_NANOS_MIN, _NANOS_END = SECONDS_MIN * NANOS_PER_SECOND, (SECONDS_MAX + 1) * NANOS_PER_SECOND

INVALID_TIMESTAMP = (
    f"Timestamp is not valid. Seconds must be in range [{SECONDS_MIN:,}, {SECONDS_MAX:+,}]. "
    "Nanos must be in range [0, +999,999,999]."
)
INVALID_DURATION = (
    f"Duration is not valid. Seconds must be in range [{-DURATION_SECONDS_MAX:,}, {DURATION_SECONDS_MAX:+,}]. "
    "Nanos must be in range [-999,999,999, +999,999,999]. Nanos must have the same sign as seconds."
)


def timestamp(nanos: int) -> Timestamp:
    """A timestamp from year 1 to 9999."""
    if _NANOS_MIN <= nanos < _NANOS_END:
        return Timestamp(nanos)
    raise Refusal(INVALID_TIMESTAMP)


def duration(nanos: int) -> Duration:
    """A duration of at most about 10,000 years either way."""
    if abs(nanos) // NANOS_PER_SECOND <= DURATION_SECONDS_MAX:
        return Duration(nanos)
    raise Refusal(INVALID_DURATION)
