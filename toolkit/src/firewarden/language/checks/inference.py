"""The official compiler's types of expressions: what each can be, what its place wants, and warnings where they differ.

The place of an expression comes first: a condition wants a truth value, `&&` wants one from both sides, and so on
inwards. What cannot be what is wanted is reported and not looked into.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from firewarden.language import ast
from firewarden.language.checks import calls, operations, words
from firewarden.language.checks.place import Rule

RULES: Final[Mapping[type[ast.Node], Rule]] = {
    **words.LITERALS,
    ast.Variable: words.variable,
    ast.ListLiteral: words.list_literal,
    ast.MapLiteral: words.map_literal,
    ast.PathLiteral: words.path_literal,
    ast.Unary: operations.unary,
    ast.Binary: operations.binary,
    ast.Is: operations.is_,
    ast.Ternary: operations.ternary,
    ast.Member: operations.member,
    ast.Index: operations.index,
    ast.Slice: operations.slice_,
    ast.Call: calls.call,
    ast.MethodCall: calls.method,
}
"""How each kind of expression is examined."""
