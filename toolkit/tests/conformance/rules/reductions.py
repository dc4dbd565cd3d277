"""Smaller versions of a syntax tree or a JSON value: everything that one step of shrinking may try."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

from firewarden.language import ast

_NOWHERE = ast.Span(0, 0, 0, 0)
_SIMPLEST = (ast.Bool(True, _NOWHERE), ast.Int(1, _NOWHERE), ast.String("a", "'a'", _NOWHERE), ast.Null(_NOWHERE))
_EXPRESSIONS: tuple[type[ast.Node], ...] = ast.Expression.__args__


def smaller_trees(node: Any) -> Iterator[Any]:
    """Each tree that one reduction makes of this one, the largest steps first."""
    if isinstance(node, _EXPRESSIONS):
        yield from _inside(node)
        if type(node) not in map(type, _SIMPLEST):
            yield from _SIMPLEST
    for field in fields(node):
        value = getattr(node, field.name)
        if field.name != "span" and isinstance(value, tuple) and not isinstance(value, ast.Span):
            yield from (replace(node, **{field.name: each}) for each in _without_one(value))
    for field in fields(node):
        value = getattr(node, field.name)
        for each in _smaller_parts(value):
            yield replace(node, **{field.name: each})


def smaller_json(value: Any) -> Iterator[Any]:
    """Each value that misses one part of this one, the largest parts first."""
    if isinstance(value, dict):
        for key in value:
            yield {name: each for name, each in value.items() if name != key}
        for key, inner in value.items():
            yield from ({**value, key: each} for each in smaller_json(inner))
    elif isinstance(value, list):
        yield from (value[:number] + value[number + 1 :] for number in range(len(value)))
        for number, inner in enumerate(value):
            yield from ([*value[:number], each, *value[number + 1 :]] for each in smaller_json(inner))


def _inside(node: ast.Node) -> Iterator[ast.Node]:
    """The expressions directly in an expression, which may stand in its place."""
    for child in ast.children(node):
        if isinstance(child, _EXPRESSIONS):
            yield child
        elif isinstance(child, ast.MapEntry | ast.Interpolation):
            yield from _inside(child)


def _without_one(parts: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    yield from (parts[:number] + parts[number + 1 :] for number in range(len(parts)))


def _smaller_parts(value: Any) -> Iterator[Any]:
    if isinstance(value, ast.Span):
        return
    if isinstance(value, ast.Node):
        yield from smaller_trees(value)
    elif isinstance(value, tuple):
        for number, inner in enumerate(value):
            if isinstance(inner, ast.Node):
                yield from ((*value[:number], each, *value[number + 1 :]) for each in smaller_trees(inner))
