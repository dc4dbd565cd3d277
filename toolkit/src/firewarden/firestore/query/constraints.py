"""One alternative of a query, field by field: what is fixed, what lies in intervals, what an array must hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from firewarden.firestore.documents import DocumentPath, Fields
from firewarden.firestore.encoding import encode, encode_path
from firewarden.firestore.field_paths import MISSING, FieldPath, get_field
from firewarden.firestore.query.comparing import allowed, is_void
from firewarden.firestore.query.intervals import EVERYTHING, Interval, overlap
from firewarden.firestore.query.model import NAME, Operator
from firewarden.firestore.query.normalize import INEQUALITIES, Conjunction

_FIXING = frozenset({Operator.EQUAL, Operator.IS_NULL, Operator.IS_NAN})


class FixedFields(NamedTuple):
    """The fields of which one value is asked, and those in whose arrays one must be."""

    equal: frozenset[FieldPath]
    contains: frozenset[FieldPath]


@dataclass(frozen=True, slots=True)
class Constraints:
    """`equal` and `contains` hold encoded values, `ranges` intervals of them; a field is in one of them.

    A field that an array must hold values of may be in `equal` or `ranges` too. `names` are the encoded paths allowed
    (none of them if an array must hold null), `name` the one path if only one is.
    """

    equal: Mapping[FieldPath, bytes]
    contains: tuple[tuple[FieldPath, bytes], ...]
    ranges: Mapping[FieldPath, tuple[Interval, ...]]
    names: tuple[Interval, ...] = EVERYTHING
    name: DocumentPath | None = None

    @property
    def fields(self) -> FixedFields:
        """What is fixed, without the values."""
        return FixedFields(frozenset(self.equal), frozenset(field for field, _ in self.contains))


def constraints(conjunction: Conjunction) -> Constraints | None:
    """The filters of an alternative taken together; None if they contradict each other."""
    if not conjunction:
        return _FREE
    ranges: dict[FieldPath, tuple[Interval, ...]] = {}
    for each in conjunction:
        ranges[each.field] = overlap(ranges.get(each.field, EVERYTHING), allowed(each))
    if not all(ranges.values()):
        return None
    # What is also compared otherwise sorts the result, so the emulator does not take it for fixed.
    compared = {each.field for each in conjunction if each.operator in INEQUALITIES}
    fixed = {each.field: each for each in conjunction if each.operator in _FIXING and each.field not in compared}
    name = fixed.pop(NAME, None)
    names = ranges.pop(NAME, EVERYTHING)
    contains = [each for each in conjunction if each.operator is Operator.ARRAY_CONTAINS]
    free = ranges.keys() - fixed.keys() - ({each.field for each in contains} - compared)
    return Constraints(
        equal={field: ranges[field][0].low for field in fixed},
        contains=tuple((each.field, encode(each.value)) for each in contains),
        ranges={field: ranges[field] for field in free},
        names=() if any(map(is_void, conjunction)) else names,
        name=None if name is None else name.value.segments,
    )


def pass_ranges(ranges: Mapping[FieldPath, tuple[Interval, ...]], path: DocumentPath, fields: Fields) -> bool:
    """Whether the document's values lie in the intervals; `ranges` may hold `__name__`."""
    for field, intervals in ranges.items():
        if field == NAME:
            encoded = encode_path(path)
        else:
            value = get_field(fields, field)
            if value is MISSING:
                return False
            encoded = encode(value)
        if not any(each.holds(encoded) for each in intervals):
            return False
    return True


_FREE = Constraints({}, (), {})
