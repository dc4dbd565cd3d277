"""Names: what a variable or function means at the place where it is written.

Functions see what surrounds their definition, never their caller's names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from firewarden.language import ast


@dataclass(frozen=True, slots=True)
class Binding:
    """Where a variable's value is: a slot of the function, a capture of the match, or the evaluation itself."""

    kind: Literal["slot", "capture", "request", "resource"]
    index: int = 0


ROOT: Mapping[str, Binding] = {"request": Binding("request"), "resource": Binding("resource")}


@dataclass(frozen=True, slots=True)
class Scope:
    """One block: its variables and functions, and the block around it."""

    variables: Mapping[str, Binding]
    functions: Mapping[str, ast.Function] = field(default_factory=dict)
    parent: Scope | None = None

    def variable(self, name: str) -> Binding | None:
        """What the name means as a variable."""
        scope: Scope | None = self
        while scope:
            if name in scope.variables:
                return scope.variables[name]
            scope = scope.parent
        return None

    def function(self, name: str) -> tuple[ast.Function, Scope] | None:
        """The function of that name and the scope of its definition."""
        scope: Scope | None = self
        while scope:
            if name in scope.functions:
                return scope.functions[name], scope
            scope = scope.parent
        return None
