"""Syntax tree to canonical source: two spaces a level, single quotes, one blank line before a match, a semicolon each.

Comments are not part of the tree and are not printed. Parsing what is printed gives the same tree again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, cast

from firewarden.language import ast

INDENT: Final = "  "


def print_ruleset(ruleset: ast.Ruleset) -> str:
    """Return the whole file as source."""
    blocks = ["\n".join(_declaration(each, "")) for each in ruleset.declarations]
    if ruleset.version:
        blocks.insert(0, f"rules_version = {_quoted(ruleset.version.value)};")
    return "\n\n".join(blocks) + "\n"


def print_expression(expression: ast.Expression) -> str:
    """Return an expression as source, on one line."""
    pieces: list[str] = []
    # Chains of dots and of operators may be long: work through a list instead of recursing.
    waiting: list[ast.Expression | str] = [expression]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            pieces.append(each)
        else:
            waiting.extend(reversed(_parts(each)))
    return "".join(pieces)


def print_path(path: ast.MatchPath) -> str:
    """Return the path of a match as source."""
    return "".join(cast("str", part) for part in _path_parts(path.segments))


def _declaration(node: ast.Service | ast.Match | ast.Allow | ast.Function, indent: str) -> Iterator[str]:
    match node:
        case ast.Service():
            yield from _block(f"service {node.name.text}", node.members, indent)
        case ast.Match():
            yield from _block(f"match {print_path(node.path)}", node.members, indent)
        case ast.Allow():
            methods = ", ".join(method.text for method in node.methods)
            condition = f": if {print_expression(node.condition)}" if node.condition else ""
            yield f"{indent}allow {methods}{condition};"
        case _:
            parameters = ", ".join(name.text for name in node.parameters)
            yield f"{indent}function {node.name.text}({parameters}) {{"
            for let in node.lets:
                yield f"{indent}{INDENT}let {let.name.text} = {print_expression(let.value)};"
            yield f"{indent}{INDENT}return {print_expression(node.result)};"
            yield f"{indent}}}"


def _block(
    head: str,
    members: tuple[ast.Match | ast.Allow | ast.Function, ...] | tuple[ast.Match | ast.Function, ...],
    indent: str,
) -> Iterator[str]:
    yield f"{indent}{head} {{"
    for number, member in enumerate(members):
        if number and not (isinstance(member, ast.Allow) and isinstance(members[number - 1], ast.Allow)):
            yield ""
        yield from _declaration(member, indent + INDENT)
    yield f"{indent}}}"


def _parts(node: ast.Expression) -> list[ast.Expression | str]:
    """Return an expression as text and the expressions inside it."""
    if (parts := _OPERATIONS.get(type(node)) or _COLLECTIONS.get(type(node))) is not None:
        return parts(node)
    return [_word(node)]


def _slice(node: ast.Slice) -> list[ast.Expression | str]:
    start = [node.start, _colon_after(node.start, ":")] if node.start else [":"]
    return [*_receiver(node.receiver), "[", *start, *([node.stop] if node.stop else []), "]"]


def _receiver(receiver: ast.Expression) -> list[ast.Expression | str]:
    """`1.a` would be read as a number and a name, `/a.b` as one segment: `1 .a` and `/a .b` are not."""
    match receiver:
        case ast.Int() | ast.PathLiteral(segments=(*_, ast.Literal())):
            return [receiver, " "]
    return [receiver]


def _listed(items: tuple[ast.Expression, ...]) -> Iterator[ast.Expression | str]:
    for number, item in enumerate(items):
        if number:
            yield ", "
        yield item


def _entries(entries: tuple[ast.MapEntry, ...]) -> Iterator[ast.Expression | str]:
    for number, entry in enumerate(entries):
        if number:
            yield ", "
        yield entry.key
        yield _colon_after(entry.key, ": ")
        yield entry.value


def _colon_after(node: ast.Expression, colon: str) -> str:
    """A path would swallow the colon behind it: a space ends the path."""
    last = node
    while not isinstance(last, ast.PathLiteral):
        match last:
            case ast.Binary(right=inner) | ast.Unary(operand=inner) | ast.Ternary(no=inner):
                last = inner
            case _:
                return colon
    return f" {colon}"


_Segment = ast.Literal | ast.Interpolation | ast.Capture


def _path_parts(segments: Sequence[_Segment]) -> list[ast.Expression | str]:
    parts: list[ast.Expression | str] = []
    for segment in segments:
        if parts and isinstance(parts[-1], str) and parts[-1].endswith("*"):
            parts.append(" ")  # the star and the next slash would close a comment that a segment opens: `/** /a`
        if isinstance(segment, ast.Interpolation):
            parts += ["/$(", segment.expression, ")"]
        else:
            parts.append(print_segment(segment))
    return parts


def print_segment(segment: ast.Literal | ast.Capture) -> str:
    """Write one segment of a path, its slash included."""
    if isinstance(segment, ast.Literal):
        return f"/{segment.text}"
    return f"/{{{segment.name.text}{'=**' if segment.glob else ''}}}"


_Parts = Callable[[Any], list[ast.Expression | str]]
_OPERATIONS: Final[dict[type[ast.Node], _Parts]] = {
    ast.Group: lambda node: ["(", node.inner, ")"],
    ast.Unary: lambda node: [node.operator, node.operand],
    ast.Binary: lambda node: [node.left, f" {node.operator} ", node.right],
    ast.Is: lambda node: [node.operand, f" is {node.type.text}"],
    ast.Ternary: lambda node: [node.condition, " ? ", node.yes, " : ", node.no],
    ast.Member: lambda node: [*_receiver(node.receiver), f".{node.name.text}"],
    ast.Index: lambda node: [*_receiver(node.receiver), "[", node.index, "]"],
    ast.Slice: _slice,
}
_COLLECTIONS: Final[dict[type[ast.Node], _Parts]] = {
    ast.Call: lambda node: [f"{node.function.text}(", *_listed(node.arguments), ")"],
    ast.MethodCall: lambda node: [
        *_receiver(node.receiver),
        f".{node.method.text}(",
        *_listed(node.arguments),
        ")",
    ],
    ast.ListLiteral: lambda node: ["[", *_listed(node.items), "]"],
    ast.MapLiteral: lambda node: ["{", *_entries(node.entries), "}"],
    ast.PathLiteral: lambda node: _path_parts(node.segments),
}


def _word(node: ast.Expression) -> str:
    match node:
        case ast.Variable():
            return node.name
        case ast.String():
            return _quoted(node.value)
        case ast.Bytes():
            return f"b{_quoted_bytes(node.value)}"
        case ast.Float():
            return node.text
        case ast.Bool() | ast.Int():
            return str(node.value).lower()
    return "null"


_ESCAPES: Final = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


def _quoted(value: str) -> str:
    return "'" + "".join(_character(each) for each in value) + "'"


def _character(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    code = ord(character)
    if code < 0x20 or code == 0x7F:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if 0xD800 <= code <= 0xDFFF else character


def _quoted_bytes(value: bytes) -> str:
    characters = (chr(byte) for byte in value)
    return "'" + "".join(_character(each) if ord(each) < 0x80 else f"\\x{ord(each):02x}" for each in characters) + "'"
