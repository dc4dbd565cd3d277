"""A query as rules see it: where it looks, its filters, and what `request.query` tells.

Only what rules depend on. Cursors and projections prove nothing; whether a query is valid is not asked here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

FilterOperator = Literal[
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "in",
    "not-in",
    "array-contains",
    "array-contains-any",
    "is-null",
    "is-nan",
    "is-not-null",
    "is-not-nan",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One condition on a field; `field` is a field path, `__name__` for the document's own path.

    The operators `is-…` have no value: they are the wire's unary filters.
    """

    field: str
    operator: FilterOperator
    value: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Both:
    """All of the filters hold."""

    filters: tuple[Where, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Either:
    """One of the filters holds."""

    filters: tuple[Where, ...]


Where = Filter | Both | Either


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """`collection` below `parent`, or with `all_descendants` everywhere below it; None is every collection."""

    parent: tuple[str, ...] = ()
    collection: str | None
    all_descendants: bool = False
    where: Where | None = None
    order_by: tuple[tuple[str, Literal["ASC", "DESC"]], ...] = ()
    limit: int | None = None
    offset: int = 0
    fields: tuple[str, ...] | None = None
    in_transaction: bool = False
