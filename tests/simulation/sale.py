"""What an event with a price sells: admission, ticket types, and a pool that types share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ORGANIZATION = "acme"
POOL = "floor"
PRICE = 500


@dataclass(frozen=True, slots=True)
class Sale:
    """The types on sale, by id; none: admission, at the event's price. `capacity` is of the pool they share."""

    told: str
    types: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    capacity: int | None = None

    def wanted(self, variant: int) -> str | None:
        """The type that somebody orders; None for admission."""
        names = list(self.types)
        return names[variant // 3 % len(names)] if names else None


def _kind(name: str, price_cents: int, **fields: Any) -> dict[str, Any]:
    counters = {"soldCount": 0, "heldCount": 0}
    return {"name": name, "priceCents": price_cents, "currency": "EUR", **counters, **fields}


SALES = (
    Sale("admission"),
    Sale("tickets", {"adult": _kind("Adult", PRICE)}),
    Sale("2 tickets, and others", {"adult": _kind("Adult", PRICE, totalQuantity=2), "child": _kind("Child", 200)}),
    Sale(
        "a pool of 2, some for nothing",
        {"adult": _kind("Adult", PRICE, poolId=POOL), "press": _kind("Press", 0, poolId=POOL)},
        capacity=2,
    ),
)
