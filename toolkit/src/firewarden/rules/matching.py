"""Which match blocks a path reaches, and what their wildcards are bound to.

A path may have holes: a query asks for documents of which only the collection is known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter

from firewarden.language import ast
from firewarden.rules.access import NULL_VALUE
from firewarden.rules.kinds import Value
from firewarden.rules.outcomes import EvalError
from firewarden.values import Capture, Path

ANY_SEGMENT = Capture("")
ANY_SEGMENTS = Capture("", glob=True)
_UNBOUND = EvalError(NULL_VALUE)

Segment = str | Capture


@dataclass(frozen=True, slots=True)
class Pattern:
    """The whole path of a match block: what is before and after its glob, if it has one."""

    before: _Fixed
    glob: ast.Capture | None
    after: _Fixed
    is_version_1: bool

    @classmethod
    def of(cls, segments: Sequence[ast.Literal | ast.Capture], *, is_version_1: bool) -> Pattern:
        """The pattern of these segments, of which one may be a glob."""
        for position, each in enumerate(segments):
            if isinstance(each, ast.Capture) and each.glob:
                after = _Fixed.of(segments[position + 1 :])
                return cls(_Fixed.of(segments[:position]), each, after, is_version_1)
        return cls(_Fixed.of(segments), None, _Fixed.of(()), is_version_1)

    def may_match(self, path: Sequence[str]) -> bool:
        """Whether a path with the same collections could match, whatever its document ids."""
        if len(path) < self.before.length or (self.glob is None and len(path) != self.before.length):
            return False
        return all(path[index] == name for index, name in self.before.literals if index % 2 and index > 1)

    def captures(self, path: tuple[Segment, ...]) -> Sequence[Value] | None:
        """The values of the wildcards in the order they are written, or None if the path is another one."""
        before = self.before
        if self.glob is None:
            return before.captures(path) if len(path) == before.length else None
        first, end = self.before.length, len(path) - self.after.length
        if end < first:
            return None
        values, more = self.before.captures(path[:first]), self.after.captures(path[end:])
        if values is None or more is None:
            return None
        swallowed = path[first:end]
        if not self.is_version_1:
            return [*values, Path(swallowed), *more]
        if self.after.length or not _taken_by_version_1(swallowed):
            return None
        return [*values, _UNBOUND if ANY_SEGMENT in swallowed else Path(swallowed)]


@dataclass(frozen=True, slots=True)
class _Fixed:
    """Segments of which each takes exactly one of the path."""

    length: int
    literals: tuple[tuple[int, str], ...]
    pick: Callable[[tuple[Segment, ...]], tuple[Segment, ...]]

    @classmethod
    def of(cls, segments: Sequence[ast.Literal | ast.Capture]) -> _Fixed:
        literals = ((index, each.value) for index, each in enumerate(segments) if isinstance(each, ast.Literal))
        holes = [index for index, each in enumerate(segments) if isinstance(each, ast.Capture)]
        return cls(len(segments), tuple(literals), _picker(holes))

    def captures(self, path: tuple[Segment, ...]) -> Sequence[Value] | None:
        """What the wildcards are bound to; unbound where the path has a hole itself."""
        for index, name in self.literals:
            if path[index] != name:
                return None
        values = self.pick(path)
        for value in values:
            if type(value) is not str:
                return _unbound(values)
        return values


def _unbound(values: Sequence[Segment]) -> Sequence[Value] | None:
    bound: list[Value] = []
    for each in values:
        if each is ANY_SEGMENTS:
            return None  # only a glob takes any number of segments
        bound.append(_UNBOUND if each is ANY_SEGMENT else each)
    return bound


def _picker(indices: Sequence[int]) -> Callable[[tuple[Segment, ...]], tuple[Segment, ...]]:
    """What takes these places out of a path."""
    if len(indices) > 1:
        return itemgetter(*indices)
    return lambda path: tuple(path[index] for index in indices)


def _taken_by_version_1(swallowed: Sequence[Segment]) -> bool:
    """At least one segment; of a query no unknown collection, unless it asks for everything below."""
    return bool(swallowed) and (ANY_SEGMENTS in swallowed or ANY_SEGMENT not in swallowed[:-1])
