"""Bills as text: columns of numbers behind names. Colour is for terminals; without it nothing is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from firewarden.firestore.billing.prices import Prices
from firewarden.firestore.billing.usage import Usage

_BOLD, _DIM, _RESET = "\x1b[1m", "\x1b[2m", "\x1b[0m"
_SIGNIFICANT = 2
"""Digits of a price that is far below a cent."""
_UNITS = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))
_NAME_MAX = 72
COLUMNS = (
    ("reads", "reads"),
    ("lookups", "of rules"),
    ("writes", "writes"),
    ("deletes", "deletes"),
    ("index_entries", "entries"),
)
"""What a table shows of a `Usage`, and the titles."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a bill."""

    name: str
    usage: Usage


def bill(lines: Sequence[Line], prices: Prices, *, total: bool = True, color: bool = False) -> list[str]:
    """A table of the lines and, unless it is not wanted, their sum."""
    everything = sum((each.usage for each in lines), Usage())
    rows = [_row(each.name, each.usage, prices) for each in lines]
    if total:
        rows.append(_row("total", everything, prices))
    titles = ["", *(title for _, title in COLUMNS), "bytes out", prices.currency]
    texts = _aligned([titles, *rows])
    if color:
        texts[0] = f"{_DIM}{texts[0]}{_RESET}"
        if total:
            texts[-1] = f"{_BOLD}{texts[-1]}{_RESET}"
    return texts


def explained(prices: Prices, usage: Usage) -> str:
    """What the money in a table is, in a line or two."""
    what, share = prices.free_share(usage)
    free = f"{percent(share)} of the {what} that are free every day"
    return (
        f"List prices of {prices.location} ({prices.as_of}), before what is free: this is {free}.\n"
        "Bytes are priced as if they all left Google's network."
    )


def money(amount: Decimal) -> str:
    """Never rounded to nothing: `0.0000012`, `0.15`, `12.40`."""
    if amount == 0:
        return "0"
    if amount >= 1:
        return f"{amount:.2f}"
    digits = _SIGNIFICANT - 1 - amount.adjusted()
    return f"{amount:.{digits}f}"


def percent(share: Decimal) -> str:
    """`34 %`, `0.02 %`."""
    return f"{money(share * 100)} %"


def size(count: int) -> str:
    """`312 B`, `4.2 KiB`."""
    for bytes_, unit in _UNITS:
        if count >= bytes_:
            return f"{Decimal(count) / bytes_:.1f} {unit}"
    return f"{count} B" if count else ""


def _row(name: str, usage: Usage, prices: Prices) -> list[str]:
    counts = [getattr(usage, column) + (usage.ttl_deletes if column == "deletes" else 0) for column, _ in COLUMNS]
    shown = name if len(name) <= _NAME_MAX else f"...{name[-_NAME_MAX + 3 :]}"
    return [shown, *(f"{each:,}" if each else "" for each in counts), size(usage.egress), money(prices.cost(usage))]


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """The first column to the left, the others to the right; a column in which nothing stands is left out."""
    filled = [index for index in range(len(rows[0])) if index == 0 or any(row[index] for row in rows[1:])]
    widths = {index: max(len(row[index]) for row in rows) for index in filled}
    lines = []
    for row in rows:
        cells = [row[index].ljust(widths[index]) if index == 0 else row[index].rjust(widths[index]) for index in filled]
        lines.append("  ".join(cells).rstrip())
    return lines
