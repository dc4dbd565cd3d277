"""The nodes around expressions: the file, services, matches, allows and functions."""

from __future__ import annotations

from dataclasses import dataclass, field

from firewarden.language.ast.base import Name, Node, Span
from firewarden.language.ast.expressions import Capture, Expression, Literal


@dataclass(frozen=True, slots=True)
class Ruleset(Node):
    """A whole file. Functions before and after the services share one scope."""

    version: Version | None
    declarations: tuple[Function | Service, ...]
    span: Span = field(compare=False, repr=False)

    @property
    def functions(self) -> tuple[Function, ...]:
        """The functions of the file's own scope, in source order."""
        return tuple(each for each in self.declarations if isinstance(each, Function))

    @property
    def services(self) -> tuple[Service, ...]:
        """The service blocks, in source order."""
        return tuple(each for each in self.declarations if isinstance(each, Service))


@dataclass(frozen=True, slots=True)
class Version(Node):
    """`rules_version = '2';`. A file without one is version 1."""

    value: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Service(Node):
    """`service cloud.firestore { … }`."""

    name: Name
    members: tuple[Match | Function, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Match(Node):
    """`match /path { … }`; its path continues the path of the enclosing match."""

    path: MatchPath
    members: tuple[Match | Allow | Function, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class MatchPath(Node):
    """The segments of one match statement."""

    segments: tuple[Literal | Capture, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Allow(Node):
    """`allow read, write: if condition;`. Without a condition it always allows."""

    methods: tuple[Name, ...]
    condition: Expression | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Function(Node):
    """`function name(parameters) { let …; return result; }`."""

    name: Name
    parameters: tuple[Name, ...]
    lets: tuple[Let, ...]
    result: Expression
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Let(Node):
    """`let name = value;`."""

    name: Name
    value: Expression
    span: Span = field(compare=False, repr=False)
