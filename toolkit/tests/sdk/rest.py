"""Plain HTTP requests in scenes, asked of two servers, and what is left of an answer that may be compared."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

OWNER: Mapping[str, str] = {"Authorization": "Bearer owner"}
_TIMES = frozenset({"createTime", "updateTime", "readTime", "commitTime"})
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_NEW_ID = re.compile(r"(?<=/)[A-Za-z0-9]{20}$")
_HEADERS = ("content-type", "access-control-")
# We say to every browser what the emulator says only to listeners: which headers may be read.
_MORE = "access-control-expose-headers"


@dataclass(frozen=True, slots=True)
class Step:
    """One request; the target is below `/v1/<database>/documents`, or the whole of it if it begins with `/`.

    `$D` stands for the database, `$TXN` and `$TOKEN` for the last transaction and page token that were answered,
    `$TIME` for the last time that something was written. `differs` says why the two servers answer differently.
    """

    verb: str
    target: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=lambda: OWNER)
    differs: str = ""


def play(http: httpx.Client, project: str, steps: list[Step]) -> Iterator[Any]:
    """The answers, one after the other, each as what may be compared."""
    known = {"$D": f"projects/{project}/databases/(default)", "$TXN": "", "$TOKEN": "", "$TIME": ""}
    for step in steps:
        target = _filled(step.target, known)
        url = target if target.startswith("/") else f"/v1/{known['$D']}/documents{target and '/'}{target}"
        url = url.replace("documents/:", "documents:").replace("documents/?", "documents?")
        body = step.body if isinstance(step.body, str) or step.body is None else json.dumps(step.body)
        content = None if body is None else _filled(body, known).encode()
        response = http.request(step.verb, url, content=content, headers=dict(step.headers))
        yield comparable(response)
        _learn(known, response)


def comparable(response: httpx.Response) -> dict[str, Any]:
    """Status, headers that clients read, and the body without what no two servers answer alike."""
    headers = response.headers.items()
    shown = {name: value for name, value in headers if name.startswith(_HEADERS) and name != _MORE}
    try:
        body = response.json()
    except ValueError:
        body = response.text
    return {"status": response.status_code, "headers": shown, "body": _normal(body)}


def _normal(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _normal(each, key) for key, each in value.items()}
    if isinstance(value, list):
        return [_normal(each) for each in value]
    if name in ("transaction", "nextPageToken"):
        return name
    if name in _TIMES:
        return "time" if _MOMENT.fullmatch(value) else value
    if name == "name" and isinstance(value, str):
        return _NEW_ID.sub("new", value)
    return value


def _filled(text: str, known: Mapping[str, str]) -> str:
    for name, value in known.items():
        text = text.replace(name, value)
    return text


def _learn(known: dict[str, str], response: httpx.Response) -> None:
    try:
        body = response.json()
    except ValueError:
        return
    for each in body if isinstance(body, list) else [body]:
        for name, key in (("$TXN", "transaction"), ("$TOKEN", "nextPageToken"), ("$TIME", "commitTime")):
            if isinstance(each, dict) and key in each:
                known[name] = each[key]
