"""The syntax tree of a rules file: immutable data with exact positions, no behaviour.

A tree says what was written, not what it means: names are unresolved, types unchecked, parentheses kept.
Equality is structural and ignores positions and spelling (quotes, `5.` for `5.0`), so `parse(print(tree)) == tree`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Final, NamedTuple


class Span(NamedTuple):
    """Where a node stands: code point offsets `[start, end)`, and the 1-based line and column of `start`."""

    start: int
    end: int
    line: int
    column: int


class Node:
    """What every part of the tree is."""

    __slots__ = ()
    span: Span


# --- Declarations ----------------------------------------------------------------------------------------------


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
class Name(Node):
    """A declared or referring identifier that is not an expression of its own."""

    text: str
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
class Literal(Node):
    """`/name`, as it stands in the source without the slash; `value` is URL-decoded (`+` and `%20` are spaces)."""

    value: str
    text: str = field(compare=False, repr=False)
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Capture(Node):
    """`/{name}` binds one segment, `/{name=**}` (`glob`) the rest or, in version 2, any number of them."""

    name: Name
    glob: bool
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


# --- Expressions -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Null(Node):
    """`null`."""

    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Bool(Node):
    """`true` or `false`."""

    value: bool
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Int(Node):
    """A decimal integer without sign. 2**63 occurs only as the operand of a unary minus."""

    value: int
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Float(Node):
    """A decimal fraction without sign; there are no exponents."""

    value: float
    text: str = field(compare=False, repr=False)
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class String(Node):
    """A quoted string, escapes resolved. A lone UTF-16 surrogate stays one; a pair is one code point."""

    value: str
    text: str = field(compare=False, repr=False)
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Bytes(Node):
    """`b'…'`, escapes resolved: characters stand for their UTF-8, `\\xHH` and octals for one byte each."""

    value: bytes
    text: str = field(compare=False, repr=False)
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Variable(Node):
    """A name used as a value. As the receiver of a `MethodCall` it may be a package (`math`) instead."""

    name: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Group(Node):
    """`(inner)`. Free for the evaluator, but counted by the depth limit and part of some error positions."""

    inner: Expression
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ListLiteral(Node):
    """`[items]`."""

    items: tuple[Expression, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class MapEntry(Node):
    """`key: value`; the key is an expression like any other."""

    key: Expression
    value: Expression
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class MapLiteral(Node):
    """`{entries}`."""

    entries: tuple[MapEntry, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PathLiteral(Node):
    """`/a/$(expression)/{capture}`."""

    segments: tuple[Literal | Interpolation | Capture, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Interpolation(Node):
    """`/$(expression)`: the value as one segment, or, when it is a path, as all of its segments."""

    expression: Expression
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """`!operand` or `-operand`; the operator stands at the start of the span."""

    operator: str
    operand: Expression
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """`left operator right`, every binary operator but `is`: `&& || in == != < <= > >= + - * / %`."""

    operator: str
    left: Expression
    right: Expression
    operator_span: Span = field(compare=False, repr=False)
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Is(Node):
    """`operand is type`."""

    operand: Expression
    type: Name
    operator_span: Span = field(compare=False, repr=False)
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Ternary(Node):
    """`condition ? yes : no`."""

    condition: Expression
    yes: Expression
    no: Expression
    question_span: Span = field(compare=False, repr=False)
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Member(Node):
    """`receiver.name`."""

    receiver: Expression
    name: Name
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Index(Node):
    """`receiver[index]`."""

    receiver: Expression
    index: Expression
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Slice(Node):
    """`receiver[start:stop]`, either bound may be left out."""

    receiver: Expression
    start: Expression | None
    stop: Expression | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`function(arguments)`: a user's function or a global one."""

    function: Name
    arguments: tuple[Expression, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class MethodCall(Node):
    """`receiver.method(arguments)`, also `math.abs(1)`, whose receiver is then `Variable("math")`."""

    receiver: Expression
    method: Name
    arguments: tuple[Expression, ...]
    span: Span = field(compare=False, repr=False)


Expression = (
    Null
    | Bool
    | Int
    | Float
    | String
    | Bytes
    | Variable
    | Group
    | ListLiteral
    | MapLiteral
    | PathLiteral
    | Unary
    | Binary
    | Is
    | Ternary
    | Member
    | Index
    | Slice
    | Call
    | MethodCall
)


def children(node: Node) -> Iterator[Node]:
    """Yield the nodes directly under `node`, in source order."""
    for name in _CHILD_FIELDS[type(node)]:
        value = getattr(node, name)
        if isinstance(value, Node):
            yield value
        elif value is not None:
            yield from value


def walk(node: Node) -> Iterator[Node]:
    """Yield `node` and everything under it, parents first, in source order, without recursion."""
    waiting: list[Node] = [node]
    while waiting:
        each = waiting.pop()
        yield each
        for name in _CHILD_FIELDS_REVERSED[type(each)]:
            value = getattr(each, name)
            if type(value) is tuple:
                waiting.extend(reversed(value))
            elif value is not None:
                waiting.append(value)


def _child_fields(cls: type[Node]) -> tuple[str, ...]:
    """Return the fields that hold nodes: all but the spans, the spellings and the plain values."""
    plain = {"str", "str | None", "int", "float", "bool", "bytes", "Span"}
    return tuple(each.name for each in fields(cls) if each.type not in plain)  # type: ignore[arg-type]  # all are dataclasses


_CHILD_FIELDS: Final = {cls: _child_fields(cls) for cls in Node.__subclasses__()}
_CHILD_FIELDS_REVERSED: Final = {cls: names[::-1] for cls, names in _CHILD_FIELDS.items()}
