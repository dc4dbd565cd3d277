"""The figures of a run, beside their targets: one table, and the same as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from firestore_engines import OFFICIAL, OURS, PEER
from firestore_operations import indexed_name
from firestore_rounds import CPU, FILLED, IDLE, INGEST, LOADING, MEMORY, RAW, START, STARTING, STOCK, Figures, Plan
from rich.console import Console
from rich.table import Table

FLAT = 1.5
"""A query in the largest collection may cost so many times one in the smallest: caches do not hold everything."""


@dataclass(frozen=True, slots=True)
class Section:
    """One way of measuring. `target` is how many times better ours must be; more is better if `is_rate`."""

    measure: str
    title: str
    unit: str
    target: float | None
    is_rate: bool = False


SECTIONS = (
    Section(STARTING, "Start to first answer", "time", 5),
    Section(MEMORY, "Resident memory", "MiB", 4),
    Section(CPU, "Server CPU per operation", "time", 4),
    Section(RAW, "Raw load", "per second", 4, is_rate=True),
    Section(STOCK, "google-cloud-firestore, per operation", "time", 1.3),
    Section(LOADING, "Loading, batches of 500", "time", None),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One thing measured one way. `ratio` is how many times better ours is than the official one."""

    section: Section
    what: str
    values: dict[str, float | None]
    ratio: float | None

    @property
    def is_met(self) -> bool | None:
        """Whether the target is met; None if there is none, or nothing to compare with."""
        if self.ratio is None or self.section.target is None:
            return None
        return self.ratio >= self.section.target


@dataclass(frozen=True, slots=True)
class Growth:
    """How much more a query costs in a larger collection: the server's CPU time, by engine."""

    name: str
    ratios: dict[str, float | None]

    @property
    def is_flat(self) -> bool | None:
        """Whether ours costs the same."""
        ratio = self.ratios.get(OURS)
        return None if ratio is None else ratio <= FLAT


def rows(figures: Figures, names: Sequence[str], operations: Sequence[str], plan: Plan) -> list[Row]:
    """Everything that was measured, in the order of the table."""
    whats = {
        STARTING: [START],
        MEMORY: [IDLE, FILLED.format(plan.filled)],
        LOADING: [INGEST.format(each) for each in sorted({plan.filled, *plan.sizes}) if each >= plan.filled],
    }
    return [
        _row(section, what, {each: figures.median(section.measure, what, each) for each in names})
        for section in SECTIONS
        for what in whats.get(section.measure, operations)
    ]


def _row(section: Section, what: str, values: dict[str, float | None]) -> Row:
    ours, official = values.get(OURS), values.get(OFFICIAL)
    ratio = None
    if ours and official:
        ratio = ours / official if section.is_rate else official / ours
    return Row(section, what, values, ratio)


def growths(figures: Figures, names: Sequence[str], sizes: Sequence[int]) -> list[Growth]:
    """The indexed query in every collection, compared with the one in the smallest."""
    found = []
    for size in sizes[1:]:
        ratios = {}
        for name in names:
            small, large = (figures.median(CPU, indexed_name(each), name) for each in (sizes[0], size))
            ratios[name] = large / small if small and large else None
        found.append(Growth(f"{size:,} : {sizes[0]:,} documents", ratios))
    return found


def print_table(console: Console, found: Sequence[Row], grown: Sequence[Growth], names: Sequence[str]) -> None:
    """One table; in a pipe it is plain text."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("medians")
    for name in names:
        table.add_column(name, justify="right")
    for name in ("ratio", "target", ""):
        table.add_column(name, justify="right" if name else "left")
    section = None
    for row in found:
        if row.section is not section:
            section = row.section
            _head(table, f"{section.title}" + (f" ({section.unit})" if section.unit != "time" else ""))
        target = f"{section.target:g}x" if section.target is not None else ""
        ratio = f"{row.ratio:.1f}x" if row.ratio is not None else ""
        shown = [_shown(row.values[name], section) for name in names]
        table.add_row(f"  {row.what}", *shown, ratio, target, _verdict(row.is_met))
    if grown:
        _head(table, "Growth of the indexed query's CPU time with its collection")
    for each in grown:
        shown = ["-" if (grows := each.ratios[name]) is None else f"{grows:.2f}x" for name in names]
        table.add_row(f"  {each.name}", *shown, "", f"{FLAT:g}x", _verdict(each.is_flat))
    console.print(table)


def _head(table: Table, title: str) -> None:
    table.add_row()
    table.add_row(f"[bold]{title}[/bold]")


def _verdict(is_met: bool | None) -> str:  # noqa: FBT001 - what is to be said
    return {None: "", True: "met", False: "missed"}[is_met]


def _shown(value: float | None, section: Section) -> str:
    if value is None:
        return "-"
    if section.unit == "time":
        return f"{value:.2f} s" if value >= 1 else f"{value * 1e3:.3g} ms"
    return f"{value:,.0f}"


def as_data(found: Sequence[Row], grown: Sequence[Growth], figures: Figures) -> dict[str, Any]:
    """The same with every round's figures: seconds, MiB, operations per second."""
    return {
        "rows": [
            {
                "measure": row.section.measure,
                "what": row.what,
                "medians": row.values,
                "rounds": {name: figures.of(row.section.measure, row.what, name) for name in row.values},
                "ratio": row.ratio,
                "target": row.section.target,
                "met": row.is_met,
            }
            for row in found
        ],
        "growth": [{"what": each.name, "ratios": each.ratios, "target": FLAT, "met": each.is_flat} for each in grown],
        "refused": [
            {"what": what, "engine": name, "why": why} for (what, name), why in sorted(figures.refused.items())
        ],
    }


def refusals(figures: Figures) -> Iterator[str]:
    """What an engine does not do, in words."""
    for (what, name), why in sorted(figures.refused.items()):
        label = "npm's @firestore-emulator/server" if name == PEER else name
        yield f"{label} was not asked for, or refused, '{what}': {why[:160]}"
