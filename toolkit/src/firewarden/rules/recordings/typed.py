"""Values in the typed JSON of recordings, such as `{"int": "1"}`, and comparing them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from types import NoneType
from typing import Any

from firewarden.rules.kinds import Duration, MapDiff, RuleSet, Value
from firewarden.values import NANOS_PER_SECOND, Capture, LatLng, Path, Timestamp, Vector

_SURROGATE = re.compile("[\ud800-\udfff]")


def encoded(value: Value) -> dict[str, Any]:
    """The value as a recording has it."""
    return _ENCODE[type(value)](value)


def same(one: Any, other: Any) -> bool:
    """Whether two typed values are equal; sets have no order."""
    return bool(_canonical(one) == _canonical(other))


def _canonical(typed: Any) -> Any:
    if isinstance(typed, dict):
        if "set" in typed:
            members = (json.dumps(_canonical(each), sort_keys=True) for each in typed["set"])
            return {"set": sorted(members)}
        return {key: _canonical(each) for key, each in typed.items()}
    return [_canonical(each) for each in typed] if isinstance(typed, list) else typed


def _float(value: float) -> dict[str, Any]:
    if math.isfinite(value):
        return {"float": repr(value)}
    return {"float": "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"}


def _duration(value: Duration) -> dict[str, Any]:
    seconds, nanos = divmod(abs(value.nanos), NANOS_PER_SECOND)
    digits = f"{nanos:09d}"
    kept = 0 if not nanos else 3 if digits.endswith("000000") else 6 if digits.endswith("000") else 9
    return {"duration": "-" * (value.nanos < 0) + str(seconds) + "." * bool(kept) + digits[:kept] + "s"}


def _path(value: Path) -> dict[str, Any]:
    if value.unbound is not None:
        return {"path_segments": list(map(_segment, value.segments))}
    segments = [_printed(str(each)) for each in value.segments]
    typed: dict[str, Any] = {"path": "".join(f"/{each}" for each in segments)}
    if any("/" in each or not each for each in segments):
        typed["segments"] = segments
    return typed


def _printed(text: str) -> str:
    """A lone surrogate is printed as a question mark."""
    return _SURROGATE.sub("?", text)


def _segment(segment: str | Capture) -> dict[str, Any]:
    if isinstance(segment, str):
        return {"simple": segment}
    return {"globCapture" if segment.glob else "capture": {"variableName": segment.name}}


_ENCODE: Mapping[type, Callable[[Any], dict[str, Any]]] = {
    NoneType: lambda _: {"null": None},
    bool: lambda value: {"bool": value},
    int: lambda value: {"int": str(value)},
    float: _float,
    str: lambda value: {"string": _printed(value)},
    bytes: lambda value: {"bytes": value.hex()},
    list: lambda value: {"list": list(map(encoded, value))},
    dict: lambda value: {"map": {_printed(key): encoded(each) for key, each in value.items()}},
    RuleSet: lambda value: {"set": list(map(encoded, value.elements.values()))},
    MapDiff: lambda value: {"mapdiff": {key: state.upper() for key, state in value.states()}},
    Timestamp: lambda value: {"timestamp": str(value)},
    Duration: _duration,
    LatLng: lambda value: {"latlng": [repr(value.latitude), repr(value.longitude)]},
    Path: _path,
    Vector: lambda value: {"vector": [repr(each) for each in value.values]},
}
