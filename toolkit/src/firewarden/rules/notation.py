"""Values as a person reads them, close to how the rules language writes them.

    null  true  3  1.5  'text'  b'\\x00'  [1, 2]  {'a': 1}  timestamp '2026-05-01T10:00:00Z'  duration '300s'
    path /users/ana  latlng (52.5, 13.4)  set ['a', 'b']  map_diff {added: ['a']}  vector [1.0, 2.0]

Not meant to be read back; recordings have their typed JSON for that.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import NoneType
from typing import Any

from firewarden.language import print_expression
from firewarden.language.ast import Bytes, Span, String
from firewarden.rules.constraint import CONTAINS, PRESENT, Constraint
from firewarden.rules.kinds import Duration, MapDiff, RuleSet, Value
from firewarden.rules.outcomes import EvalError
from firewarden.values import NANOS_PER_SECOND, LatLng, Path, Timestamp, Vector

_NOWHERE = Span(0, 0, 1, 1)


def written(value: Value, *, longest: int | None = None) -> str:
    """The value on one line; with `longest` it is cut in the middle to about that many characters."""
    text = _WRITE[type(value)](value)
    if longest is None or len(text) <= longest:
        return text
    half = max(1, (longest - 3) // 2)
    return f"{text[:half]} … {text[-half:]}"


def error_text(error: EvalError) -> str:
    """The official words of an error, or what is said of what cannot be known."""
    return "unknown" if error.text is None else error.text.rstrip(".")


def _string(value: str) -> str:
    return print_expression(String(value, "", _NOWHERE))


def _bytes(value: bytes) -> str:
    return print_expression(Bytes(value, "", _NOWHERE))


def _float(value: float) -> str:
    if math.isfinite(value):
        return repr(value)
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _duration(value: Duration) -> str:
    seconds, nanos = divmod(abs(value.nanos), NANOS_PER_SECOND)
    fraction = f".{nanos:09d}".rstrip("0") if nanos else ""
    return f"duration '{'-' * (value.nanos < 0)}{seconds}{fraction}s'"


def _diff(value: MapDiff) -> str:
    parts = [f"{name}: {_list(getattr(value, name))}" for name in ("added", "removed", "changed")]
    return f"map_diff {{{', '.join(parts)}}}"


def _constraint(value: Constraint) -> str:
    promises = []
    for each in value.promises:
        if each.operator == PRESENT:
            promises.append("present")
        else:
            promises.append(f"{'contains' if each.operator == CONTAINS else each.operator} {written(each.value)}")
    return f"anything {' and '.join(promises)}"


def _list(values: Any) -> str:
    return f"[{', '.join(map(written, values))}]"


def _map(value: Mapping[str, Any]) -> str:
    return "{" + ", ".join(f"{_string(key)}: {written(each)}" for key, each in value.items()) + "}"


_WRITE: Mapping[type, Callable[[Any], str]] = {
    NoneType: lambda _: "null",
    bool: lambda value: "true" if value else "false",
    int: str,
    float: _float,
    str: _string,
    bytes: _bytes,
    list: _list,
    dict: _map,
    RuleSet: lambda value: f"set {_list(value.elements.values())}",
    MapDiff: _diff,
    Timestamp: lambda value: f"timestamp '{value}'",
    Duration: _duration,
    LatLng: lambda value: f"latlng ({value.latitude!r}, {value.longitude!r})",
    Path: lambda value: f"path {value}",
    Vector: lambda value: f"vector {list(value.values)!r}",
    Constraint: _constraint,
    EvalError: error_text,
}
