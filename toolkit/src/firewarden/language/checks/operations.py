"""The types of operations: operators, `is`, choices, members, indexes and slices."""

from __future__ import annotations

from firewarden.language import ast
from firewarden.language.checks import positions
from firewarden.language.checks.applying import apply, apply_after_dot, either, known
from firewarden.language.checks.findings import warning
from firewarden.language.checks.place import Expected, Place
from firewarden.language.checks.signatures import EVERY, INDEX, MEMBER, OPERATORS, SLICE, TRUTH, UNARY, Types


def unary(node: ast.Unary, wanted: Expected, place: Place, whole: ast.Expression) -> Expected:
    """`!x`, `-x`."""
    if positions.is_least_int(node):
        return known(("int",), wanted, place, whole)
    operand = positions.unwrapped(node.operand) if node.operator == "-" else node.operand
    return apply(UNARY[node.operator], (operand,), wanted, place, whole)


def binary(node: ast.Binary, wanted: Expected, place: Place, whole: ast.Expression) -> Expected:
    """`x + y` and the like; equality compares anything, but warns where the answer is known."""
    if node.operator not in ("==", "!="):
        return apply(OPERATORS[node.operator], (node.left, node.right), wanted, place, whole)
    left, right = place.infer(node.left, EVERY), place.infer(node.right, EVERY)
    looked_at = wanted is None or "bool" in wanted
    if looked_at and left is not None and right is not None and not _comparable(left, right):
        outcome = "true" if node.operator == "!=" else "false"
        text = f"The sub-expressions are not comparable, so this comparison will always return {outcome}."
        message = f"{either(left)} never equals {either(right)}: this is always {outcome}"
        place.say(warning("not-comparable", node.operator_span, text, message))
    return known(TRUTH, wanted, place, whole)


def _comparable(left: Types, right: Types) -> bool:
    numbers = {"int", "float"}
    return bool(set(left) & set(right)) or bool(numbers & set(left) and numbers & set(right))


def is_(node: ast.Is, wanted: Expected, place: Place, whole: ast.Expression) -> Expected:
    """`x is T`."""
    place.infer(node.operand, None)
    return known(TRUTH, wanted, place, whole)


def ternary(node: ast.Ternary, wanted: Expected, place: Place, _: ast.Expression) -> Expected:
    """`x ? y : z`; nothing is known of its own type."""
    place.infer(node.condition, TRUTH)
    yes, no = place.infer(node.yes, wanted), place.infer(node.no, wanted)
    if yes is None or no is None or set(yes) & set(no):
        return None
    if wanted is None or (set(yes) & set(wanted) and set(no) & set(wanted)):
        text = "Ternary operator result if condition is true has a different type than if condition is false."
        message = f"This is {either(yes)} or {either(no)}, depending on the condition"
        place.say(warning("ternary-types", node.question_span, text, message))
    return None


def member(node: ast.Member, _wanted: Expected, place: Place, _: ast.Expression) -> Expected:
    """`x.name`; nothing is known of what it may be."""
    place.wait(node.receiver, MEMBER)
    return None


def index(node: ast.Index, wanted: Expected, place: Place, whole: ast.Expression) -> Expected:
    """`x[y]`."""
    return apply_after_dot(INDEX, node.receiver, (node.index,), wanted, place, whole)


def slice_(node: ast.Slice, wanted: Expected, place: Place, whole: ast.Expression) -> Expected:
    """`x[y:z]`."""
    return apply_after_dot(SLICE, node.receiver, (node.start, node.stop), wanted, place, whole)
