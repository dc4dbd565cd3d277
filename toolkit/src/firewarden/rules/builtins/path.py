"""The methods of paths."""

from __future__ import annotations

from firewarden.rules import templates
from firewarden.rules.access import resolved
from firewarden.rules.builtins.convert import to_string
from firewarden.rules.builtins.registry import Library
from firewarden.rules.kinds import Value
from firewarden.values import Path

METHODS = Library()


@METHODS.overload("path.bind(map)")
def _bind(path: Path, values: dict[str, Value]) -> Path:
    return templates.bind(path, values, to_string)


@METHODS.overload("path.segments()")
def _segments(path: Path) -> list[str]:
    return list(resolved(path))
