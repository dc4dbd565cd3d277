"""What a query promises about a field: the value a field has while a list request is judged.

Data only. What follows from a promise is in `rules.proofs`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

EQUAL = "=="
NOT_EQUAL = "!="
LESS = "<"
LESS_OR_EQUAL = "<="
GREATER = ">"
GREATER_OR_EQUAL = ">="
CONTAINS = "contains"
PRESENT = "present"


@dataclass(frozen=True, slots=True, eq=False)
class Promise:
    """One filter: every document in the result compares like this with `value`."""

    operator: str
    value: Any


@dataclass(frozen=True, slots=True, eq=False)
class Constraint:
    """All promises about one field, which hold together. `PRESENT` promises nothing but that the field is there."""

    promises: tuple[Promise, ...]
