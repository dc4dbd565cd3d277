"""Which indexes serve an alternative, whatever values it compares with: found once for all queries of its kind."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from firewarden.firestore.query.available import Available
from firewarden.firestore.query.constraints import FixedFields
from firewarden.firestore.query.model import Order
from firewarden.firestore.query.needs import Need, need, serving
from firewarden.firestore.query.scanning import IndexedField, Mode, ScanIndex

_REMEMBERED = 2_048


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """An index as it is defined and as it is read: names ascend in all that is stored, so it may go backwards.

    `head` are the fields that have one value each.
    """

    defined: ScanIndex
    index: ScanIndex
    head: tuple[IndexedField, ...]
    reverse: bool


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """`first` is the order that the indexes sort by first; `lead` are the orders before it, all of one value.

    `lead` is None if there are such orders behind it too.
    """

    need: Need
    is_defined: bool
    readings: tuple[Reading, ...]
    first: Order
    lead: tuple[Order, ...] | None


@lru_cache(maxsize=_REMEMBERED)
def route_of(
    collection: str | None,
    group: bool,  # noqa: FBT001 - part of a key
    fixed: FixedFields,
    by: tuple[Order, ...],
    available: Available,
) -> Route:
    """The route for alternatives that fix these fields; what is available does not change while it is used."""
    wanted = need(collection, fixed, by, group=group)
    found = serving(wanted, available)
    indexes = (wanted.index,) if found is None else found
    count = next(number for number, each in enumerate(by) if each.field not in fixed.equal)
    is_mixed = any(each.field in fixed.equal for each in by[count:])
    return Route(
        need=wanted,
        is_defined=found is not None,
        readings=tuple(_reading(each, len(each.fields) - len(wanted.sort)) for each in indexes),
        first=by[count],
        lead=None if is_mixed else by[:count],
    )


def _reading(index: ScanIndex, head: int) -> Reading:
    """An index is read backwards where names descend: the directions of what sorts are turned round."""
    reverse = index.name is Mode.DESCENDING
    fields = [field if field.mode is Mode.CONTAINS else IndexedField(field.path) for field in index.fields[:head]]
    fields += [_turned(field) if reverse else field for field in index.fields[head:]]
    read = ScanIndex(index.collection, index.group, tuple(fields))
    return Reading(index, read, index.fields[:head], reverse)


def _turned(field: IndexedField) -> IndexedField:
    return IndexedField(field.path, Mode.ASCENDING if field.mode is Mode.DESCENDING else Mode.DESCENDING)
