"""Reads a YAML file into values that know their line. Strict: nothing is guessed, every fault is reported.

Plain words follow the YAML 1.2 core schema: `no`, `on`, `010` and `2026-05-01` are text or numbers, never
booleans, octals or dates, because a Firestore document holds what was written. Times have a tag of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from firewarden.errors import Fault
from firewarden.indexes.notation.values import tagged

_PREFIX = "tag:yaml.org,2002:"
_MERGE = _PREFIX + "merge"
_DEPTH_MAX = 40  # twice the nesting that Firestore stores
_CORE_SCHEMA = {
    "null": r"~|null|",
    "bool": r"true|false",
    "int": r"[-+]?[0-9]+|0x[0-9a-fA-F]+|0o[0-7]+",
    "float": r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.inf|\.nan",
    "merge": r"<<",
}


@dataclass(frozen=True, slots=True)
class Located:
    """A value and the line it starts on; mappings and lists hold Located values."""

    value: Any
    line: int

    def plain(self) -> Any:
        """The value without lines."""
        match self.value:
            case Mapping():
                return {key: each.plain() for key, each in self.value.items()}
            case list():
                return [each.plain() for each in self.value]
            case _:
                return self.value


def read_yaml(text: str, *, file: str, faults: list[Fault]) -> Located:
    """The one document of the text; faults are appended, and where one is the value is None."""
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        faults.append(Fault(file, mark.line + 1 if mark else 0, f"is not YAML: {error.problem}"))
        return Located(None, 0)
    except yaml.YAMLError as error:
        faults.append(Fault(file, 0, f"is not YAML: {error}"))
        return Located(None, 0)
    return _Builder(file, faults).build(node) if node is not None else Located(None, 1)


class _Loader(yaml.SafeLoader):
    """Composes nodes whose plain words are resolved by the core schema."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML keeps them on the class


for _kind, _pattern in _CORE_SCHEMA.items():
    _Loader.add_implicit_resolver(_PREFIX + _kind, re.compile(f"^(?:{_pattern})$"), None)


class _Builder:
    """Turns composed nodes into located values, keeping the faults met on the way."""

    def __init__(self, file: str, faults: list[Fault]) -> None:
        self._file = file
        self._faults = faults
        self._depth = 0

    def build(self, node: yaml.Node) -> Located:
        self._depth += 1
        try:
            if self._depth > _DEPTH_MAX:
                return self._fault(node, f"is nested more than {_DEPTH_MAX} deep, or contains itself")
            return self._built(node)
        finally:
            self._depth -= 1

    def _built(self, node: yaml.Node) -> Located:
        if node.tag.startswith("!"):
            return self._tagged(node)
        match node:
            case yaml.MappingNode():
                return Located(self._mapping(node), _line(node))
            case yaml.SequenceNode():
                return Located([self.build(each) for each in node.value], _line(node))
            case _:
                return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode) -> dict[str, Located]:
        merged: dict[str, Located] = {}
        own: dict[str, Located] = {}
        for key, value in node.value:
            if key.tag == _MERGE:
                for source in self._merge_sources(value):
                    merged = {**source, **merged}
            elif key.tag != _PREFIX + "str" and not isinstance(key, yaml.ScalarNode):
                self._fault(key, "a key must be a word")
            elif key.value in own:
                self._fault(key, f"the key {key.value!r} is written twice")
            else:
                own[key.value] = self.build(value)
        return {**merged, **own}

    def _merge_sources(self, node: yaml.Node) -> Iterator[dict[str, Located]]:
        """``<<: *one`` or ``<<: [*one, *two]``; earlier ones win."""
        for source in node.value if isinstance(node, yaml.SequenceNode) else [node]:
            built = self.build(source)
            if isinstance(built.value, dict):
                yield built.value
            else:
                self._fault(source, "<<: takes a mapping or a list of mappings")

    def _tagged(self, node: yaml.Node) -> Located:
        content = node.value if isinstance(node, yaml.ScalarNode) else self._built(_untagged(node)).plain()
        try:
            return Located(tagged(node.tag, content), _line(node))
        except ValueError as error:
            return self._fault(node, str(error))

    def _scalar(self, node: yaml.Node) -> Located:
        text: str = node.value
        match node.tag.removeprefix(_PREFIX):
            case "str":
                return Located(text, _line(node))
            case "null":
                return Located(None, _line(node))
            case "bool":
                return Located(text == "true", _line(node))
            case "int":
                return Located(int(text, 0) if text[:2] in ("0x", "0o") else int(text), _line(node))
            case "float":
                return Located(float(text.replace(".inf", "inf").replace(".nan", "nan")), _line(node))
            case _:
                return self._fault(node, f"{node.tag} is not used here")

    def _fault(self, node: yaml.Node, problem: str) -> Located:
        self._faults.append(Fault(self._file, _line(node), problem))
        return Located(None, _line(node))


def _untagged(node: yaml.Node) -> yaml.Node:
    kind = type(node)
    tag = _PREFIX + ("map" if isinstance(node, yaml.MappingNode) else "seq")
    copy: yaml.Node = kind(tag, node.value, node.start_mark, node.end_mark)
    return copy


def _line(node: yaml.Node) -> int:
    line: int = node.start_mark.line
    return line + 1
