"""The nodes of expressions, and the segments of paths."""

from __future__ import annotations

from dataclasses import dataclass, field

from firewarden.language.ast.base import Name, Node, Span


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
