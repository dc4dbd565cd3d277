"""The most that a condition can spend of the budget, whatever its values are.

Where even that is within the budget, nothing has to be counted while the condition is evaluated.
"""

from __future__ import annotations

from firewarden.language import ast
from firewarden.rules.compiler.scope import Binding, Scope


def ceiling(condition: ast.Expression, scope: Scope, known: dict[int, int], enough: int) -> int:
    """An upper bound of the nodes evaluated, or any number above `enough` as soon as it is above."""
    return _Ceiling(known, enough).of(condition, scope)


class _Ceiling:
    """Sums nodes; functions are looked at once, wherever they are called from."""

    def __init__(self, known: dict[int, int], enough: int) -> None:
        self._known = known
        self._enough = enough

    def of(self, node: ast.Node, scope: Scope) -> int:
        """The nodes of everything under this one, called functions included."""
        total = 0
        waiting: list[ast.Node] = [node]
        while waiting and total <= self._enough:
            each = waiting.pop()
            total += _OWN.get(type(each), 1)
            if isinstance(each, ast.Call):
                total += self._body(each, scope)
            waiting.extend(ast.children(each))
        return total

    def _body(self, call: ast.Call, scope: Scope) -> int:
        found = scope.function(call.function.text)
        if found is None:
            return 0
        function, defined_in = found
        if id(function) not in self._known:
            names = {each.text: Binding("slot") for each in function.parameters}
            inner = Scope(names, parent=defined_in)
            values = [each.value for each in function.lets]
            self._known[id(function)] = sum(self.of(each, inner) + 1 for each in values) + self.of(
                function.result, inner
            )
        return self._known[id(function)]


# What is not 1: a link of `&&` and `||` counts again when its right side is reached; names are no nodes of their own,
# but counting them does no harm to a bound. An empty bound of a slice counts like null.
_OWN = {ast.Binary: 2, ast.Is: 2, ast.Ternary: 2, ast.Slice: 3, ast.Group: 0, ast.Name: 0, ast.Interpolation: 0}
