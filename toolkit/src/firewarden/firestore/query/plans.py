"""How a query will be run, as a value that can be read: `print(plan)` explains it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from firewarden.firestore.documents import DocumentPath
from firewarden.firestore.field_paths import FieldPath, format_field_path
from firewarden.firestore.query.intervals import Interval
from firewarden.firestore.query.model import NAME, Order, Query
from firewarden.firestore.query.needs import Need, describe
from firewarden.firestore.query.scanning import Mode, ScanIndex


@dataclass(frozen=True, slots=True)
class Scan:
    """One index, read from `prefix`, the encoded values of its leading fields.

    `defined` is the index as the query needs it, `index` what is read: it always sorts names ascending, and is read
    backwards (`reverse`) where that is the other way round.
    """

    defined: ScanIndex
    index: ScanIndex
    prefix: bytes
    reverse: bool


@dataclass(frozen=True, slots=True)
class Branch:
    """One alternative of a query.

    With `scans`, what all of them hold alike behind their prefixes, within the `spans` (in the order of reading); with
    `lookup`, one document, which must match the whole query. `ranges` must be checked on every document, `depth` is
    how many segments its path must have (0: any number). `lead` are the values of the orders that come before those
    of the index; None if the parts lie elsewhere, so that sort keys must be made of the documents.
    """

    scans: tuple[Scan, ...] = ()
    spans: tuple[Interval, ...] = ()
    lookup: DocumentPath | None = None
    ranges: Mapping[FieldPath, tuple[Interval, ...]] | None = None
    depth: int = 0
    lead: bytes | None = b""


@dataclass(frozen=True, slots=True)
class Plan:
    """The branches are merged in the order of `orders`, each document once.

    `needs` is what the branches need of indexes, `missing` the part of it that is not defined.
    """

    query: Query
    orders: tuple[Order, ...]
    branches: tuple[Branch, ...]
    missing: tuple[Need, ...] = ()
    needs: tuple[Need, ...] = ()

    @property
    def indexes(self) -> tuple[ScanIndex, ...]:
        """The indexes that are used, as they are defined, each once."""
        return tuple(dict.fromkeys(scan.defined for branch in self.branches for scan in branch.scans))

    def __str__(self) -> str:
        lines = [line for branch in self.branches for line in _branch_lines(branch)] or ["nothing can match"]
        if len(self.branches) > 1:
            by = ", ".join(f"{format_field_path(each.field)} {_direction(each)}" for each in self.orders)
            lines = [f"merge {len(self.branches)} by {by}, each document once", *(f"  {line}" for line in lines)]
        lines += [f"missing: {need}" for need in self.missing]
        return "\n".join([*lines, *_last_steps(self.query)])


def _branch_lines(branch: Branch) -> list[str]:
    if branch.lookup is not None:
        return [f"read {'/'.join(branch.lookup)}"]
    lines = [f"scan {_scan_text(scan)}" for scan in branch.scans]
    if len(lines) > 1:
        lines = ["merge, what all of them have:", *(f"  {line}" for line in lines)]
    if not branch.spans:
        return ["nothing can match"]
    if branch.spans != (Interval(b"", None),):
        lines.append(f"  in {len(branch.spans)} range{'s' if len(branch.spans) > 1 else ''}")
    if branch.ranges:
        lines.append(f"  check {', '.join(map(format_field_path, branch.ranges))}")
    if branch.depth:
        lines.append("  check that the collection lies directly below the parent")
    return lines


def _scan_text(scan: Scan) -> str:
    return describe(scan.defined) + (", backwards" if scan.reverse else "")


def _last_steps(query: Query) -> list[str]:
    steps = []
    if query.nearest is not None:
        steps.append(f"sort by distance, keep {query.nearest.limit}")
    if query.offset:
        steps.append(f"skip {query.offset}")
    if query.limit is not None:
        steps.append(f"stop after {query.limit}")
    return steps


def _direction(order: Order) -> str:
    return (Mode.DESCENDING if order.descending else Mode.ASCENDING).value


def properties(index: ScanIndex) -> str:
    """The fields of an index as query explain writes them: `(x ASC, __name__ ASC)`."""
    short = {Mode.ASCENDING: "ASC", Mode.DESCENDING: "DESC", Mode.CONTAINS: "CONTAINS"}
    parts = [f"{format_field_path(each.path)} {short[each.mode]}" for each in index.fields]
    return f"({', '.join((*parts, f'{format_field_path(NAME)} {short[index.name]}'))})"
