"""Methods and builtin functions as Python expressions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from firewarden.rules.builtins import FUNCTIONS, Dispatch, dispatch, dispatch_function
from firewarden.rules.codegen.dispatching import dispatched
from firewarden.rules.codegen.piece import Piece, Unsupported, check_order
from firewarden.rules.codegen.writer import Writer, bound
from firewarden.rules.memory import within_memory
from firewarden.rules.regex import matcher

GROWING = frozenset({"concat", "join", "replace", "split", "bind", "toUtf8", "toHexString", "toBase64"})
_RESULTS: dict[str, type] = {
    "matches": bool,
    "size": int,
    "keys": list,
    "hasAll": bool,
    "hasAny": bool,
    "hasOnly": bool,
    "toMillis": int,
}
_KEYS_TESTS = {
    "hasOnly": "({keys} <= {names})",
    "hasAll": "({keys} >= {names})",
    "hasAny": "(not {keys}.isdisjoint({names}))",
}


def emit_method(name: str, receiver: Piece, arguments: Sequence[Piece], writer: Writer) -> Piece:
    """`receiver.name(arguments)`."""
    pieces = (receiver.received(), *arguments)
    check_order(*pieces)
    table = dispatch(name, len(arguments))
    if not table:
        raise Unsupported
    folded = _folded(pieces, table, writer)
    if folded:
        return folded
    special = _SPECIAL.get(name)
    text = special(receiver, arguments, writer) if special else None
    if text is None:
        text = _limited(name, dispatched(pieces, table, writer))
    if writer.proving:
        text = f"here({text})"
    return Piece(text, kind=_RESULTS.get(name))


def emit_function(name: str, arguments: Sequence[Piece], writer: Writer) -> Piece:
    """A global function, or one of a package, under its full name."""
    if name not in FUNCTIONS:
        raise Unsupported
    table = dispatch_function(name, len(arguments))
    if not table:
        raise Unsupported
    check_order(*arguments)
    folded = _folded(arguments, table, writer)
    if folded:
        return folded
    return Piece(dispatched(arguments, table, writer))


def emit_keys_test(name: str, receiver: Piece, names: Sequence[str], writer: Writer) -> Piece:
    """`receiver.keys().hasOnly([…])` and its kin, for names that are known."""
    text = _KEYS_TESTS[name].format(keys=f"{receiver.as_receiver}.keys()", names=writer.refer(frozenset(names)))
    return Piece(text, kind=bool)


def has_keys_test(name: str) -> bool:
    """Whether `keys().name([…])` has a short form."""
    return name in _KEYS_TESTS


def _folded(pieces: Sequence[Piece], table: Dispatch, writer: Writer) -> Piece | None:
    values = [each.constant.value for each in pieces if each.constant]
    if len(values) < len(pieces):
        return None
    # INVARIANT: what is known is definite. Only of what a query promises is anything unknown.
    return writer.constant(within_memory(table[tuple(map(type, values))](*values)))


def _limited(name: str, text: str) -> str:
    return f"within_memory({text})" if name in GROWING else text


def _get(receiver: Piece, arguments: Sequence[Piece], _: Writer) -> str | None:
    key, default = arguments
    if key.constant and key.kind is str:
        return f"{receiver.as_receiver}.get({key.text}, {default.text})"  # of all types only a map has it
    return None


def _matches(receiver: Piece, arguments: Sequence[Piece], writer: Writer) -> str | None:
    (pattern,) = arguments
    if pattern.constant and pattern.kind is str:
        match = writer.refer(matcher(pattern.constant.value))
        if receiver.kind is str:
            return f"{match}({receiver.text})"
        name, first = bound(receiver.received(), writer)
        return f"({match}({name}) if type({first}) is str else surprise())"
    return None


def _size(receiver: Piece, arguments: Sequence[Piece], writer: Writer) -> str:
    """Most often of a list, or of a text whose characters are all one unit of UTF-16."""
    name, first = bound(receiver.received(), writer)
    kind, table = writer.name(), {kinds[0]: each for kinds, each in dispatch("size", len(arguments)).items()}
    quick = f"len({name}) if ({kind} := type({first})) is list or {kind} is str and {name}.isascii()"
    return f"({quick} else {writer.refer(table)}[{kind}]({name}))"


_Special = Callable[[Piece, Sequence[Piece], Writer], str | None]
_SPECIAL: dict[str, _Special] = {"get": _get, "matches": _matches, "size": _size}
