"""Writes as the client library sends them, alone or several in one commit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from firewarden.errors import FirewardenError
from firewarden.rules.fields import field_text
from firewarden.rules.requests import Commit, Get, Write
from firewarden.testing.rules.attempt import Attempt
from firewarden.testing.rules.transforms import Taken, taken, taken_fields
from firewarden.testing.rules.values import document_path


def create_write(path: Any, data: Mapping[str, Any], now: datetime) -> Write:
    """`create`: the document must not exist."""
    return replace(set_write(path, data, now), exists=False)


def set_write(path: Any, data: Mapping[str, Any], now: datetime, *, merge: bool = False) -> Write:
    """`set`: the whole document, or with `merge` only the fields that are given."""
    found = taken(data, now)
    if merge:
        return Write(path=document_path(path), data=found.data, mask=_mask(found), transforms=found.transforms)
    if found.removed:
        raise FirewardenError(f"DELETE_FIELD cannot be in set() of {path}.", hint="Use set(…, merge=True) or update().")
    return Write(path=document_path(path), data=found.data, transforms=found.transforms)


def update_write(path: Any, fields: Mapping[str, Any], now: datetime) -> Write:
    """`update`: the document must exist; keys are field paths."""
    if not fields:
        raise FirewardenError(f"An update of {path} without fields.", hint="Name at least one field.")
    found = taken_fields(fields, now)
    return Write(path=document_path(path), data=found.data, mask=_mask(found), transforms=found.transforms, exists=True)


def delete_write(path: Any) -> Write:
    """`delete`: whether or not there is a document."""
    return Write(path=document_path(path))


def _mask(found: Taken) -> tuple[str, ...]:
    return tuple(map(field_text, (*found.leaves, *found.removed)))


@dataclass(frozen=True, slots=True)
class Batch:
    """Writes that happen together or not at all; each call gives a batch with one write more."""

    now: datetime
    _ask: Callable[[Any], Attempt]
    writes: tuple[Write, ...] = ()

    def create(self, path: Any, data: Mapping[str, Any]) -> Batch:
        """Add a create."""
        return self._with(create_write(path, data, self.now))

    def set(self, path: Any, data: Mapping[str, Any], *, merge: bool = False) -> Batch:
        """Add a set."""
        return self._with(set_write(path, data, self.now, merge=merge))

    def update(self, path: Any, fields: Mapping[str, Any]) -> Batch:
        """Add an update."""
        return self._with(update_write(path, fields, self.now))

    def delete(self, path: Any) -> Batch:
        """Add a delete."""
        return self._with(delete_write(path))

    def commit(self) -> Attempt:
        """Ask for all of them at once."""
        return self._ask(Commit(writes=self.writes))

    def _with(self, write: Write) -> Batch:
        return replace(self, writes=(*self.writes, write))


@dataclass(frozen=True, slots=True)
class Transaction(Batch):
    """A batch that also reads; reads come before writes, and each is asked for when it is made."""

    reads: tuple[Attempt, ...] = ()

    def get(self, path: Any) -> Transaction:
        """Add a read."""
        asked = self._ask(Get(paths=(document_path(path),), in_transaction=True))
        return replace(self, reads=(*self.reads, asked))

    def commit(self) -> Attempt:
        """The first read that is denied, else the commit of the writes."""
        denied = next((each for each in self.reads if not each.allowed), None)
        return Batch.commit(self) if denied is None else denied

    def _with(self, write: Write) -> Transaction:
        return replace(self, writes=(*self.writes, write))
