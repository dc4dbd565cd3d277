"""What parameters an endpoint knows: read from the SDK's own TypedDicts, nested ones too."""

import sys
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, Literal, Union

import typing_extensions
from stripe import RequestOptions


@dataclass(frozen=True, slots=True)
class Text:
    """Any text."""


@dataclass(frozen=True, slots=True)
class Number:
    """`type` is what the text has to be read as: int, Decimal or bool."""

    type: type


@dataclass(frozen=True, slots=True)
class Choice:
    """One of these words."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListOf:
    """Indexed from 0."""

    item: "Kind"


@dataclass(frozen=True, slots=True)
class Map:
    """Keys of the caller's own, as in metadata."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Known names, and which of them are needed."""

    fields: Mapping[str, "Kind"]
    required: frozenset[str]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The first of them that fits."""

    kinds: tuple["Kind", ...]


Kind = Text | Number | Choice | ListOf | Map | Shape | AnyOf


@cache
def shape_of(parameters: type) -> Shape:
    """The shape of a TypedDict of `stripe.params`, without what the SDK itself takes from it (keys, headers)."""
    own = {
        name: hint for name, hint in parameters.__annotations__.items() if name not in RequestOptions.__annotations__
    }
    # Names are resolved where the TypedDict was written; those of RequestOptions exist for type checkers only.
    carrier = type(parameters.__name__, (), {"__annotations__": own})
    hints = typing.get_type_hints(carrier, globalns=vars(sys.modules[parameters.__module__]))
    required = frozenset(parameters.__required_keys__) & own.keys()  # type: ignore[attr-defined]  # a TypedDict has it
    return Shape({name: _kind(hint) for name, hint in hints.items()}, required)


def _kind(hint: Any) -> Kind:
    origin = typing.get_origin(hint)
    if origin in (Union, types.UnionType):
        return _union([_kind(part) for part in typing.get_args(hint) if part is not type(None)])
    if origin is Literal:
        return Choice(tuple(str(word) for word in typing.get_args(hint)))
    if origin is list:
        return ListOf(_kind(typing.get_args(hint)[0]))
    if origin in (typing_extensions.NotRequired, typing.NotRequired):
        return _kind(typing.get_args(hint)[0])
    if origin is dict or getattr(origin, "__name__", "") == "UntypedStripeObject":
        return Map()
    return _plain(hint)


def _plain(hint: Any) -> Kind:
    if typing_extensions.is_typeddict(hint):
        return shape_of(hint)
    if hint in (int, bool):
        return Number(hint)
    if hint is datetime:
        return Number(int)
    if hint in (float, Decimal):
        return Number(Decimal)
    if hint is str:
        return Text()
    if getattr(hint, "__name__", "") == "UntypedStripeObject":
        return Map()
    raise TypeError(f"the SDK's parameters hold a type that is not known here: {hint!r}")


def _union(kinds: list[Kind]) -> Kind:
    # `Literal['auto']|str`: the SDK leaves room for words to come; the server of its own version has none.
    words = [kind for kind in kinds if isinstance(kind, Choice) and kind.words != ("",)]
    if words:
        kinds = [kind for kind in kinds if not isinstance(kind, Text)]
    unique = tuple(dict.fromkeys(map(_Identity, kinds)))
    return unique[0].kind if len(unique) == 1 else AnyOf(tuple(each.kind for each in unique))


@dataclass(frozen=True, slots=True, eq=False)
class _Identity:
    """Lets kinds that hold a mapping be told apart without hashing it."""

    kind: Kind

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identity) and self.kind == other.kind

    def __hash__(self) -> int:
        return hash(type(self.kind))
