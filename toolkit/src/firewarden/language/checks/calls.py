"""The types of calls: functions of the file and of the language, those of packages, and methods."""

from __future__ import annotations

from collections.abc import Sequence

from firewarden.language import ast
from firewarden.language.checks import positions
from firewarden.language.checks.applying import apply, apply_after_dot
from firewarden.language.checks.contents import is_package
from firewarden.language.checks.findings import error, warning
from firewarden.language.checks.place import Expected, Place
from firewarden.language.checks.scopes import Definition
from firewarden.language.checks.signatures import FUNCTIONS, METHODS, SERVICE_FUNCTIONS


def call(node: ast.Call, wanted: Expected, place: Place, whole: ast.Expression) -> Expected:
    """`f(x)`."""
    name, span = node.function.text, node.function.span
    if definition := place.scope.function(name):
        return _defined(node, definition, wanted, place)
    overload = FUNCTIONS.get(name)
    if overload is None or not _is_offered(name, place):
        return _not_found(name, span, node.arguments, place)
    if place.shared and name in _SCOPED:
        text = f"Call to service function '{name}' occurs outside of defining scope."
        place.say(warning("service-function", span, text))
    if len(node.arguments) != len(overload.operands):
        return _wrong_count(name, span, node.arguments, place)
    return apply((overload,), node.arguments, wanted, place, whole)


def method(node: ast.MethodCall, wanted: Expected, place: Place, whole: ast.Expression) -> Expected:
    """`x.m(y)`, and `math.abs(x)`."""
    name, span = node.method.text, node.method.span
    if isinstance(node.receiver, ast.Variable) and is_package(node.receiver):
        return _of_package(f"{node.receiver.name}.{name}", node, wanted, place, whole)
    overload = METHODS.get(name)
    if overload is not None and 1 + len(node.arguments) == len(overload.operands):
        if name in ("matches", "split"):
            _pattern(node.arguments[0], place)
        return apply_after_dot((overload,), node.receiver, node.arguments, wanted, place, whole)
    refuse = _not_found if overload is None else _wrong_count
    refuse(name, span, node.arguments, place)
    place.wait(node.receiver, None)
    return None


def _of_package(name: str, node: ast.MethodCall, wanted: Expected, place: Place, whole: ast.Expression) -> Expected:
    overload = FUNCTIONS.get(name)
    if overload is None:
        return _not_found(name, node.method.span, node.arguments, place)
    if len(node.arguments) != len(overload.operands):
        return _wrong_count(name, node.method.span, node.arguments, place)
    return apply((overload,), node.arguments, wanted, place, whole)


def _defined(node: ast.Call, definition: Definition, wanted: Expected, place: Place) -> Expected:
    if definition.is_ambiguous:
        return _unchecked(node.arguments, place)
    signature = place.signature(definition, wanted)
    if len(node.arguments) != len(signature.parameters):
        return _wrong_count(definition.name, node.function.span, node.arguments, place)
    for argument, accepted in zip(node.arguments, signature.parameters, strict=True):
        place.infer(argument, accepted)
    return signature.result


def _is_offered(name: str, place: Place) -> bool:
    """Whether the function is everybody's or that of a service whose allows lead here."""
    services = (SERVICE_FUNCTIONS.get(service, ()) for service in place.services)
    return name not in _OF_SERVICES or any(name in functions for functions in services)


def _not_found(name: str, span: ast.Span, arguments: Sequence[ast.Expression], place: Place) -> Expected:
    place.say(warning("function-name", span, f"Invalid function name: {name}.", f"There is no function `{name}`"))
    return _unchecked(arguments, place)


def _wrong_count(name: str, span: ast.Span, arguments: Sequence[ast.Expression], place: Place) -> Expected:
    place.say(warning("argument-count", span, f"Incorrect number of arguments supplied to function: {name}."))
    return _unchecked(arguments, place)


def _unchecked(arguments: Sequence[ast.Expression], place: Place) -> Expected:
    for argument in arguments:
        place.infer(argument, None)
    return None


def _pattern(argument: ast.Expression, place: Place) -> None:
    literal = positions.ungrouped(argument)
    if isinstance(literal, ast.String) and not place.is_pattern(literal.value):
        text = f"Invalid regular expression pattern. Pattern: {literal.value}."
        hint = "Patterns are RE2: no lookaround, no backreferences; write a backslash as `\\\\`."
        place.say(error("pattern", literal.span, text, "This is not a regular expression", hint))


_OF_SERVICES = frozenset().union(*SERVICE_FUNCTIONS.values())
_SCOPED = _OF_SERVICES - {"debug"}
"""Those that should be called inside their service only."""
