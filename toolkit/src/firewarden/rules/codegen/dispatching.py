"""A call whose implementation is found by the types of its operands, as far as these are not known beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from firewarden.rules.builtins import Dispatch
from firewarden.rules.codegen.piece import Piece, Unsupported
from firewarden.rules.codegen.writer import Writer, bound


def dispatched(pieces: Sequence[Piece], table: Dispatch, writer: Writer) -> str:
    """The call through a table by those types that are not known."""
    unknown = [index for index, each in enumerate(pieces) if each.kind is None]
    possible = {
        tuple(kinds[index] for index in unknown): implementation
        for kinds, implementation in table.items()
        if all(each.kind in (None, kind) for each, kind in zip(pieces, kinds, strict=True))
    }
    if not possible:
        raise Unsupported
    if not unknown:
        return f"{writer.refer(possible[()])}({', '.join(each.text for each in pieces)})"
    arguments = [each.text for each in pieces]
    types = []
    for index in unknown:
        arguments[index], first = bound(pieces[index], writer)
        types.append(f"type({first})")
    chosen: dict[Any, Any] = {kinds[0]: each for kinds, each in possible.items()} if len(unknown) == 1 else possible
    return f"{writer.refer(chosen)}[{', '.join(types)}]({', '.join(arguments)})"
