"""Document path patterns of triggers: what they match and what their captures hold.

Pure. The pattern language is Eventarc's: `{name}` or `{name=*}` is one segment, `{name=**}` is any number of
them, bare `*` and `**` match without capturing, and `*` inside a segment matches part of it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

_CAPTURE = re.compile(r"\{(?P<name>[^/{}=]+)(?:=(?P<glob>[^/{}]+))?\}")


@dataclass(frozen=True, slots=True)
class PathPattern:
    """A parsed pattern; `text` has no slashes at its ends."""

    text: str
    _regex: re.Pattern[str] = field(repr=False, compare=False)
    _names: tuple[str, ...] = field(repr=False, default=())
    _is_exact: bool = field(repr=False, default=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Every text is a pattern; one without wildcards matches only itself."""
        return cls._of(text.strip("/"), outside=_glob)

    @classmethod
    def v1(cls, text: str) -> Self:
        """The pattern of a function of the first generation, where nothing outside of braces is a wildcard."""
        return cls._of(text.strip("/"), outside=re.escape)

    @classmethod
    def exact(cls, text: str) -> Self:
        """The pattern that matches only this text, whatever is in it."""
        return cls(text, re.compile(re.escape(text)), _is_exact=True)

    @classmethod
    def _of(cls, text: str, *, outside: Callable[[str], str]) -> Self:
        names = tuple(capture["name"] for capture in _CAPTURE.finditer(text))
        return cls(text, re.compile(_expression(text.split("/"), outside)), names)

    @property
    def has_wildcards(self) -> bool:
        """Whether more than one path can match."""
        return not self._is_exact and ("*" in self.text or bool(self._names))

    def match(self, path: str) -> dict[str, str] | None:
        """A path matches as a whole; return its captures by name, or None."""
        found = self._regex.fullmatch(path.strip("/"))
        if found is None:
            return None
        # Names may hold characters that group names may not, hence the numbering.
        return {name: (found[f"c{index}"] or "").strip("/") for index, name in enumerate(self._names)}


def _expression(segments: list[str], outside: Callable[[str], str]) -> str:
    parts: list[str] = []
    captures = 0
    for index, segment in enumerate(segments):
        capture = _CAPTURE.fullmatch(segment)
        inner = _glob(capture["glob"] or "*") if capture else outside(segment)
        separator = "/" if index else ""
        if inner == ".*":
            # `a/{rest=**}` also matches `a`: several segments may be none.
            inner, separator = rf"(?:{separator}.+)?" if separator else ".*", ""
        if capture:
            inner = f"(?P<c{captures}>{inner})"
            captures += 1
        parts.append(separator + inner)
    return "".join(parts)


def _glob(segment: str) -> str:
    if segment == "**":
        return ".*"
    return "[^/]+" if segment == "*" else "[^/]*".join(re.escape(part) for part in segment.split("*"))
