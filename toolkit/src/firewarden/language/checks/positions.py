"""Where the official compiler says an expression stands: at its operator, its method, or its start."""

from __future__ import annotations

from firewarden.language import ast
from firewarden.language.limits import INT_MAX


def of(expression: ast.Expression) -> ast.Span:
    """Where its operator, method or function is if it has one, else where it begins, parentheses included."""
    inner = ungrouped(expression)
    match inner:
        case ast.Binary() | ast.Is():
            return inner.operator_span
        case ast.Ternary():
            return inner.question_span
        case ast.MethodCall():
            return inner.method.span
        case ast.Unary() if is_least_int(inner):
            return expression.span
        case ast.Unary() | ast.Call() | ast.Slice():
            return inner.span
        case _:
            return expression.span


def is_least_int(node: ast.Unary) -> bool:
    """Whether this is -9223372036854775808, which is one number: without its minus it would not be one."""
    return isinstance(node.operand, ast.Int) and node.operand.value > INT_MAX


def unwrapped(expression: ast.Expression) -> ast.Expression:
    """Return what stands inside the outermost parentheses, which a dot, a bracket or a minus does not see."""
    return expression.inner if isinstance(expression, ast.Group) else expression


def ungrouped(expression: ast.Expression) -> ast.Expression:
    """Return what stands inside all the parentheses."""
    while type(expression) is ast.Group:
        expression = expression.inner
    return expression
