"""Which steps decided: followed from the condition down to comparisons, fields and lookups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from firewarden.language import ast
from firewarden.rules.explain.model import Step


@dataclass(frozen=True, slots=True, eq=False)
class Deciding:
    """A step that decided, the calls of functions in which it stands, the outermost first, and the last one's lets."""

    step: Step
    calls: tuple[ast.Call, ...]
    lets: tuple[Step, ...] = ()


def deciding(step: Step) -> Iterator[Deciding]:
    """What made this step come to what it came to. Of a false `&&` the false side, of a false `||` both sides."""
    origins: dict[int, Deciding] = {}
    for each in _evaluated(Deciding(step, ())):
        if each.step.is_error:
            origins.setdefault(id(each.step.outcome), each)
    for each in _deciding(Deciding(step, ())):
        # An error that was handed to a function as an argument is told where it arose.
        yield origins.get(id(each.step.outcome), each) if isinstance(each.step.node, ast.Variable) else each


def _evaluated(here: Deciding) -> Iterator[Deciding]:
    """All steps in the order of their evaluation."""
    inside = _inside(here)
    for each in here.step.children:
        yield from _evaluated(replace(inside if each.let and inside else here, step=each))
    if inside:
        yield from _evaluated(inside)
    yield here


def _deciding(here: Deciding) -> Iterator[Deciding]:
    if inside := _inside(here):
        yield from _deciding(inside)
        return
    responsible = _responsible(here.step)
    if not responsible:
        yield here
    for each in responsible:
        yield from _deciding(replace(here, step=each))


def _inside(here: Deciding) -> Deciding | None:
    """The result of the function that a step calls."""
    step = here.step
    if step.body is None or not isinstance(step.node, ast.Call):
        return None
    return Deciding(step.body, (*here.calls, step.node), tuple(each for each in step.children if each.let))


def _responsible(step: Step) -> Sequence[Step]:
    """The parts of a step that its outcome comes from; none if it is the step itself."""
    node, parts = step.node, step.children
    if isinstance(node, ast.Binary) and node.operator in ("&&", "||"):
        return _of_connective(step, absorbing=node.operator == "||")
    if isinstance(node, ast.Ternary):
        return parts[:1] if parts[0].is_error else parts[-1:]
    if isinstance(node, ast.Unary) and node.operator == "!" and _is_condition(parts[0].node):
        return parts
    return [each for each in parts if each.is_error][:1] if step.is_error else ()


def _of_connective(step: Step, *, absorbing: bool) -> Sequence[Step]:
    if step.is_error:
        # Of an `||` a false side decided, too: had it been true, the error would not matter.
        return [each for each in step.children if each.outcome is not (not absorbing) or absorbing]
    if step.outcome is absorbing:
        return step.children[-1:]
    # Of a false `&&` one side is false; of a false `||` both are, of a true `&&` both are true.
    return step.children


def _is_condition(node: ast.Expression) -> bool:
    """Whether an expression is made of conditions, so that what decided it can be followed further."""
    if isinstance(node, ast.Call | ast.Ternary):
        return True
    return isinstance(node, ast.Binary) and node.operator in ("&&", "||")
