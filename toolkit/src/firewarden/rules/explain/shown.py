"""Values as an explanation shows them: abbreviated, and of a caller's token only what a condition read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from firewarden.rules.kinds import Value
from firewarden.rules.notation import written
from firewarden.rules.requests import Request
from firewarden.values import Path

VALUE_MAX = 100
"""Characters of a value; longer ones are cut in the middle."""


def shown(value: Value, request: Request, *, longest: int | None = VALUE_MAX) -> str:
    """The value on one line. Whoever reads an explanation in a log learns the names of claims, not their values."""
    if isinstance(value, Path):
        return f"/{'/'.join(map(_segment, value.segments[3:] if _is_in_database(value) else value.segments))}"
    return written(_masked(value, request), longest=longest)


def _masked(value: Value, request: Request) -> Value:
    if isinstance(value, list):
        return [_masked(each, request) for each in value]
    if not isinstance(value, dict):
        return value
    if _is_secret(value, request):
        return dict.fromkeys(value, "…")
    return {name: _masked(each, request) for name, each in value.items()}


def _is_in_database(path: Path) -> bool:
    """Whether a path is one of a document or collection, so that its first three segments say nothing."""
    return len(path.segments) > 3 and path.segments[0] == "databases" and path.segments[2] == "documents"


def _segment(each: Any) -> str:
    return each if isinstance(each, str) else "*"


def _is_secret(value: Mapping[str, Any], request: Request) -> bool:
    auth = request.auth
    return auth is not None and (value is auth or value is auth.get("token") or value.get("auth") is auth)
