"""What a case file says, as frozen values. Knows neither YAML nor any engine."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from firewarden.indexes.notation import Query

Expectation = Literal["allow", "deny"]
Kind = Literal["get", "list", "create", "set", "set_merge", "update", "delete"]

GUEST = "guest"
OWNER = "owner"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who makes a request. Any name is a signed-in user's uid, but for `guest` and `owner`."""

    name: str
    claims: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """One request, or one write of a batch. `data` is what a write carries, `query` what a list asks."""

    kind: Kind
    path: str = ""
    data: Mapping[str, Any] | None = None
    query: Query | None = None

    def __str__(self) -> str:
        if self.query is None:
            return f"{self.kind} {self.path}"
        return f"list {'group ' if self.query.group else ''}{self.query.collection}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One request on a database with these documents, and whether the rules must allow it."""

    name: str
    file: Path
    line: int
    actor: Actor
    operations: tuple[Operation, ...]
    batch: bool
    documents: Mapping[str, Mapping[str, Any]]
    expect: Expectation
    because: str = ""

    @property
    def id(self) -> str:
        """Unique among files of different names, and fit for a test's parameter id."""
        slug = re.sub(r"[^0-9a-z]+", "-", self.name.lower()).strip("-")
        return f"{self.file.name.removesuffix('.cases.yaml')}/{slug}"

    @property
    def place(self) -> str:
        """``file:line`` of the case."""
        return f"{self.file}:{self.line}"

    @property
    def request(self) -> str:
        """What is asked, in a few words."""
        asked = ", ".join(str(operation) for operation in self.operations)
        return f"batch of {asked}" if self.batch else asked


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """The cases of one file."""

    path: Path
    describe: str
    actors: Mapping[str, Actor]
    documents: Mapping[str, Mapping[str, Any]]
    cases: tuple[Case, ...]
