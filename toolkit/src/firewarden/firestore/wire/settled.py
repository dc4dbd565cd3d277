"""Which serialised fields are right for certain, and lie there as we would write them: told from all bytes at once.

A value that may be wrong, or could be written in another way, leaves a trace: its tag, with what stands before and
after. Where there is no trace, no value has to be looked at. One that is there by chance, in a text, costs time only.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Final

from firewarden.limits import DEPTH, FIELD_PATH_BYTES

_BYTES_MAX: Final = 1 << 14
"""Of shorter documents, all that they hold has a length of at most two bytes, and is within every limit of a value."""
_SHORT_NAME: Final = 127
"""So many bytes has a name whose length is one byte."""
_NESTED_MAX: Final = min(DEPTH, FIELD_PATH_BYTES // _SHORT_NAME) - 1
"""So many maps and arrays may lie in each other, with short names: they neither lie too deep, nor are too long."""
_LONG_NAME: Final = re.compile(rb"(?<=[\x80-\xff][\x01-\x7f])\x0a[\x80-\xff][\x01-\x7f]", re.DOTALL)

_TRACES: Final = tuple(
    re.compile(trace, re.DOTALL)
    for trace in (
        rb"\x12\x00",  # a value of no type
        rb"\x0a\x00",  # the same in an array; an empty name
        rb"__",  # a reserved name, a vector
        rb"B(?<=[\x0a\x12][\x02-\x14]B)(?=[\x00-\x12])",  # a point
        rb"\*(?:(?<=[\x0a\x12].\*)|(?<=[\x0a\x12][\x80-\xff].\*))",  # a reference
        rb"J(?=\x00|.?.\x0a)(?:(?<=\x0a.J)|(?<=\x0a[\x80-\xff].J))",  # an array in an array
        rb"X(?!\x00)(?<=[\x0a\x12].X)",  # null by another number
        rb"\x09\x19(?=.{6}[\xf0-\xff][\x7f\xff])",  # infinity and NaN: all bits of the exponent are set
        *(rb"\x9a\x01", rb"\xa2\x01", rb"\xaa\x01", rb"\xb2\x01"),  # what only pipelines have
    )
)
"""With what they need before and behind; none of them reaches into the next, so that none hides another."""
_MAYBE_MOMENTS: Final = re.compile(
    rb"R(?<=[\x0a\x12][\x02-\x18]R)(?!\x06\x08[\x80-\xff]{4}[\x00-\x7f])(?=[\x00-\x16])", re.DOTALL
)
"""Moments, but for those in whole seconds between 1978 and 3058: their number has five bytes."""
_MOMENT: Final = re.compile(rb"(?:\x08[\x80-\xff]{0,4}[\x00-\x7f])?(?:\x10([\x80-\xff]{0,4}[\x00-\x7f]))?", re.DOTALL)
_MAPS: Final = re.compile(rb"2(?=\x00|.?.\x0a)", re.DOTALL)
_ARRAYS: Final = re.compile(rb"J(?=\x00|.?.\x0a)", re.DOTALL)
_NANOS_MAX, _MICROSECOND = 999_999_999, 1_000


def is_settled(data: bytes) -> bool:
    """Whether a serialised `Document` that has nothing but fields, none of them unknown, needs no further look."""
    if not _is_within_limits(data):
        return False
    for trace in _TRACES:
        if trace.search(data):
            return False
    return not _odd_moments(data)


def are_settled(documents: Sequence[bytes]) -> list[bool]:
    """The same of several: to search all of them together costs hardly more than to search one."""
    found = [_is_within_limits(each) for each in documents]
    searched = documents if all(found) else [each if found[at] else b"" for at, each in enumerate(documents)]
    data = b"".join(searched)
    traces = [each.start() for trace in _TRACES for each in trace.finditer(data)]
    traces += _odd_moments(data)
    if traces:
        ends = list(accumulate(map(len, searched)))
        for at in traces:
            found[bisect_right(ends, at)] = False
    return found


def is_moment(content: bytes) -> bool:
    """Whether a serialised `Timestamp` is one for certain, in microseconds."""
    parts = _MOMENT.fullmatch(content)
    if parts is None:
        return False
    nanos = 0
    for byte in reversed(parts[1] or b""):
        nanos = nanos << 7 | byte & 127
    return nanos <= _NANOS_MAX and not nanos % _MICROSECOND


def _is_within_limits(data: bytes) -> bool:
    size = len(data)
    if size >= _BYTES_MAX or (size > FIELD_PATH_BYTES and _LONG_NAME.search(data)):
        return False
    if data.count(b"2") + data.count(b"J") <= _NESTED_MAX:  # the tags of maps and arrays
        return True
    return len(_MAPS.findall(data)) + len(_ARRAYS.findall(data)) <= _NESTED_MAX


def _odd_moments(data: bytes) -> list[int]:
    """Where there is one that is not right for certain."""
    odd = []
    for found in _MAYBE_MOMENTS.finditer(data):
        at = found.end() + 1
        if not is_moment(data[at : at + data[at - 1]]):
            odd.append(found.start())
    return odd
