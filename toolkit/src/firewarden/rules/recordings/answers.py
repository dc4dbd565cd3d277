"""A server's answer to a recorded request, compared with the recorded answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from firewarden.rules.recordings.decisions import compared_messages
from firewarden.rules.recordings.discrepancy import Discrepancy, Record
from firewarden.rules.recordings.sending import DATABASE

Documents = Mapping[str, Mapping[str, Any]]
"""Stored fields in the JSON of REST, by path."""

_STATUS_NAMES = {404: "NOT_FOUND", 409: "ALREADY_EXISTS"}
_UNTOLD = frozenset({"createTime", "updateTime", "readTime", "commitTime", "transaction", "nextPageToken"})
"""What no two servers answer alike."""
_NOW = "$NOW"
_OPEN = re.compile(r"\\\$[A-Z]+")
"""A part of a text that recordings leave open, such as `$ID`, with its `$` escaped."""
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_VERSION = re.compile(r"(?<=the stored version \()(\$VERSION|\d+)(?=\))")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the HTTP status and the decoded body."""

    http_status: int
    body: Any = None

    @property
    def is_ok(self) -> bool:
        """Whether the request was done."""
        return self.http_status == HTTPStatus.OK

    @property
    def error(self) -> Mapping[str, Any]:
        """The error's code, status and message; a stream tells it in a list."""
        body = self.body[0] if isinstance(self.body, list) and self.body else self.body
        error: Mapping[str, Any] = body.get("error", {}) if isinstance(body, dict) else {}
        return error

    @property
    def message(self) -> str | None:
        """The error's text."""
        return self.error.get("message") or None

    def told(self) -> dict[str, Any]:
        """How it ended: allowed, denied, or an error that is not the rules' own."""
        status = "OK" if self.is_ok else self.error.get("status") or _STATUS_NAMES.get(self.http_status, "UNKNOWN")
        outcome = "allow" if self.is_ok else "deny" if status == "PERMISSION_DENIED" else "error"
        return {"outcome": outcome, "http_status": self.http_status, "grpc_status": status}


def compared_rules(record: Record, answer: Answer) -> Discrepancy | None:
    """Whether a source is accepted or refused as recorded, for the recorded reason and with the recorded warnings."""
    if answer.is_ok != record["accepted"]:
        accepted, refused = "accepted", "refused"
        return Discrepancy("outcome", *((refused, accepted) if answer.is_ok else (accepted, refused)))
    if not answer.is_ok:
        return None if answer.message == record["error"] else Discrepancy("message", record["error"], answer.message)
    recorded = record.get("issues") or ()
    is_bare = any(isinstance(each, str) for each in recorded)
    issues = answer.body.get("issues", ())
    got = sorted(each["description"] if is_bare else _located(each, each.get("sourcePosition", {})) for each in issues)
    expected = sorted(each if isinstance(each, str) else _located(each, each) for each in recorded)
    return None if expected == got else Discrepancy("message", expected, got)


def compared_program(record: Record, answer: Answer) -> Discrepancy | None:
    """Whether the one document of a program may be read, and what is said if not."""
    allowed = answer.told()["outcome"] != "deny"
    if allowed != record["allow"] or answer.http_status != record.get("http", answer.http_status):
        expected = {"allow": record["allow"], "http": record.get("http"), "message": record["message"]}
        return Discrepancy("outcome", expected, {**answer.told(), "message": answer.message})
    return None if allowed else compared_messages(record["message"], answer.message)


def compared_request(record: Record, answer: Answer, before: Documents, after: Documents) -> Discrepancy | None:
    """Whether a request ends as recorded, and returns and leaves behind what is recorded.

    `before` and `after` are all documents; they are compared only if the record says what has changed.
    """
    told = answer.told()
    expected = {key: record[key] for key in told}
    if told != expected:
        message = {"message": record["message"]}
        return Discrepancy("outcome", {**expected, **message}, {**told, "message": answer.message})
    for key, got in _values(record, answer, before, after):
        if not is_same_value(record[key], got):
            return Discrepancy("value", {key: record[key]}, {key: got})
    return compared_messages(_version_free(record["message"]), _version_free(answer.message))


def _values(record: Record, answer: Answer, before: Documents, after: Documents) -> Iterator[tuple[str, Any]]:
    """What the answer has of that which is recorded."""
    if "returned" in record:
        yield "returned", [_path(each) for each in _returned(answer.body)]
    if "response" in record:
        yield "response", answer.body
    if "error_body" in record:
        yield "error_body", answer.body
    if "changed" in record:
        paths = sorted({*before, *after})
        yield "changed", {path: after.get(path) for path in paths if before.get(path) != after.get(path)}


def documents_of(answer: Answer) -> Documents:
    """The documents that a query has found, by path."""
    return {_path(each): each.get("fields", {}) for each in _returned(answer.body)}


def _returned(body: Any) -> Iterable[Mapping[str, Any]]:
    if isinstance(body, dict):
        listed: Iterable[Mapping[str, Any]] = [body] if "name" in body else body.get("documents", ())
        return listed
    documents = (each.get("document") or each.get("found") for each in body)
    return [each for each in documents if each is not None]


def _path(document: Mapping[str, Any]) -> str:
    return str(document["name"]).removeprefix(f"{DATABASE}/documents/")


def _located(issue: Mapping[str, Any], place: Mapping[str, Any]) -> str:
    return f"L{place.get('line', 0)}:{place.get('column', 0)} {issue['description']}"


def is_same_value(expected: Any, got: Any) -> bool:
    """Whether a part of an answer is the recorded one, apart from times and the texts of errors."""
    return _agrees(_plain(expected), _plain(got))


def _plain(value: Any) -> Any:
    """Without times, and without texts of errors, which are compared as messages."""
    if isinstance(value, dict):
        if value.keys() == {"error"} and isinstance(value["error"], dict):
            return {"error": {name: each for name, each in value["error"].items() if name != "message"}}
        return {name: _plain(each) for name, each in value.items() if name not in _UNTOLD}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _agrees(expected: Any, got: Any) -> bool:
    if isinstance(expected, dict) and isinstance(got, dict):
        pairs = zip(sorted(expected), sorted(got), strict=False)
        return len(expected) == len(got) and all(
            _agrees(name, other) and _agrees(expected[name], got[other]) for name, other in pairs
        )
    if isinstance(expected, list) and isinstance(got, list):
        return len(expected) == len(got) and all(map(_agrees, expected, got))
    if expected == _NOW:
        return isinstance(got, str) and _MOMENT.fullmatch(got) is not None
    if isinstance(expected, str) and isinstance(got, str) and "$" in expected:
        return re.fullmatch(_OPEN.sub(".+", re.escape(expected)), got, re.DOTALL) is not None
    return bool(expected == got) and isinstance(expected, bool) == isinstance(got, bool)


def _version_free(message: str | None) -> str | None:
    return None if message is None else _VERSION.sub("$VERSION", message)
