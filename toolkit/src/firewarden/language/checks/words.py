"""The types of variables, literals and collections."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from firewarden.language import ast
from firewarden.language.checks import positions
from firewarden.language.checks.applying import known
from firewarden.language.checks.findings import warning
from firewarden.language.checks.place import Expected, Place, Rule, Unknown, no_type
from firewarden.language.checks.signatures import SEGMENT, SERVICE_VARIABLES, TRUTH, UNSAID, Types


def variable(node: ast.Variable, wanted: Expected, place: Place, whole: ast.Expression) -> Expected:
    """A name: a parameter or `let`, else a capture, else a variable of the service."""
    if local := place.locals.get(node.name):
        return _used(local, wanted, place)
    if capture := place.scope.capture(node.name):
        return _captured(capture, wanted, place, whole)
    if any(node.name in SERVICE_VARIABLES.get(service, ()) for service in place.services):
        return _used(_PROVIDED[node.name], wanted, place)
    text = f"Invalid variable name: {node.name}."
    place.say(warning("variable-name", node.span, text, f"There is no variable `{node.name}` here"))
    return None


def list_literal(node: ast.ListLiteral, wanted: Expected, place: Place, whole: ast.Expression) -> Expected:
    """`[x, y]`."""
    for item in node.items:
        place.infer(item, None)
    return known(("list",), wanted, place, whole)


def map_literal(node: ast.MapLiteral, wanted: Expected, place: Place, whole: ast.Expression) -> Expected:
    """`{x: y}`; the keys must be strings."""
    for entry in node.entries:
        place.infer(entry.key, ("string",))
        place.infer(entry.value, None)
    return known(("map",), wanted, place, whole)


def path_literal(node: ast.PathLiteral, wanted: Expected, place: Place, whole: ast.Expression) -> Expected:
    """`/a/$(x)`."""
    for segment in node.segments:
        if isinstance(segment, ast.Interpolation):
            place.infer(segment.expression, SEGMENT)
    return known(("path",), wanted, place, whole)


def _used(variable: Unknown, wanted: Expected, place: Place) -> Expected:
    place.parts.append({variable: UNSAID if wanted is None else wanted})
    return None


def _captured(capture: ast.Capture, wanted: Expected, place: Place, whole: ast.Expression) -> Expected:
    types = ("path",) if capture.glob else ("string",)
    if wanted is not None and types[0] not in wanted:
        known(types, wanted, place, whole)
        place.say(no_type(capture.name.text, positions.of(whole)))
    return types


def _literal(types: Types) -> Rule:
    return lambda _, wanted, place, whole: known(types, wanted, place, whole)


_PROVIDED: Final = {name: Unknown(name) for names in SERVICE_VARIABLES.values() for name in names}
LITERALS: Final[Mapping[type[ast.Node], Rule]] = {
    ast.Null: _literal(("null",)),
    ast.Bool: _literal(TRUTH),
    ast.Int: _literal(("int",)),
    ast.Float: _literal(("float",)),
    ast.String: _literal(("string",)),
    ast.Bytes: _literal(("bytes",)),
}
