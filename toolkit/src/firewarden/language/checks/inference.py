"""The official compiler's types of expressions: what each can be, what its place wants, and warnings where they differ.

The place of an expression comes first: a condition wants a truth value, `&&` wants one from both sides, and so on
inwards. What cannot be what is wanted is reported and not looked into.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from firewarden.language import ast
from firewarden.language.checks import positions
from firewarden.language.checks.findings import error, warning
from firewarden.language.checks.scopes import Definition, Scope, is_package
from firewarden.language.checks.signatures import (
    FUNCTIONS,
    INDEX,
    MEMBER,
    METHODS,
    OPERATORS,
    SEGMENT,
    SERVICE_FUNCTIONS,
    SERVICE_VARIABLES,
    SLICE,
    UNARY,
    Overload,
    Types,
)
from firewarden.language.diagnostics import Diagnostic
from firewarden.language.limits import INT_MAX

Expected = Types | None
"""What a place wants; None wants nothing in particular."""

TRUTH = ("bool",)


@dataclass(slots=True, eq=False)
class Local:
    """A parameter or `let`: what its uses want of it."""

    name: str
    wanted: list[Types] = field(default_factory=list)

    @property
    def types(self) -> Expected:
        """What all uses agree on: nothing known if none wants anything, empty if they do not agree."""
        if not self.wanted:
            return None
        first, *others = self.wanted
        return tuple(each for each in first if all(each in other for other in others))


@dataclass(frozen=True, slots=True)
class Signature:
    """A function as its callers see it."""

    parameters: tuple[Expected, ...]
    result: Expected


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression stands: which names it sees, and where to report."""

    scope: Scope
    services: frozenset[str]
    """The services whose allows lead here."""
    shared: bool
    """Whether it is the file's and the file has several services."""
    locals: dict[str, Local]
    say: Callable[[Diagnostic], None]
    signature: Callable[[Definition, Expected], Signature]
    is_pattern: Callable[[str], bool]
    later: list[tuple[ast.Expression, Expected, ast.Span]] = field(default_factory=list)
    """Receivers still to be looked at: chains of dots may be long, so nothing recurses along them."""


def examine(node: ast.Expression, wanted: Expected, place: Place) -> Expected:
    """Check a whole expression where `wanted` is wanted, and return what it can be, None if anything."""
    types = infer(node, wanted, place)
    while place.later:
        receiver, accepted, at = place.later.pop()
        infer(receiver, accepted, place, at)
    return types


def infer(node: ast.Expression | None, wanted: Expected, place: Place, at: ast.Span | None = None) -> Expected:
    """Do the same, leaving the receivers of dots and brackets for later."""
    if node is None:
        return ("null",)
    at = at or positions.of(node)
    while isinstance(node, ast.Group):
        node = node.inner
    return _RULES.get(type(node), _literal)(node, wanted, place, at)


def no_type(name: str, span: ast.Span) -> Diagnostic:
    """Say that the uses of a variable cannot be reconciled."""
    text = f"Invalid type. There is no type for variable '{name}' that satisfies all clauses."
    return warning("no-type", span, text, f"No value of `{name}` fits all its uses")


def _known(types: Expected, wanted: Expected, place: Place, at: ast.Span) -> Expected:
    """Report `types` where none of them is wanted."""
    if types is not None and wanted is not None and not set(types) & set(wanted):
        text = f"Invalid type. Received one of [{', '.join(types)}]. Expected one of [{', '.join(wanted)}]."
        place.say(warning("type", at, text, f"This is {_either(types)}, but {_either(wanted)} is needed here"))
    return types


def _either(types: Types) -> str:
    return types[0] if len(types) == 1 else f"{', '.join(types[:-1])} or {types[-1]}"


def _apply(
    overloads: Sequence[Overload],
    operands: Sequence[ast.Expression | None],
    wanted: Expected,
    place: Place,
    at: ast.Span,
    *,
    receiver: bool = False,
) -> Expected:
    """Check operands against the overloads whose result is wanted, each operand for itself."""
    usable = [each for each in overloads if each.result is None or wanted is None or set(each.result) & set(wanted)]
    if not usable:
        for operand in operands:
            if operand is not None:
                infer(operand, None, place)
        return _known(_union([each.result for each in overloads]), wanted, place, at)
    for number, operand in enumerate(operands):
        accepted = _union([each.operands[number] for each in usable])
        if operand is not None and receiver and number == 0:
            place.later.append((operand, accepted, positions.of_receiver(operand)))
        elif operand is not None:
            infer(operand, accepted, place)
    return _union([each.result for each in usable])


def _union(alternatives: Sequence[Expected]) -> Expected:
    found: dict[str, None] = {}
    for types in alternatives:
        if types is None:
            return None
        found |= dict.fromkeys(types)
    return tuple(found)


def _variable(node: ast.Variable, wanted: Expected, place: Place, at: ast.Span) -> Expected:
    if local := place.locals.get(node.name):
        if wanted is not None:
            local.wanted.append(wanted)
        return None
    if capture := place.scope.capture(node.name):
        types = ("path",) if capture.glob else ("string",)
        if wanted is not None and types[0] not in wanted:
            _known(types, wanted, place, at)
            place.say(no_type(node.name, at))
        return types
    if not any(node.name in SERVICE_VARIABLES.get(name, ()) for name in place.services):
        text = f"Invalid variable name: {node.name}."
        place.say(warning("variable-name", node.span, text, f"There is no variable `{node.name}` here"))
    return None


def _binary(node: ast.Binary, wanted: Expected, place: Place, at: ast.Span) -> Expected:
    if node.operator not in ("==", "!="):
        return _apply(OPERATORS[node.operator], (node.left, node.right), wanted, place, at)
    left, right = infer(node.left, None, place), infer(node.right, None, place)
    looked_at = wanted is None or "bool" in wanted
    if looked_at and left is not None and right is not None and not _comparable(left, right):
        outcome = "true" if node.operator == "!=" else "false"
        text = f"The sub-expressions are not comparable, so this comparison will always return {outcome}."
        message = f"{_either(left)} never equals {_either(right)}: this is always {outcome}"
        place.say(warning("not-comparable", node.operator_span, text, message))
    return _known(TRUTH, wanted, place, at)


def _comparable(left: Types, right: Types) -> bool:
    numbers = {"int", "float"}
    return bool(set(left) & set(right)) or bool(numbers & set(left) and numbers & set(right))


def _ternary(node: ast.Ternary, wanted: Expected, place: Place, _: ast.Span) -> Expected:
    infer(node.condition, TRUTH, place)
    yes, no = infer(node.yes, wanted, place), infer(node.no, wanted, place)
    if yes is None or no is None:
        return None
    fit = wanted is None or (set(yes) & set(wanted) and set(no) & set(wanted))
    if fit and not set(yes) & set(no):
        text = "Ternary operator result if condition is true has a different type than if condition is false."
        message = f"This is {_either(yes)} or {_either(no)}, depending on the condition"
        place.say(warning("ternary-types", node.question_span, text, message))
        return None
    return yes


def _call(node: ast.Call, wanted: Expected, place: Place, at: ast.Span) -> Expected:
    name = node.function.text
    if definition := place.scope.function(name):
        return _user_call(node, definition, wanted, place)
    overload = FUNCTIONS.get(name)
    if name in _OF_SERVICES:
        if not any(name in SERVICE_FUNCTIONS.get(service, ()) for service in place.services):
            overload = None
        elif place.shared and name != "debug":
            text = f"Call to service function '{name}' occurs outside of defining scope."
            place.say(warning("service-function", node.function.span, text))
    if overload is None:
        return _unknown(name, node.function.span, node.arguments, place)
    return _builtin(name, overload, node.arguments, node.function.span, wanted, place, at)


def _method(node: ast.MethodCall, wanted: Expected, place: Place, at: ast.Span) -> Expected:
    receiver, name, span = node.receiver, node.method.text, node.method.span
    if isinstance(receiver, ast.Variable) and is_package(receiver):
        name = f"{receiver.name}.{name}"
        if (overload := FUNCTIONS.get(name)) is None:
            return _unknown(name, span, node.arguments, place)
        return _builtin(name, overload, node.arguments, span, wanted, place, at)
    if (overload := METHODS.get(name)) is None:
        place.later.append((receiver, None, positions.of_receiver(receiver)))
        return _unknown(name, span, node.arguments, place)
    if name in ("matches", "split") and len(node.arguments) == 1:
        _pattern(node.arguments[0], place)
    return _builtin(name, overload, (receiver, *node.arguments), span, wanted, place, at)


def _user_call(node: ast.Call, definition: Definition, wanted: Expected, place: Place) -> Expected:
    if definition.is_ambiguous:
        for argument in node.arguments:
            infer(argument, None, place)
        return None
    signature = place.signature(definition, wanted)
    if len(node.arguments) != len(signature.parameters):
        return _wrong_count(definition.name, node.function.span, node.arguments, place)
    for argument, accepted in zip(node.arguments, signature.parameters, strict=True):
        infer(argument, accepted, place)
    return signature.result


def _builtin(
    name: str,
    overload: Overload,
    operands: Sequence[ast.Expression],
    span: ast.Span,
    wanted: Expected,
    place: Place,
    at: ast.Span,
) -> Expected:
    if len(operands) != len(overload.operands):
        return _wrong_count(name, span, operands, place)
    return _apply((overload,), operands, wanted, place, at, receiver=name in METHODS and "." not in name)


def _unknown(name: str, span: ast.Span, arguments: Sequence[ast.Expression], place: Place) -> Expected:
    place.say(warning("function-name", span, f"Invalid function name: {name}.", f"There is no function `{name}`"))
    for argument in arguments:
        infer(argument, None, place)
    return None


def _wrong_count(name: str, span: ast.Span, arguments: Sequence[ast.Expression], place: Place) -> Expected:
    text = f"Incorrect number of arguments supplied to function: {name}."
    place.say(warning("argument-count", span, text))
    for argument in arguments:
        infer(argument, None, place)
    return None


def _pattern(argument: ast.Expression, place: Place) -> None:
    literal = positions.ungrouped(argument)
    if isinstance(literal, ast.String) and not place.is_pattern(literal.value):
        text = f"Invalid regular expression pattern. Pattern: {literal.value}."
        hint = "Patterns are RE2: no lookaround, no backreferences; write a backslash as `\\\\`."
        place.say(error("pattern", literal.span, text, "This is not a regular expression", hint))


def _literal(node: ast.Expression, wanted: Expected, place: Place, at: ast.Span) -> Expected:
    match node:
        case ast.ListLiteral(items=items):
            for item in items:
                infer(item, None, place)
        case ast.MapLiteral(entries=entries):
            for entry in entries:
                infer(entry.key, ("string",), place)
                infer(entry.value, None, place)
        case ast.PathLiteral(segments=segments):
            for segment in segments:
                if isinstance(segment, ast.Interpolation):
                    infer(segment.expression, SEGMENT, place)
    return _known(_LITERALS[type(node)], wanted, place, at)


_OF_SERVICES = frozenset().union(*SERVICE_FUNCTIONS.values())


def _unary(node: ast.Unary, wanted: Expected, place: Place, at: ast.Span) -> Expected:
    if isinstance(node.operand, ast.Int) and node.operand.value > INT_MAX:
        return _known(("int",), wanted, place, at)  # -9223372036854775808 is one number
    return _apply(UNARY[node.operator], (node.operand,), wanted, place, at)


def _is(node: ast.Is, wanted: Expected, place: Place, at: ast.Span) -> Expected:
    infer(node.operand, None, place)
    return _known(TRUTH, wanted, place, at)


def _access(node: ast.Member | ast.Index | ast.Slice, wanted: Expected, place: Place, at: ast.Span) -> Expected:
    match node:
        case ast.Member():
            return _apply(MEMBER, (node.receiver,), wanted, place, at, receiver=True)
        case ast.Index():
            return _apply(INDEX, (node.receiver, node.index), wanted, place, at, receiver=True)
    return _apply(SLICE, (node.receiver, node.start, node.stop), wanted, place, at, receiver=True)


_RULES: dict[type[ast.Node], Callable[..., Expected]] = {
    ast.Variable: _variable,
    ast.Unary: _unary,
    ast.Binary: _binary,
    ast.Is: _is,
    ast.Ternary: _ternary,
    ast.Member: _access,
    ast.Index: _access,
    ast.Slice: _access,
    ast.Call: _call,
    ast.MethodCall: _method,
}
_LITERALS: dict[type[ast.Node], Types] = {
    ast.Null: ("null",),
    ast.Bool: TRUTH,
    ast.Int: ("int",),
    ast.Float: ("float",),
    ast.String: ("string",),
    ast.Bytes: ("bytes",),
    ast.ListLiteral: ("list",),
    ast.MapLiteral: ("map",),
    ast.PathLiteral: ("path",),
}
