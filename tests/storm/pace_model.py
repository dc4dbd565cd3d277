"""The model of a storm on one event: how often its document is written and how long answers wait. Pure.

It plays the law of pace (`gather.attendance.pace`), group by group, on a line of arrivals, with a few numbers for
everything else: how long an event is on its way, how many deliveries a second the instances begin, how long the
transaction of a group takes. One settler stands for all instances, as the pace is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gather.attendance.pace import SMALL_GROUP_COST, WRITE_COST, busy_after, is_hot, rest_before_group
from gather.attendance.pending import GROUP_MAX

_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """`delivery_s` from a commit to its function, `deliveries_per_s` that are begun at most, and transactions' times.

    A group takes `group_s` and `group_each_s` for each of its people.
    """

    delivery_s: float
    deliveries_per_s: float
    single_s: float
    group_s: float
    group_each_s: float


HERE = Speed(delivery_s=0.05, deliveries_per_s=50, single_s=0.05, group_s=0.1, group_each_s=0.003)
"""A computer on which everything runs at once; how many deliveries it begins is taken from what it has shown."""
PRODUCTION = Speed(delivery_s=1.0, deliveries_per_s=500, single_s=0.2, group_s=0.5, group_each_s=0.003)
"""Assumed: deliveries as fast as a collection with a time in an index may be written, transactions far from there."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Writes of the event's document, and seconds from each answer to its settlement."""

    event_writes: int
    settle_s: tuple[float, ...]


def foresee(arrivals: Sequence[float], speed: Speed) -> Foreseen:
    """What becomes of answers that arrive at these seconds, which ascend."""
    seen = _seen(arrivals, speed)
    settled: list[float] = []
    busy: datetime | None = None
    writes, waiting, now = 0, 0, 0.0
    while waiting < len(seen):
        now = max(now, seen[waiting])
        if not is_hot(busy, _at(now)):
            now += speed.single_s
            busy = busy_after(busy, _at(now), WRITE_COST)
            waiting, writes = waiting + 1, writes + 1
            settled.append(now)
            continue
        rest_s = rest_before_group(busy, _at(now)).total_seconds()
        begins = now + rest_s
        size = _marked(seen, waiting, begins)
        now = begins + speed.group_s + size * speed.group_each_s
        busy = busy_after(busy, _at(begins), WRITE_COST if size == GROUP_MAX else SMALL_GROUP_COST)
        waiting, writes = waiting + size, writes + 1
        settled += [now] * size
    return Foreseen(writes, tuple(end - begin for begin, end in zip(arrivals, settled, strict=True)))


def _seen(arrivals: Sequence[float], speed: Speed) -> list[float]:
    """When each answer's delivery is begun: no sooner than it arrives, no more of them than instances can."""
    seen: list[float] = []
    for arrival in arrivals:
        soonest = seen[-1] + 1 / speed.deliveries_per_s if seen else 0.0
        seen.append(max(arrival + speed.delivery_s, soonest))
    return seen


def _marked(seen: Sequence[float], first: int, now: float) -> int:
    """How many markers a group finds: there is at least the one it came for."""
    last = first
    while last < len(seen) and last - first < GROUP_MAX and seen[last] <= now:
        last += 1
    return max(1, last - first)


def _at(seconds: float) -> datetime:
    return _BEGIN + timedelta(seconds=seconds)
