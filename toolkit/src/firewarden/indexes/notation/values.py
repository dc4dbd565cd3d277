"""Firestore values that YAML has no word for, as frozen values, and the tags that write them.

Not the client library's values: whoever runs a file turns these into what his engine takes.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_NOW = re.compile(r"now((?:[+-](?:\d+[wdhms])+)*)")


@dataclass(frozen=True, slots=True)
class Now:
    """The time at which the file is run, moved by `offset`."""

    offset: timedelta


@dataclass(frozen=True, slots=True)
class ServerTime:
    """The server's time of the write (``request.time`` in rules)."""


@dataclass(frozen=True, slots=True)
class DeleteField:
    """Removes the field; only an update or a merge can."""


@dataclass(frozen=True, slots=True)
class Increment:
    """Adds to the number that is stored."""

    amount: int | float


@dataclass(frozen=True, slots=True)
class ArrayUnion:
    """Adds the values that the stored list lacks."""

    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class ArrayRemove:
    """Removes every one of the values from the stored list."""

    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference to the document at `path`, relative to the database."""

    path: str


@dataclass(frozen=True, slots=True)
class GeoPoint:
    """A place on earth in degrees."""

    latitude: float
    longitude: float


def at(value: Any, now: datetime) -> Any:
    """The same value with every `Now` in it replaced by a time."""
    match value:
        case Now(offset):
            return now + offset
        case Mapping():
            return {key: at(each, now) for key, each in value.items()}
        case list():
            return [at(each, now) for each in value]
        case ArrayUnion(values) | ArrayRemove(values):
            return type(value)(tuple(at(each, now) for each in values))
        case _:
            return value


def tagged(tag: str, content: Any) -> Any:
    """The value that ``!tag content`` writes; raises ValueError saying what is wrong."""
    if tag not in _TAGS:
        raise ValueError(f"unknown tag {tag}; there are {', '.join(_TAGS)}")
    return _TAGS[tag](content)


def _time(content: Any) -> Now | datetime:
    text = _text(content, "!time now+1h30m")
    if match := _NOW.fullmatch(text):
        return Now(_offset(match.group(1)))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"!time takes now, now+1h30m, now-2d or 2026-05-01T10:00:00Z, not {text!r}") from None
    if moment.tzinfo is None:
        raise ValueError(f"!time {text} lacks a zone; add Z for UTC")
    return moment


def _offset(text: str) -> timedelta:
    total = timedelta()
    for sign, group in re.findall(r"([+-])((?:\d+[wdhms])+)", text):
        amounts = {_UNITS[unit]: int(number) for number, unit in re.findall(r"(\d+)([wdhms])", group)}
        total += timedelta(**amounts) if sign == "+" else -timedelta(**amounts)
    return total


def _increment(content: Any) -> Increment:
    text = _text(content, "!increment 1")
    for number in (int, float):
        try:
            return Increment(number(text))
        except ValueError:
            continue
    raise ValueError(f"!increment takes a number, not {text!r}")


def _reference(content: Any) -> Reference:
    path = _text(content, "!ref users/ana")
    if problem := document_path_problem(path):
        raise ValueError(f"!ref {path}: {problem}")
    return Reference(path)


def _bytes(content: Any) -> bytes:
    try:
        return base64.b64decode(_text(content, "!bytes aGk="), validate=True)
    except binascii.Error as error:
        raise ValueError(f"!bytes takes base64: {error}") from None


def _geo_point(content: Any) -> GeoPoint:
    match content:
        case [int() | float() as latitude, int() | float() as longitude]:
            return GeoPoint(float(latitude), float(longitude))
        case _:
            raise ValueError(f"!geo takes [latitude, longitude], not {content!r}")


def _listed(build: Callable[[tuple[Any, ...]], Any], tag: str) -> Callable[[Any], Any]:
    def value(content: Any) -> Any:
        match content:
            case list():
                return build(tuple(content))
            case _:
                raise ValueError(f"{tag} takes a list, not {content!r}")

    return value


def _bare(build: Callable[[], Any], tag: str) -> Callable[[Any], Any]:
    def value(content: Any) -> Any:
        if content not in ("", None):
            raise ValueError(f"{tag} stands alone; remove {content!r}")
        return build()

    return value


def _text(content: Any, example: str) -> str:
    if not isinstance(content, str) or not content:
        raise ValueError(f"{example.partition(' ')[0]} takes one word, as in {example}")
    return content


_TAGS: dict[str, Callable[[Any], Any]] = {
    "!time": _time,
    "!server_time": _bare(ServerTime, "!server_time"),
    "!increment": _increment,
    "!array_union": _listed(ArrayUnion, "!array_union"),
    "!array_remove": _listed(ArrayRemove, "!array_remove"),
    "!delete_field": _bare(DeleteField, "!delete_field"),
    "!ref": _reference,
    "!bytes": _bytes,
    "!geo": _geo_point,
}


def document_path_problem(path: object) -> str:
    """A document path has an even number of segments, none empty; what is wrong, or nothing."""
    return _path_problem(path, even=True, what="document", example="events/e1")


def collection_path_problem(path: object) -> str:
    """A collection path has an odd number of segments, none empty; what is wrong, or nothing."""
    return _path_problem(path, even=False, what="collection", example="events or events/e1/rsvps")


def _path_problem(path: object, *, even: bool, what: str, example: str) -> str:
    segments = path.split("/") if isinstance(path, str) else [""]
    if "" in segments or (len(segments) % 2 == 0) != even:
        return f"{path!r} is not a {what} path such as {example}"
    return ""
