"""A query as plain values: what `google.firestore.v1.StructuredQuery` says, nothing added. Judges nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from firewarden.firestore.documents import DocumentPath
from firewarden.firestore.field_paths import FieldPath
from firewarden.values import Vector

NAME: FieldPath = ("__name__",)
"""The document's own name where a field stands."""


class Operator(StrEnum):
    """The operators of filters; those with `IS_` take no value."""

    EQUAL = "=="
    NOT_EQUAL = "!="
    LESS_THAN = "<"
    LESS_THAN_OR_EQUAL = "<="
    GREATER_THAN = ">"
    GREATER_THAN_OR_EQUAL = ">="
    IN = "in"
    NOT_IN = "not-in"
    ARRAY_CONTAINS = "array-contains"
    ARRAY_CONTAINS_ANY = "array-contains-any"
    IS_NULL = "is-null"
    IS_NAN = "is-nan"
    IS_NOT_NULL = "is-not-null"
    IS_NOT_NAN = "is-not-nan"


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition on a field."""

    field: FieldPath
    operator: Operator
    value: Any = None


@dataclass(frozen=True, slots=True)
class And:
    """All of the filters hold."""

    filters: tuple[Where, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """One of the filters holds."""

    filters: tuple[Where, ...]


Where = Filter | And | Or


@dataclass(frozen=True, slots=True)
class Order:
    """Sorted by a field."""

    field: FieldPath
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Cursor:
    """A position in the sort order: just before, or just after, what has these values of the first orders."""

    values: tuple[Any, ...]
    before: bool


class Distance(StrEnum):
    """How far two vectors are apart."""

    EUCLIDEAN = "EUCLIDEAN"
    COSINE = "COSINE"
    DOT_PRODUCT = "DOT_PRODUCT"


@dataclass(frozen=True, slots=True, kw_only=True)
class FindNearest:
    """The documents whose vector in a field is nearest."""

    field: FieldPath
    vector: Vector
    distance: Distance
    limit: int
    result_field: str | None = None
    threshold: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Documents of `collection` below `parent` (() is the root), or of every collection if that is None.

    With `all_descendants` not only directly below the parent but anywhere below it.
    """

    parent: DocumentPath = ()
    collection: str | None = None
    all_descendants: bool = False
    where: Where | None = None
    order_by: tuple[Order, ...] = ()
    start: Cursor | None = None
    end: Cursor | None = None
    offset: int = 0
    limit: int | None = None
    select: tuple[FieldPath, ...] | None = None
    nearest: FindNearest | None = None


class Figure(StrEnum):
    """What is computed of the documents of a query."""

    COUNT = "count"
    SUM = "sum"
    AVERAGE = "avg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """One figure and its name in the answer; `up_to` is where counting may stop, a count has no field."""

    alias: str
    figure: Figure
    field: FieldPath | None = None
    up_to: int | None = None


@dataclass(frozen=True, slots=True)
class Aggregation:
    """Figures of the documents that `query` finds; what rules are asked about is this query."""

    query: Query
    aggregates: tuple[Aggregate, ...]
