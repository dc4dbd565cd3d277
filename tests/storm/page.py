"""docs/scale.md: its table of storms that nobody has played is written from the model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from firewarden.firestore.billing.prices import Prices
from firewarden.firestore.billing.tables import money
from tests.costs.catalog import ADMITTED_IN_A_GROUP
from tests.storm.figures import percentile
from tests.storm.pace_model import PRODUCTION, foresee

PAGE = Path(__file__).parents[2] / "docs" / "scale.md"
STORMS = tuple((size, events) for size in (1_000, 10_000, 100_000) for events in (1, 50))
WINDOWS_S = (0, 600)
"""All at once, or within ten minutes."""
_BLOCK = re.compile(r"(?<=<!-- begin: the model -->\n).*?(?=<!-- end -->)", re.DOTALL)


def renewed(text: str, prices: Prices) -> str:
    """The page with its table as it must be."""
    found = _BLOCK.search(text)
    if found is None:
        raise ValueError("the page has no block of the model")
    return text[: found.start()] + "\n".join([*table(prices), ""]) + text[found.end() :]


def table(prices: Prices) -> Iterator[str]:
    """A storm in each line: on one event and on fifty, at once and within ten minutes."""
    yield f"| RSVPs | events | come within | writes of an event | p50 | p99 | all settled after | {prices.currency} |"
    yield "|---:|---:|---:|---:|---:|---:|---:|---:|"
    for size, events in STORMS:
        for window_s in WINDOWS_S:
            yield _row(size, events, window_s, prices)


def _row(size: int, events: int, window_s: float, prices: Prices) -> str:
    each = size // events
    # What instances begin in a second is for all events together.
    speed = replace(PRODUCTION, deliveries_per_s=PRODUCTION.deliveries_per_s / events)
    arrivals = [number * window_s / each for number in range(each)]
    found = foresee(arrivals, speed)
    spread = [f"{percentile(found.settle_s, share):.0f} s" for share in (0.5, 0.99)]
    last = max(at + took for at, took in zip(arrivals, found.settle_s, strict=True))
    price = prices.cost(ADMITTED_IN_A_GROUP) * size
    within = "at once" if not window_s else f"{window_s / 60:.0f} min"
    cells = (f"{size:,}", str(events), within, str(found.event_writes), *spread, f"{last:.0f} s", money(price))
    return f"| {' | '.join(cells)} |"
