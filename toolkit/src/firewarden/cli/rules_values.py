"""Values of documents and tokens on the command line: JSON, with words for what JSON lacks.

{"$time": "2026-05-01T10:00:00Z"}  {"$path": "users/ana"}  {"$geo": [52.5, 13.4]}  {"$bytes": "aGk="}
"""

from __future__ import annotations

import argparse
import binascii
import json
from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import Any

from firewarden.rules.environment import root
from firewarden.rules.recordings.wire import timestamp
from firewarden.values import LatLng, Path, Timestamp


def document(text: str) -> dict[str, Any]:
    """The fields of a document."""
    try:
        fields = json.loads(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no JSON: {error}") from error
    if not isinstance(fields, dict):
        raise argparse.ArgumentTypeError(f"{text!r} is no JSON object; the fields of a document are one")
    try:
        return {name: _value(each) for name, each in fields.items()}
    except (ValueError, TypeError, binascii.Error) as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def token(text: str) -> dict[str, Any]:
    """The claims of an ID token, which are plain JSON."""
    claims = document(text)
    if not isinstance(claims.get("sub", ""), str):
        raise argparse.ArgumentTypeError("the claim `sub` is the uid: a string")
    return claims


def moment(text: str) -> Timestamp:
    """A time in RFC 3339."""
    try:
        return timestamp(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _value(json_value: Any) -> Any:
    if isinstance(json_value, list):
        return [_value(each) for each in json_value]
    if not isinstance(json_value, dict):
        return json_value
    if len(json_value) == 1:
        ((name, content),) = json_value.items()
        if name in _WORDS:
            return _WORDS[name](content)
    return {name: _value(each) for name, each in json_value.items()}


_WORDS: Mapping[str, Callable[[Any], Any]] = {
    "$time": timestamp,
    "$path": lambda text: Path(root("(default)") + tuple(text.strip("/").split("/"))),
    "$geo": lambda pair: LatLng(float(pair[0]), float(pair[1])),
    "$bytes": lambda text: b64decode(text, validate=True),
}
