"""Plans: which indexes a query reads, and which parts of them. Reads nothing itself."""

from __future__ import annotations

import json
from collections.abc import Sequence

from firewarden.firestore.encoding import encode, inverted
from firewarden.firestore.query.available import Available
from firewarden.firestore.query.constraints import Constraints, constraints
from firewarden.firestore.query.intervals import (
    EVERYTHING,
    Interval,
    Position,
    all_flipped,
    behind,
    flipped,
    just,
    overlap,
)
from firewarden.firestore.query.model import NAME, Cursor, Order, Query
from firewarden.firestore.query.names_within import CollectionNames
from firewarden.firestore.query.needs import Need, need
from firewarden.firestore.query.normalize import alternatives, orders
from firewarden.firestore.query.plans import Branch, Plan, Scan
from firewarden.firestore.query.routes import Reading, Route, route_of
from firewarden.firestore.query.scanning import Mode
from firewarden.firestore.query.validate import check_order
from firewarden.firestore.status import Code, StatusError


class MissingIndex(StatusError):  # noqa: N818 - says what happened, as the family of FirewardenError does
    """A query that production refuses until indexes are defined; `needs` are these."""

    def __init__(self, needs: Sequence[Need]) -> None:
        entries = [(each.override() or each.definition()) for each in needs]
        kinds = {"fieldOverrides" if "fieldPath" in entry else "indexes" for entry in entries}
        text = "\n".join(json.dumps(entry) for entry in entries)
        super().__init__(
            Code.FAILED_PRECONDITION,
            f"The query requires an index. You can add it to {' and '.join(sorted(kinds))} in "
            f"firestore.indexes.json:\n{text}",
        )
        self.needs = tuple(needs)


def plan(query: Query, available: Available) -> Plan:
    """How to run a valid query. What is not defined is used as if it were; the plan says what that is."""
    check_order(query)
    by = orders(query)
    group = query.all_descendants or query.collection is None
    branches: list[Branch] = []
    routes: dict[Route, None] = {}
    for conjunction in alternatives(query.where):
        found = constraints(conjunction)
        if found is None:
            continue
        route = route_of(query.collection, group, found.fields, by, available)
        routes[route] = None
        branches.append(Branch(lookup=found.name) if found.name is not None else _branch(query, by, found, route))
    missing = tuple(each.need for each in routes if not each.is_defined)
    return Plan(query, by, tuple(branches), missing=missing, needs=tuple(each.need for each in routes))


def needs(query: Query) -> tuple[Need, ...]:
    """What each alternative of a query needs, as if nothing were there; those that can match nothing need nothing."""
    by = orders(query)
    group = query.all_descendants or query.collection is None
    found = (constraints(each) for each in alternatives(query.where))
    wanted = (need(query.collection, each.fields, by, group=group) for each in found if each is not None)
    return tuple(dict.fromkeys(wanted))


def _branch(query: Query, by: tuple[Order, ...], found: Constraints, route: Route) -> Branch:
    names = CollectionNames(query.parent, query.collection, is_group=route.need.group)
    ranges = dict(found.ranges)
    if found.names is not EVERYTHING:
        ranges[NAME] = found.names
    first = route.first
    spans = _read_intervals(first, ranges.pop(first.field, EVERYTHING), names) if found.names else ()
    if query.parent and first.field == NAME and names.is_group:
        spans = overlap(spans, _read_intervals(first, names.below_parent, names))
    if query.start is not None or query.end is not None:
        spans = overlap(spans, _window(query, by, found, names))
    only_children = query.collection is None and not query.all_descendants
    return Branch(
        scans=tuple(Scan(each.defined, each.index, _prefix(each, found), each.reverse) for each in route.readings),
        spans=spans,
        ranges=ranges or None,
        depth=len(query.parent) + 2 if only_children else 0,
        lead=None if route.lead is None else b"".join(_directed(found.equal[each.field], each) for each in route.lead),
    )


def _prefix(reading: Reading, found: Constraints) -> bytes:
    """The values that an index begins with."""
    contains = dict(found.contains)
    return b"".join(
        contains[field.path] if field.mode is Mode.CONTAINS else found.equal[field.path] for field in reading.head
    )


def _read_intervals(order: Order, intervals: tuple[Interval, ...], names: CollectionNames) -> tuple[Interval, ...]:
    """Intervals of values as the index has them, in the order of reading."""
    if intervals is EVERYTHING:
        return EVERYTHING
    if order.field == NAME:
        intervals = names.intervals(intervals)
    return all_flipped(intervals) if order.descending else intervals


def _window(query: Query, by: tuple[Order, ...], found: Constraints, names: CollectionNames) -> tuple[Interval, ...]:
    """What lies between the cursors, behind the prefix of an index; nothing if the start is behind everything."""
    low = b"" if query.start is None else _position(query.start, by, found, names)
    high = None if query.end is None else _position(query.end, by, found, names)
    return () if low is None or (high is not None and high <= low) else (Interval(low, high),)


def _position(cursor: Cursor, by: tuple[Order, ...], found: Constraints, names: CollectionNames) -> Position:
    """Where a cursor stands among what an index holds behind its prefix, in the order of reading."""
    read = b""
    for value, order in zip(cursor.values, by, strict=False):
        if order.field == NAME:
            return _behind_read(read, _name_position(value.segments, order, names, before=cursor.before))
        part = _directed(encode(value), order)
        fixed = found.equal.get(order.field)
        if fixed is None:
            read += part
        elif part != _directed(fixed, order):
            return read if part < _directed(fixed, order) else behind(read)
    return read if cursor.before else behind(read)


def _name_position(path: tuple[str, ...], order: Order, names: CollectionNames, *, before: bool) -> Position:
    at = just(names.encoded(path))
    if order.descending:
        return flipped(names.position(at.high if before else at.low))
    return names.position(at.low if before else at.high)


def _behind_read(read: bytes, position: Position) -> Position:
    return behind(read) if position is None else read + position


def _directed(encoded: bytes, order: Order) -> bytes:
    return inverted(encoded) if order.descending else encoded
