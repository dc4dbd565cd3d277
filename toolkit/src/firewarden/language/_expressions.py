"""Parses expressions: precedence climbing over a table, loops where a chain may be long."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from firewarden.language._cursor import Cursor
from firewarden.language.ast import (
    Binary,
    Bool,
    Bytes,
    Call,
    Capture,
    Expression,
    Float,
    Group,
    Index,
    Int,
    Interpolation,
    Is,
    ListLiteral,
    Literal,
    MapEntry,
    MapLiteral,
    Member,
    MethodCall,
    Name,
    Null,
    PathLiteral,
    Slice,
    Span,
    String,
    Ternary,
    Unary,
    Variable,
)
from firewarden.language.checks.signatures import TYPE_NAMES
from firewarden.language.limits import CHAIN_MAX, INT_MAX, NESTING_MAX
from firewarden.language.literals import bytes_value, segment_value, string_value
from firewarden.language.tokens import NEVER_MEMBERS, Kind, Token

PRECEDENCE: Final = {
    "?": 1,
    "||": 2,
    "&&": 3,
    "in": 4,
    "is": 5,
    **dict.fromkeys(("==", "!="), 6),
    **dict.fromkeys(("<", "<=", ">", ">="), 7),
    **dict.fromkeys(("+", "-"), 8),
    **dict.fromkeys(("*", "/", "%"), 9),
}
"""From loose to tight, as the official compiler groups them; all but `?:` are left associative."""
UNARY_PRECEDENCE: Final = 10


def expression(cursor: Cursor, minimum: int = 1) -> Expression:
    """Parse an expression whose binary operators bind at least as tight as `minimum`."""
    start = cursor.token.span
    if cursor.nesting == NESTING_MAX:
        # Rejected by the depth check, which needs to know no more than that something stands here.
        cursor.skip_expression()
        return Null(cursor.span_from(start))
    cursor.nesting += 1
    left = _operand(cursor)
    # Nothing but an operator has the text of one.
    while (precedence := PRECEDENCE.get(cursor.token.text, 0)) >= minimum:
        token = cursor.advance()
        if token.text == "?":
            left = _ternary(cursor, left, token, start)
        elif token.text == "is":
            # `is T` ends like a postfix: any operator of the enclosing precedence may follow.
            left = Is(left, _type(cursor), token.span, cursor.span_from(start))
        else:
            right = expression(cursor, precedence + 1)
            left = Binary(token.text, left, right, token.span, cursor.span_from(start))
    cursor.nesting -= 1
    return left


def arguments(cursor: Cursor, close: str) -> tuple[Expression, ...]:
    """Parse expressions up to and over `close`, separated by commas; a trailing comma is fine."""
    items: list[Expression] = []
    while not cursor.take(close):
        items.append(expression(cursor))
        if not cursor.take(","):
            cursor.expect(close, "the last item")
            break
    return tuple(items)


def capture(cursor: Cursor, start: Span) -> Capture:
    """Parse `name}` or `name=**}` behind `/{`."""
    name = name_of(cursor, "a capture in a path")
    glob = False
    if cursor.take("="):
        glob = cursor.at("**")
        if not cursor.take("**"):
            cursor.expect("*", "the `=` of a capture")
    cursor.expect("}", f"the capture `{name.text}`")
    return Capture(name, glob, cursor.span_from(start))


def name_of(cursor: Cursor, purpose: str) -> Name:
    """Step over a name, which must stand here."""
    if cursor.token.kind is not _NAME:
        raise cursor.fault(f"A name is missing for {purpose}")
    token = cursor.advance()
    return Name(token.text, token.span)


def path_segments(cursor: Cursor, *, with_values: bool) -> list[Literal | Interpolation | Capture]:
    """Parse as many segments as follow; `$(…)` only where the path is a value."""
    segments: list[Literal | Interpolation | Capture] = []
    while True:
        start = cursor.token.span
        if cursor.token.kind is _SEGMENT:
            text = cursor.advance().text[1:]
            segments.append(Literal(segment_value(text), text, cursor.span_from(start)))
        elif cursor.at("/") and cursor.at_capture():
            cursor.advance()
            cursor.advance()
            segments.append(capture(cursor, start))
            if not with_values and cursor.at("}"):
                cursor.note("This brace closes nothing", cursor.advance().span)
        elif with_values and cursor.at("/") and cursor.following("$"):
            segments.append(_interpolation(cursor, start))
        elif with_values and segments and cursor.at("/") and cursor.at_lone_slash():
            raise cursor.fault("A path segment is missing after `/`", "A division of a path makes no sense either.")
        else:
            return segments


def _interpolation(cursor: Cursor, start: Span) -> Interpolation:
    cursor.advance()
    cursor.advance()
    cursor.expect("(", "`$`")
    inner = expression(cursor)
    cursor.expect(")", "the expression in `$(…)`")
    return Interpolation(inner, cursor.span_from(start))


def _ternary(cursor: Cursor, condition: Expression, question: Token, start: Span) -> Ternary:
    yes = expression(cursor)
    cursor.expect(":", "the first choice of `? :`")
    no = expression(cursor)
    return Ternary(condition, yes, no, question.span, cursor.span_from(start))


def _type(cursor: Cursor) -> Name:
    name = name_of(cursor, "the type after `is`")
    if name.text not in TYPE_NAMES:
        cursor.note(f"`{name.text}` is not a type", name.span, f"Types are {', '.join(TYPE_NAMES)}.")
    return name


def _operand(cursor: Cursor) -> Expression:
    """Parse the unary operators, then what they apply to; `-` takes no further unary operator behind it."""
    if cursor.token.text not in _UNARY:
        return _postfix(cursor)
    operators: list[Token] = []
    while cursor.at("!", "-") and not (operators and operators[-1].text == "-"):
        operators.append(cursor.advance())
    operand = _postfix(cursor)
    for token in reversed(operators):
        operand = Unary(token.text, operand, cursor.span_from(token.span))
    return operand


def _postfix(cursor: Cursor) -> Expression:
    start = cursor.token.span
    result = _primary(cursor)
    for _ in range(CHAIN_MAX):
        parse = _POSTFIXES.get(cursor.token.text)
        if parse is None:
            return result
        cursor.advance()
        result = parse(cursor, result, start)
    raise cursor.fault(f"More than {CHAIN_MAX} dots and brackets in a row")


def _member(cursor: Cursor, receiver: Expression, start: Span) -> Expression:
    token = cursor.token
    word = token.kind is _NAME or (token.kind is _KEYWORD and token.text not in NEVER_MEMBERS)
    if not word:
        raise cursor.fault("A property name is missing after the dot")
    cursor.advance()
    name = Name(token.text, token.span)
    if token.kind is _NAME and cursor.take("("):
        items = arguments(cursor, ")")
        return MethodCall(receiver, name, items, cursor.span_from(start))
    return Member(receiver, name, cursor.span_from(start))


def _index(cursor: Cursor, receiver: Expression, start: Span) -> Expression:
    first = None if cursor.at(":") else expression(cursor)
    if first is not None and not cursor.at(":"):
        cursor.expect("]", "the index")
        return Index(receiver, first, cursor.span_from(start))
    cursor.advance()
    last = None if cursor.at("]") else expression(cursor)
    cursor.expect("]", "the slice")
    return Slice(receiver, first, last, cursor.span_from(start))


def _primary(cursor: Cursor) -> Expression:
    token = cursor.token
    if parse := _PRIMARIES.get(token.kind) or _PRIMARIES_BY_TEXT.get(token.text):
        cursor.advance()
        return parse(cursor, token)
    if token.kind is _SEGMENT or token.text == "/":
        return _path(cursor)
    raise cursor.fault("An expression is missing")


def _path(cursor: Cursor) -> PathLiteral:
    start = cursor.token.span
    segments = path_segments(cursor, with_values=True)
    if not segments:
        raise cursor.fault("A path segment is missing after `/`")
    return PathLiteral(tuple(segments), cursor.span_from(start))


def _variable(cursor: Cursor, token: Token) -> Expression:
    if cursor.take("("):
        items = arguments(cursor, ")")
        return Call(Name(token.text, token.span), items, cursor.span_from(token.span))
    return Variable(token.text, token.span)


def _group(cursor: Cursor, token: Token) -> Expression:
    inner = expression(cursor)
    cursor.expect(")", "the expression in parentheses")
    return Group(inner, cursor.span_from(token.span))


def _list(cursor: Cursor, token: Token) -> Expression:
    items = arguments(cursor, "]")
    return ListLiteral(items, cursor.span_from(token.span))


def _map(cursor: Cursor, token: Token) -> Expression:
    entries: list[MapEntry] = []
    while not cursor.take("}"):
        start = cursor.token.span
        key = expression(cursor)
        cursor.expect(":", "the key of a map entry")
        value = expression(cursor)
        entries.append(MapEntry(key, value, cursor.span_from(start)))
        if not cursor.take(","):
            cursor.expect("}", "the last map entry")
            break
    return MapLiteral(tuple(entries), cursor.span_from(token.span))


_DIGITS_MAX: Final = 4000
"""Python refuses to read longer numbers."""
_NAME, _KEYWORD, _SEGMENT = Kind.NAME, Kind.KEYWORD, Kind.SEGMENT  # to read a member of an enum takes longer
_UNARY: Final = frozenset({"!", "-"})
_POSTFIXES: Final = {".": _member, "[": _index}
_PRIMARIES: Final[dict[Kind, Callable[[Cursor, Token], Expression]]] = {
    Kind.NAME: _variable,
    Kind.INT: lambda _, token: Int(int(token.text) if len(token.text) < _DIGITS_MAX else INT_MAX + 2, token.span),
    Kind.FLOAT: lambda _, token: Float(float(token.text), token.text, token.span),
    Kind.STRING: lambda _, token: String(string_value(token.text), token.text, token.span),
    Kind.BYTES: lambda _, token: Bytes(bytes_value(token.text), token.text, token.span),
}
_PRIMARIES_BY_TEXT: Final[dict[str, Callable[[Cursor, Token], Expression]]] = {
    "(": _group,
    "[": _list,
    "{": _map,
    "true": lambda _, token: Bool(value=True, span=token.span),
    "false": lambda _, token: Bool(value=False, span=token.span),
    "null": lambda _, token: Null(token.span),
}
