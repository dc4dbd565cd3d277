"""Someone who asks: every request a client can make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from firewarden.rules import Commit, Decision, Get, List, Request, auth_of, decide
from firewarden.testing.rules.attempt import Attempt
from firewarden.testing.rules.query import QueryBuilder, collection_query, query_of
from firewarden.testing.rules.values import document_path
from firewarden.testing.rules.writing import (
    Batch,
    Transaction,
    create_write,
    delete_write,
    set_write,
    update_write,
)
from firewarden.values import Timestamp

if TYPE_CHECKING:
    from firewarden.testing.rules.world import World


@dataclass(frozen=True, slots=True)
class Actor:
    """Makes requests in a world, with the claims of an ID token or without one."""

    world: World
    claims: Mapping[str, Any] | None
    is_owner: bool = False

    def get(self, path: Any) -> Attempt:
        """Read a document; one that does not exist may be read, too."""
        return self._ask(Get(paths=(document_path(path),)))

    def create(self, path: Any, data: Mapping[str, Any]) -> Attempt:
        """Write a document that must not exist."""
        return self._write(create_write(path, data, self._now))

    def set(self, path: Any, data: Mapping[str, Any], *, merge: bool = False) -> Attempt:
        """Write a whole document, or with `merge` the given fields of it."""
        return self._write(set_write(path, data, self._now, merge=merge))

    def update(self, path: Any, fields: Mapping[str, Any]) -> Attempt:
        """Change fields of a document that must exist; keys are field paths such as `address.city`."""
        return self._write(update_write(path, fields, self._now))

    def delete(self, path: Any) -> Attempt:
        """Delete a document."""
        return self._write(delete_write(path))

    def list(self, query: Any) -> Attempt:
        """Run a query: of `collection()`, of google-cloud-firestore, or a mapping in the notation of case files."""
        return self._ask(List(query=query_of(query, self._now)))

    def collection(self, path: str) -> QueryBuilder:
        """Begin a query on a collection."""
        return QueryBuilder(collection_query(path), self._now, self._ask)

    def collection_group(self, name: str) -> QueryBuilder:
        """Begin a query on all collections of this name."""
        return QueryBuilder(collection_query(name, group=True), self._now, self._ask)

    def batch(self) -> Batch:
        """Begin writes that happen together."""
        return Batch(self._now, self._ask)

    def transaction(self) -> Transaction:
        """Begin reads and writes that happen together."""
        return Transaction(self._now, self._ask)

    @property
    def _now(self) -> datetime:
        return self.world.now

    def _write(self, write: Any) -> Attempt:
        return self._ask(Commit(writes=(write,)))

    def _ask(self, operation: Get | List | Commit) -> Attempt:
        world, time = self.world, Timestamp.of(self._now)
        request = Request(operation=operation, time=time, auth=auth_of(self.claims))
        if self.is_owner:
            decision = Decision(allowed=True)
        else:
            if world.watch is not None:
                world.watch(world.rules, request, world.read)
            decision = decide(world.rules, request, world.read)
        return Attempt(world.rules, request, world.read, decision, lambda: _after(world, operation, time))


def _after(world: World, operation: Get | List | Commit, time: Timestamp) -> World:
    return world.written(operation, time) if isinstance(operation, Commit) else world
