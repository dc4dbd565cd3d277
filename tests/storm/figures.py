"""What a storm has come to, and how it is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from firewarden.firestore.billing.prices import Prices
from firewarden.firestore.billing.tables import money
from firewarden.firestore.billing.usage import Usage
from gather.attendance.pace import BURST, WRITE_COST
from tests.storm.pace_model import HERE, Foreseen, foresee


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Seconds, counts, and what the meter says; `usage` is None where nobody meters.

    `settle_s`: of each RSVP that is settled, from the commit of its owner's write to the commit that settled it.
    `event_writes`: of the document of each event, by functions. `lasted_s`: from the first answer to the last
    settlement.
    """

    engine: str
    rsvps: int
    events: int
    clients: int
    instances: int
    workers: int
    written_s: float
    lasted_s: float
    settle_s: tuple[float, ...]
    arrived_s: tuple[float, ...]
    event_writes: tuple[int, ...]
    busiest_other: tuple[str, int]
    committed: int
    again: int
    failed: int
    markers_left: int
    unbalanced: tuple[str, ...]
    usage: Usage | None

    @property
    def unsettled(self) -> int:
        """RSVPs that nobody has settled."""
        return self.rsvps - len(self.settle_s)

    @property
    def foreseen(self) -> Foreseen:
        """What the model makes of the first event's arrivals, with the deliveries a second that this run has shown."""
        arrivals = sorted(self.arrived_s)[:: self.events]
        per_second = len(arrivals) / max(self.lasted_s, 0.001)
        return foresee(arrivals, replace(HERE, deliveries_per_s=per_second))

    @property
    def keeps_pace(self) -> bool:
        """No event's document was written more often than its bucket allows: the burst, and once a second."""
        burst = (BURST + WRITE_COST) / WRITE_COST
        return max(self.event_writes) <= 1 + burst + self.lasted_s / WRITE_COST.total_seconds()

    @property
    def is_sound(self) -> bool:
        """Everybody is settled, nothing is left behind and every event's books balance: nothing is oversold."""
        return not (self.unsettled or self.markers_left or self.unbalanced)

    def as_json(self) -> dict[str, Any]:
        """By name, with percentiles instead of every settlement."""
        told = asdict(self)
        for name in ("settle_s", "arrived_s"):
            del told[name]
        return told | {
            "usage": None if self.usage is None else self.usage.as_json(),
            "settle_s": {name: percentile(self.settle_s, share) for name, share in SHARES.items()},
            "foreseen_event_writes": self.foreseen.event_writes,
        }


SHARES = {"p50": 0.5, "p99": 0.99, "most": 1.0}
"""What is told of a distribution."""


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that so large a share of them does not exceed."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * round(share * 100) // 100) - 1)]


def lines(found: Figures, *, prices: Prices) -> Iterator[str]:
    """For people, aligned."""
    events = "1 event" if found.events == 1 else f"{found.events:,} events"
    foreseen = found.foreseen
    most = max(found.event_writes, default=0)
    mean = sum(found.event_writes) / found.events
    document, writes = found.busiest_other
    yield (
        f"{found.rsvps:,} RSVPs to {events} on {found.engine}: {found.clients} clients, "
        f"{found.instances} instances of {found.workers} workers"
    )
    yield f"  written       in {found.written_s:.1f} s, {found.rsvps / max(found.written_s, 0.001):.0f} a second"
    yield (
        f"  settled       {len(found.settle_s):,} of {found.rsvps:,} in {found.lasted_s:.1f} s, "
        f"{found.markers_left} markers left, {len(found.unbalanced)} events oversold or miscounted"
    )
    yield f"  settle time   {_spread(found.settle_s)}"
    yield f"  event writes  {most} of the busiest, {mean:.1f} on average"
    yield f"  the model     {foreseen.event_writes} writes of an event, {_spread(foreseen.settle_s)}"
    yield f"  other writes  {writes:,} of {document}, the busiest other document"
    yield f"  transactions  {found.committed:,} committed, {found.again:,} aborted before and tried again"
    if found.failed:
        yield f"  deliveries    {found.failed:,} failed and came again"
    if found.usage is not None:
        yield f"  cost          {_cost(found.usage, found.rsvps, prices)}"


def _spread(settle_s: Sequence[float]) -> str:
    return ", ".join(f"{name} {percentile(settle_s, share):.2f} s" for name, share in SHARES.items())


def _cost(usage: Usage, rsvps: int, prices: Prices) -> str:
    named = ((usage.reads, "reads"), (usage.lookups, "of them by rules"), (usage.writes, "writes"))
    each = ", ".join(f"{count / rsvps:.2f} {name}" for count, name in (*named, (usage.deletes, "deletes")))
    price = prices.cost(usage - Usage(egress=usage.egress))
    return f"{each} for an RSVP; {prices.currency} {money(price)} in all, {money(price / rsvps * 1_000_000)} a million"
