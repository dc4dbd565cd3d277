"""Parses everything around expressions: the file, services, matches, allows and functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from firewarden.language._cursor import Cursor, SyntaxFault
from firewarden.language._expressions import expression, name_of, path_segments
from firewarden.language.ast import (
    Allow,
    Capture,
    Expression,
    Function,
    Let,
    Literal,
    Match,
    MatchPath,
    Name,
    Ruleset,
    Service,
    Version,
)
from firewarden.language.limits import MATCH_DEPTH_MAX
from firewarden.language.literals import string_value
from firewarden.language.tokens import NEVER_SERVICES, Kind

T = TypeVar("T")


def ruleset(cursor: Cursor) -> Ruleset:
    """Parse a whole file."""
    start = cursor.token.span
    version = _attempt(cursor, _version) if cursor.at("rules_version") else None
    declarations: list[Function | Service] = []
    while cursor.token.kind is not Kind.END:
        _member(cursor, {"function": function, "service": service}, declarations, "the file")
        if cursor.at("}"):
            cursor.faults.append(cursor.fault("This closes no block"))
            cursor.advance()
    if not declarations and not cursor.faults:
        cursor.faults.append(cursor.fault("The file has no `service` and no `function`"))
    return Ruleset(version, tuple(declarations), cursor.span_from(start))


def service(cursor: Cursor) -> Service:
    """Parse `service name { … }`."""
    start = cursor.advance().span
    if cursor.token.kind is not Kind.SERVICE_NAME:
        raise cursor.fault("The name of the service is missing")
    token = cursor.advance()
    if token.text in NEVER_SERVICES:
        cursor.note(f"`{token.text}` is a keyword, not the name of a service", token.span)
    cursor.expect("{", "the service name")
    members: list[Match | Function] = []
    _block(cursor, {"match": match, "function": function}, members, "service")
    return Service(Name(token.text, token.span), tuple(members), cursor.span_from(start))


def match(cursor: Cursor) -> Match:
    """Parse `match /path { … }`."""
    start = cursor.advance().span
    path_start = cursor.token.span
    segments = tuple(each for each in path_segments(cursor, with_values=False) if isinstance(each, Literal | Capture))
    if not segments:
        raise cursor.fault("A path is missing after `match`")
    path = MatchPath(segments, cursor.span_from(path_start))
    if not cursor.take("{"):
        fault = cursor.fault("`{` is missing after the path of a match")
        if not cursor.at("allow", "match", "function"):
            raise fault
        cursor.faults.append(fault)  # and go on as if it were there
    members: list[Match | Allow | Function] = []
    cursor.blocks += 1
    if cursor.blocks > MATCH_DEPTH_MAX + 1:
        cursor.skip_block()  # rejected by its depth, whatever is in it
    else:
        _block(cursor, {"allow": allow, "match": match, "function": function}, members, "match")
    cursor.blocks -= 1
    return Match(path, tuple(members), cursor.span_from(start))


def allow(cursor: Cursor) -> Allow:
    """Parse `allow methods: if condition;`; the semicolon is optional."""
    start = cursor.advance().span
    methods = [name_of(cursor, "the method that is allowed")]
    while cursor.take(","):
        methods.append(name_of(cursor, "the method that is allowed"))
    condition = None
    if cursor.take(":"):
        cursor.expect("if", "the colon")
        condition = expression(cursor)
    cursor.take(";")
    return Allow(tuple(methods), condition, cursor.span_from(start))


def function(cursor: Cursor) -> Function:
    """Parse `function name(parameters) { let …; return …; }`."""
    start = cursor.advance().span
    name = name_of(cursor, "the function")
    cursor.expect("(", "the function name")
    parameters = _parameters(cursor)
    cursor.expect("{", "the parameters")
    try:
        lets, result = _body(cursor)
    except SyntaxFault:
        cursor.skip_block()  # so that its closing brace is not taken for the match's
        raise
    return Function(name, parameters, lets, result, cursor.span_from(start))


def _parameters(cursor: Cursor) -> tuple[Name, ...]:
    """Parse names up to and over the closing parenthesis. Other than in calls, no comma may end them."""
    if cursor.take(")"):
        return ()
    parameters = [name_of(cursor, "a parameter")]
    while cursor.take(","):
        parameters.append(name_of(cursor, "a parameter"))
    cursor.expect(")", "the last parameter")
    if cursor.at(")"):
        cursor.note("This parenthesis closes nothing", cursor.advance().span)
    return tuple(parameters)


def _body(cursor: Cursor) -> tuple[tuple[Let, ...], Expression]:
    lets: list[Let] = []
    while cursor.at("let"):
        lets.append(_let(cursor))
    cursor.expect("return", "the variables of a function")
    result = expression(cursor)
    cursor.take(";")
    cursor.expect("}", "the result of a function")
    return tuple(lets), result


def _block(cursor: Cursor, parsers: dict[str, Callable[[Cursor], T]], members: list[T], kind: str) -> None:
    """Parse members up to and over the closing brace; a broken member does not take the others with it."""
    if cursor.at("}"):
        hint = "An empty block allows nothing: remove it, or add an `allow`."
        cursor.note(f"The `{kind}` is empty", cursor.token.span, hint)
    while not cursor.take("}"):
        if cursor.token.kind is Kind.END:
            raise cursor.fault(f"`}}` is missing at the end of a {kind}")
        _member(cursor, parsers, members, f"a {kind}")


def _member(cursor: Cursor, parsers: dict[str, Callable[[Cursor], T]], members: list[T], where: str) -> None:
    """Parse one member, or note what is wrong and skip to the next."""
    blocks = cursor.blocks
    try:
        if cursor.token.kind is Kind.KEYWORD and cursor.token.text in parsers:
            members.append(parsers[cursor.token.text](cursor))
            return
        expected = " or ".join(f"`{name}`" for name in parsers)
        position = cursor.position
        cursor.faults.append(cursor.fault(f"{expected} is expected in {where}"))
    except SyntaxFault as fault:
        position = -1
        cursor.blocks = blocks
        cursor.faults.append(fault)
    cursor.skip_member()
    if cursor.position == position and not cursor.at("}"):
        cursor.advance()


def _attempt(cursor: Cursor, parse: Callable[[Cursor], T]) -> T | None:
    try:
        return parse(cursor)
    except SyntaxFault as fault:
        cursor.faults.append(fault)
        cursor.skip_member()
        return None


def _let(cursor: Cursor) -> Let:
    start = cursor.advance().span
    name = name_of(cursor, "the variable")
    cursor.expect("=", "the variable name")
    value = expression(cursor)
    cursor.expect(";", "the value of a variable")
    return Let(name, value, cursor.span_from(start))


def _version(cursor: Cursor) -> Version:
    start = cursor.advance().span
    cursor.expect("=", "`rules_version`")
    if cursor.token.kind is not Kind.STRING:
        raise cursor.fault("The version must be a quoted string")
    value = string_value(cursor.advance().text)
    cursor.take(";")
    return Version(value, cursor.span_from(start))
