"""What the emulator says expressions came to, as recordings write it.

Its coverage report has every value of every expression since the rules were put; literals have none.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Error:
    """An error and where it arose, in lines of the whole source."""

    message: str | None
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Typed:
    """A value in typed JSON, such as `{"int": "1"}`."""

    json: Json


def outcomes_by_line(report: Sequence[Json]) -> dict[int, list[Error | Typed]]:
    """The outcomes of the conditions and function bodies that begin in each line, in both passes."""
    found: dict[int, list[Error | Typed]] = {}
    for node in report:
        found.setdefault(node["sourcePosition"]["line"], []).extend(_outcomes(node))
    return found


def typed(json: Json) -> Json:
    """A value of the report in the typed JSON of recordings."""
    ((kind, content),) = json.items()
    return _TYPED[kind](content)


def _outcomes(node: Json) -> Iterator[Error | Typed]:
    for each in node.get("values", ()):
        value = each["value"]
        if "undefined" not in value:
            yield Typed(typed(value))
        elif value["undefined"]:
            position = value["undefined"].get("sourcePosition", {})
            message = value["undefined"].get("causeMessage")
            yield Error(message, position.get("line", 0), position.get("column", 0))


def _float(content: Any) -> Json:
    return {"float": content if isinstance(content, str) else repr(float(content))}


def _list(content: Json) -> list[Json]:
    return [typed(each) for each in content.get("values", ())]


def _path(content: Json) -> Json:
    segments = content.get("segments", [])
    if any(_is_unbound(each) for each in segments):
        return {"path_segments": [dict(each) for each in segments]}
    names = [name for each in segments for name in _names(each)]
    path: dict[str, Any] = {"path": "".join(f"/{each}" for each in names)}
    if any("/" in each or not each for each in names):
        path["segments"] = names
    return path


def _is_unbound(segment: Json) -> bool:
    return "simple" not in segment and "boundValue" not in next(iter(segment.values()))


def _names(segment: Json) -> Iterator[str]:
    if "simple" in segment:
        yield segment["simple"]
    elif "capture" in segment:
        yield segment["capture"]["boundValue"]
    else:
        for each in segment["globCapture"]["boundValue"].get("segments", ()):
            yield from _names(each)


_TYPED: Mapping[str, Callable[[Any], Json]] = MappingProxyType(
    {
        "nullValue": lambda _: {"null": None},
        "boolValue": lambda content: {"bool": content},
        "intValue": lambda content: {"int": content},
        "floatValue": _float,
        "stringValue": lambda content: {"string": content},
        "bytesValue": lambda content: {"bytes": b64decode(content).hex()},
        "timestampValue": lambda content: {"timestamp": content},
        "durationValue": lambda content: {"duration": content},
        "latlngValue": lambda content: {
            "latlng": [repr(float(content.get(each, 0))) for each in ("latitude", "longitude")]
        },
        "listValue": lambda content: {"list": _list(content)},
        "setValue": lambda content: {"set": _list(content)},
        "mapValue": lambda content: {"map": {key: typed(each) for key, each in content.get("fields", {}).items()}},
        "mapDiffValue": lambda content: {"mapdiff": content.get("keyStatuses", {})},
        "pathValue": _path,
        # Only queries have constraints; what they hold is judged by the decisions it leads to.
        "constraintValue": lambda content: {"constraint": content},
        "vectorValue": lambda content: {
            "vector": [_float(each["floatValue"])["float"] for each in content.get("values", ())]
        },
    }
)
