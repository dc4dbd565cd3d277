"""What usage costs: a table of list prices, from the file beside this module or from one of one's own. Never floats."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from functools import cache
from pathlib import Path
from typing import Any

from firewarden.errors import PricesInvalid
from firewarden.firestore.billing.usage import Usage

GIB = 1 << 30
"""Bytes ("Storage and bandwidth usage are calculated in gibibytes")."""
_OPERATIONS = 100_000
"""What the prices of operations are for."""
_PRICED = ("reads", "writes", "deletes", "ttl_deletes")
_FILE = Path(__file__).with_name("prices.json")


@dataclass(frozen=True, slots=True)
class Prices:
    """The prices of one location. `operations` are per 100,000, by the names of `Usage`."""

    location: str
    currency: str
    operations: Mapping[str, Decimal]
    egress_per_gib: Decimal
    free_per_day: Mapping[str, int]
    source: str
    as_of: str

    def cost(self, usage: Usage) -> Decimal:
        """The list price of all of it: no free quota, no discounts, bytes as if they all went to the internet."""
        operations = sum((self.operations[name] * getattr(usage, name) for name in _PRICED), Decimal(0))
        return operations / _OPERATIONS + self.egress_per_gib * usage.egress / GIB

    def free_share(self, usage: Usage) -> tuple[str, Decimal]:
        """What of the free quota of a day is used up most, and how much of it: 1 is all."""
        shares = {name: Decimal(getattr(usage, name)) / most for name, most in self.free_per_day.items()}
        return max(shares.items(), key=lambda each: each[1])


@cache
def known_prices(location: str | None = None) -> Prices:
    """The prices that come with this version; raises `PricesInvalid` for a location that is not among them."""
    return read_prices(_FILE, location)


def read_prices(file: Path, location: str | None = None) -> Prices:
    """The prices of a location in a file as `prices.json`; without one those of the file's default."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"), parse_float=_no_float)
        named: str = content["default"] if location is None else location
        table = content["per_100000"]
        if named not in table:
            raise PricesInvalid(
                f"{file} has no prices for {named}.",
                hint=f"It knows {', '.join(table)}. Copy it, add the location, and name your file.",
            )
        return _prices(content, named, table[named])
    except OSError as error:
        raise PricesInvalid(f"{file} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, AttributeError, DecimalException) as error:
        raise PricesInvalid(
            f"{file} is no price file: {error!r}.", hint=f"Its form is that of {_FILE}; prices are texts."
        ) from error


def _prices(content: Mapping[str, Any], location: str, table: Mapping[str, Any]) -> Prices:
    free = content["free"]
    return Prices(
        location=location,
        currency=str(content["currency"]),
        operations={name: _price(table[name]) for name in _PRICED},
        egress_per_gib=_price(content["egress_per_gib"]["price"]),
        free_per_day={name: int(free[f"{name}_per_day"]) for name in ("reads", "writes", "deletes")},
        source=str(table["source"]),
        as_of=str(table["as_of"]),
    )


def _price(text: object) -> Decimal:
    if not isinstance(text, str):
        raise TypeError(f"{text!r} is not a text")
    price = Decimal(text)
    if not price.is_finite() or price < 0:
        raise ValueError(f"{text} is no price")
    return price


def _no_float(text: str) -> None:
    raise ValueError(f"{text} stands there as a number, and would be rounded")
