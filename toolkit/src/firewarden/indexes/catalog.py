"""Reads a catalog of queries: every query that functions and clients run, in one file. Runs none.

describe: Queries of the calendar
actors: {ana: {role: member}}         # as in case files; for `roles`
documents: {events/open: {...}}
queries:
  - name: upcoming public events
    run_by: client                    # client | function
    used_by: web/calendar             # or a list
    why: the start page
    list: {collection: events, where: [[visibility, ==, public]], order_by: [[startAt, asc]]}
    roles: {guest: allow, ana: allow} # what the rules decide for each
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from firewarden.errors import Fault, QueryFileError
from firewarden.indexes.notation import Located, Query, read_yaml
from firewarden.indexes.notation.strict import StrictReader

_FILE_KEYS = ("describe", "actors", "documents", "queries")
_QUERY_KEYS = ("name", "run_by", "used_by", "why", "list", "roles")
_RUNNERS = ("client", "function")
_BUILT_IN_ACTORS = ("guest", "owner")


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogQuery:
    """One query of the catalog; `roles` says what the rules decide for each named actor."""

    name: str
    line: int
    run_by: str
    used_by: tuple[str, ...]
    why: str
    query: Query
    roles: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """A file of queries; `actors` maps a uid to its claims."""

    path: Path
    describe: str
    actors: Mapping[str, Mapping[str, Any]]
    documents: Mapping[str, Mapping[str, Any]]
    queries: tuple[CatalogQuery, ...]


def read_catalog(path: Path | str) -> Catalog:
    """The queries of a file; raises QueryFileError with every fault as ``file:line: problem``."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise QueryFileError([Fault(str(path), 0, f"cannot be read: {error}")]) from error
    reader = _Reader(str(path))
    root = read_yaml(text, file=str(path), faults=reader.faults)
    catalog = reader.catalog(path, root) if root.line else None
    if reader.faults or catalog is None:
        raise QueryFileError(sorted(reader.faults, key=lambda fault: fault.line))
    return catalog


class _Reader(StrictReader):
    __slots__ = ()

    def catalog(self, path: Path, root: Located) -> Catalog:
        keys = self.mapping(root, "the file", _FILE_KEYS, required=("queries",))
        actors = {
            name: self.fields(claims, name) for name, claims in self.mapping(keys.get("actors"), "actors").items()
        }
        queries: dict[str, CatalogQuery] = {}
        for entry in self.entries(keys.get("queries"), "queries"):
            query = self.catalog_query(entry, (*_BUILT_IN_ACTORS, *actors))
            if query is not None and query.name in queries:
                self.fault(entry, f"a query named {query.name!r} is there already, at line {queries[query.name].line}")
            elif query is not None:
                queries[query.name] = query
        return Catalog(
            path=path,
            describe=self.text(keys, "describe"),
            actors=actors,
            documents=self.documents(keys.get("documents"), {}),
            queries=tuple(queries.values()),
        )

    def catalog_query(self, entry: Located, actors: tuple[str, ...]) -> CatalogQuery | None:
        required = ("name", "run_by", "used_by", "why", "list")
        keys = self.mapping(entry, "a query", _QUERY_KEYS, required=required)
        roles = self.mapping(keys.get("roles"), "roles")
        for actor, decision in roles.items():
            if actor not in actors:
                self.fault(decision, f"unknown actor {actor!r}; there are {', '.join(actors)}")
            self.word(roles, actor, ("allow", "deny"))
        query = self.query(keys["list"]) if "list" in keys else None
        if query is None:
            return None
        return CatalogQuery(
            name=self.text(keys, "name"),
            line=entry.line,
            run_by=self.word(keys, "run_by", _RUNNERS),
            used_by=self.users(keys.get("used_by")),
            why=self.text(keys, "why"),
            query=query,
            roles={actor: str(decision.value) for actor, decision in roles.items()},
        )

    def users(self, located: Located | None) -> tuple[str, ...]:
        if located is None:
            return ()
        entries = located.value if isinstance(located.value, list) else [located]
        return tuple(self.text({"used_by": each}, "used_by") for each in entries)
