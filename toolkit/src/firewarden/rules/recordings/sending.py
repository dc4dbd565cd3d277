"""A recorded request as it goes over the wire: Firestore's REST interface, version 1. Sends nothing itself."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

Json = Mapping[str, Any]
PROJECT: Final = "demo-x"
"""The project that recordings were made in."""
DATABASE: Final = f"projects/{PROJECT}/databases/(default)"
"""How recordings write the database in resource names."""
OWNER: Final = "Bearer owner"
"""The header of who passes rules by."""
TRANSACTION: Final = "$TXN"
"""What stands for the name of the transaction that the request's setup has begun."""
READING: Final = frozenset({"get", "list", "batchGet", "runQuery", "runAggregationQuery", "listCollectionIds"})
"""Methods that leave the documents as they are."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An HTTP request; `authorization` is the header, None for a guest."""

    verb: str
    target: str
    body: str | None = None
    authorization: str | None = None


def rules_put(source: str) -> Outgoing:
    """Put a ruleset in force for the project."""
    body = {"rules": {"files": [{"name": "firestore.rules", "content": source}]}}
    return Outgoing("PUT", f"/emulator/v1/projects/{PROJECT}:securityRules", json.dumps(body))


def cleared() -> Outgoing:
    """Remove every document."""
    return Outgoing("DELETE", f"/emulator/v1/{DATABASE}/documents")


def stored(documents: Mapping[str, Json]) -> Outgoing:
    """Write these documents as the owner."""
    names = ((f"{DATABASE}/documents/{path}", fields) for path, fields in documents.items())
    writes = [{"update": {"name": name, "fields": fields}} for name, fields in names]
    return request({"method": "commit", "body": {"writes": writes}}, OWNER)


def everything() -> Outgoing:
    """Ask for every document of the database as the owner."""
    query = {"structuredQuery": {"from": [{"allDescendants": True}]}}
    return request({"method": "runQuery", "body": query}, OWNER)


def request(recorded: Json, auth: Any) -> Outgoing:
    """The request of a record: from claims, from a whole `Authorization` header, or from a guest (None).

    Its path and query string are percent-encoded as recorded; a `raw` body is sent as it is.
    """
    verb = _VERBS.get(recorded["method"], "POST")
    path = recorded.get("path") or ""
    target = f"/v1/{DATABASE}/documents" + (f"/{path}" if path else "")
    if recorded["method"] not in _VERBS:
        target += f":{recorded['method']}"
    if recorded.get("query"):
        target += f"?{recorded['query']}"
    body = recorded.get("body")
    text = recorded.get("raw") or (None if body is None else json.dumps(body))
    return Outgoing(verb, target, text, authorization(auth))


def authorization(auth: Any) -> str | None:
    """The header of a recorded caller: None for a guest, else claims, `owner`, or the header itself."""
    if auth is None or isinstance(auth, Mapping):
        return None if auth is None else bearer(auth)
    return OWNER if auth == "owner" else str(auth)


def bearer(claims: Json) -> str:
    """The header of an unsigned token."""
    parts = ({"alg": "none", "type": "JWT"}, claims)
    encoded = (urlsafe_b64encode(json.dumps(dict(each)).encode()).rstrip(b"=").decode() for each in parts)
    return f"Bearer {'.'.join(encoded)}."


_VERBS: Mapping[str, str] = {"get": "GET", "list": "GET", "create": "POST", "update": "PATCH", "delete": "DELETE"}
"""Methods that have no `:name` in the URL; all others are posted."""
