"""Where the official compiler says an expression stands: at its operator, its method, or its start."""

from __future__ import annotations

from firewarden.language import ast


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
        case ast.Unary() | ast.Call():
            return inner.span
        case _:
            return expression.span


def of_receiver(expression: ast.Expression) -> ast.Span:
    """Before a dot or bracket, the parentheses around an expression do not count."""
    return of(ungrouped(expression))


def ungrouped(expression: ast.Expression) -> ast.Expression:
    """Return what stands inside all the parentheses."""
    while isinstance(expression, ast.Group):
        expression = expression.inner
    return expression
