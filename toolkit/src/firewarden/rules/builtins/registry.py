"""How a builtin is declared and found: by the overloads that messages list.

    @METHODS.overload("string.split(string)")
    def _split(receiver: str, pattern: str) -> list[str]: ...

An overload's text is its declaration: the types in it decide which implementation a call reaches.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from types import MappingProxyType

from firewarden.rules.kinds import TYPE_NAMES, Value, type_name
from firewarden.rules.outcomes import Refusal

Implementation = Callable[..., Value]
Dispatch = Mapping[tuple[type, ...], Implementation]
_OVERLOAD = re.compile(r"((?:(\w+)\.)?(\w+))\(([\w, ]*)\)")
_TYPES = {name: kind for kind, name in TYPE_NAMES.items()}


@dataclass(frozen=True, slots=True)
class Overload:
    """One signature: the official text, its parameters' type names and what answers it."""

    text: str
    parameters: tuple[str, ...]
    implementation: Implementation


@dataclass(frozen=True, slots=True)
class Builtin:
    """A method or function under the name that messages use, such as `string.split` or `math.abs`."""

    name: str
    overloads: tuple[Overload, ...]

    def arity_error(self, received: int) -> str | None:
        """The text for a wrong number of arguments, which is the same for every overload."""
        if received == len(self.overloads[0].parameters):
            return None
        return f"Incorrect number of arguments. Received: {received}. Expected: {self._expected()}."

    def call(self, receiver: tuple[Value, ...], arguments: Sequence[Value]) -> Value:
        """Answer by the overload that takes these arguments, none of which is an error."""
        for overload in self.overloads:
            if all(map(_accepts, overload.parameters, arguments)):
                return overload.implementation(*receiver, *arguments)
        received = f"{self.name}({', '.join(map(type_name, arguments))})"
        raise Refusal(f"Unsupported operation error. Received: {received}. Expected: {self._expected()}.")

    def by_types(self) -> Dispatch:
        """Every combination of argument types that is accepted, with the first overload that takes it."""
        table: dict[tuple[type, ...], Implementation] = {}
        for overload in self.overloads:
            for kinds in product(*(_accepted(each) for each in overload.parameters)):
                table.setdefault(kinds, overload.implementation)
        return table

    def _expected(self) -> str:
        return ", ".join(each.text for each in self.overloads)


class Library:
    """Builtins under construction; each module of this folder fills its own."""

    def __init__(self) -> None:
        self._overloads: dict[str, list[Overload]] = {}

    def overload(self, *texts: str, told_as: str = "") -> Callable[[Implementation], Implementation]:
        """Declare that the decorated function answers these signatures; `told_as` is what messages list instead."""

        def declare(implementation: Implementation) -> Implementation:
            for text in texts:
                found = _OVERLOAD.fullmatch(text)
                if not found:
                    raise ValueError(f"{text!r} is no overload; write it like string.split(string)")
                parameters = tuple(found[4].split(", ")) if found[4] else ()
                self._overloads.setdefault(found[1], []).append(Overload(told_as or text, parameters, implementation))
            return implementation

        return declare

    def functions(self) -> dict[str, Builtin]:
        """All of them by full name."""
        return {name: Builtin(name, tuple(overloads)) for name, overloads in self._overloads.items()}

    def methods(self) -> dict[type, dict[str, Builtin]]:
        """All of them by the receiver's type and the method's own name."""
        table: dict[type, dict[str, Builtin]] = {}
        for full, builtin in self.functions().items():
            kind, _, name = full.partition(".")
            table.setdefault(_TYPES[kind], {})[name] = builtin
        return table


def merged(libraries: Sequence[Library]) -> Mapping[type, Mapping[str, Builtin]]:
    """The methods of all the libraries in one table."""
    table: dict[type, dict[str, Builtin]] = {}
    for library in libraries:
        for kind, methods in library.methods().items():
            table.setdefault(kind, {}).update(methods)
    return MappingProxyType(table)


def _accepts(parameter: str, argument: Value) -> bool:
    return type(argument) in _accepted(parameter)


def _accepted(parameter: str) -> tuple[type, ...]:
    if parameter == "any":
        return tuple(TYPE_NAMES)
    # An int is taken where a float is wanted.
    return (float, int) if parameter == "float" else (_TYPES[parameter],)
