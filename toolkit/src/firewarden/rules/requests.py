"""What a client asks for: the requests that rules decide about. Plain data, made by a server or a test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from firewarden.rules.query import Query
from firewarden.values import Timestamp

DocumentPath = tuple[str, ...]
"""A document by its segments below `/documents`: `("events", "e1")`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Get:
    """Read documents by their paths; all must be allowed."""

    paths: tuple[DocumentPath, ...]
    fields: tuple[str, ...] | None = None
    in_transaction: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class List:
    """Run a query."""

    query: Query


@dataclass(frozen=True, slots=True, kw_only=True)
class Transform:
    """One field computed by the server, such as `increment`."""

    field: str
    kind: Literal["server_time", "increment", "maximum", "minimum", "array_union", "array_remove"]
    operand: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One write of a commit.

    `data` is the whole new document, or with a `mask` what its fields get; None deletes the document. `verify`
    only checks the precondition. `exists` and `update_time` are preconditions.
    """

    path: DocumentPath
    data: Mapping[str, Any] | None = None
    mask: tuple[str, ...] | None = None
    transforms: tuple[Transform, ...] = ()
    exists: bool | None = None
    update_time: Timestamp | None = None
    verify: bool = False
    auto_id: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """Several writes that happen together or not at all."""

    writes: tuple[Write, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An operation, who asks for it and when. `auth` is what `request.auth` shows; see `auth_of`."""

    operation: Get | List | Commit
    time: Timestamp
    auth: Mapping[str, Any] | None = None
    database: str = "(default)"


def auth_of(claims: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """`request.auth` for the claims of an ID token: the uid is `sub`, whatever else claims to be it."""
    if claims is None:
        return None
    uid = claims.get("sub")
    return {"uid": uid if isinstance(uid, str) else None, "token": dict(claims)}
