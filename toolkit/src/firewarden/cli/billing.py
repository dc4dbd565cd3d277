"""What requests would have cost, as a table on a terminal or as JSON: for the commands that tell a bill."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from firewarden.firestore.billing.prices import Prices, known_prices, read_prices
from firewarden.firestore.billing.tables import Line, bill, explained, money
from firewarden.firestore.billing.usage import Usage


def add_price_options(command: argparse.ArgumentParser) -> None:
    """Declare what `prices_of` reads."""
    add = command.add_argument
    add("--location", metavar="ID", help="where the database would be (default: us-central1)")
    add("--prices", type=Path, metavar="FILE", help="price file (default: the list prices that come with this version)")


def prices_of(args: argparse.Namespace) -> Prices:
    """Raises `PricesInvalid`."""
    return known_prices(args.location) if args.prices is None else read_prices(args.prices, args.location)


def print_bill(reading: Mapping[str, Any], prices: Prices, stream: TextIO) -> None:
    """A reading of the meter, one line for each method, kind of caller and action; the dearest first."""
    lines = [Line(_named(each), Usage.of_json(each["usage"])) for each in reading["entries"]]
    spent = sorted((each for each in lines if each.usage), key=lambda each: (-prices.cost(each.usage), each.name))
    if not spent:
        print("No request has cost anything.", file=stream)
        return
    is_color = stream.isatty() and not os.environ.get("NO_COLOR")
    for text in bill(spent, prices, color=is_color):
        print(text, file=stream)
    print(f"\n{explained(prices, Usage.of_json(reading['usage']))}", file=stream)


def bill_json(reading: Mapping[str, Any], prices: Prices) -> str:
    """The same for programs; money is text, so that nobody rounds it."""
    content = {
        "location": prices.location,
        "currency": prices.currency,
        "prices": {"source": prices.source, "asOf": prices.as_of},
        "total": _priced(reading["usage"], prices),
        "entries": [{**each, "usage": _priced(each["usage"], prices)} for each in reading["entries"]],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _priced(usage: Mapping[str, int], prices: Prices) -> dict[str, Any]:
    return {**usage, "cost": money(prices.cost(Usage.of_json(usage)))}


def _named(entry: Mapping[str, Any]) -> str:
    action = f" [{entry['action']}]" if entry["action"] else ""
    return f"{entry['requests']:,} {entry['method']} by {entry['caller']}{action}"
