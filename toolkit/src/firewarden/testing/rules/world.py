"""Rules with documents and a clock: what requests are asked of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from os import PathLike
from typing import Any

from firewarden.errors import FirewardenError
from firewarden.rules import (
    PRODUCTION,
    Commit,
    Compatibility,
    CompiledRules,
    Request,
    RulesetInvalid,
    compile_rules,
    effects,
)
from firewarden.rules.environment import Document
from firewarden.rules.lookups import Read
from firewarden.rules.requests import DocumentPath
from firewarden.testing._rules_text import rules_text
from firewarden.testing.rules.actor import Actor
from firewarden.testing.rules.values import document_path, engine_fields
from firewarden.values import Timestamp

Watch = Callable[[CompiledRules, Request, Read], None]


@dataclass(frozen=True, slots=True)
class World:
    """Rules, documents and the time of the next request. A value: `given` and `at` return another one."""

    rules: CompiledRules = field(repr=False)
    documents: Mapping[DocumentPath, Document] = field(default_factory=dict)
    time: datetime | None = None
    watch: Watch | None = field(default=None, repr=False, compare=False)
    """Is told of every request before it is decided, for coverage."""

    def given(self, documents: Mapping[Any, Mapping[str, Any] | None]) -> World:
        """With these documents too, by path; None takes one away."""
        known = dict(self.documents)
        for path, data in documents.items():
            if data is None:
                known.pop(document_path(path), None)
            else:
                known[document_path(path)] = engine_fields(data, self.now, str(path))
        return replace(self, documents=known)

    def at(self, moment: datetime) -> World:
        """With requests made at this moment; without it, at the moment they are asked."""
        if moment.tzinfo is None:
            raise FirewardenError(f"{moment} has no time zone.", hint="Add one, such as tzinfo=UTC.")
        return replace(self, time=moment)

    @property
    def now(self) -> datetime:
        """The time of the next request."""
        return self.time or datetime.now(UTC)

    def as_user(self, uid: str, *, claims: Mapping[str, Any] | None = None, **custom: Any) -> Actor:
        """Someone signed in: `as_user("ana", role="admin")` has that custom claim in the token."""
        return Actor(self, {"sub": uid, "user_id": uid, **(claims or {}), **custom})

    def as_guest(self) -> Actor:
        """Someone who is not signed in."""
        return Actor(self, None)

    def as_owner(self) -> Actor:
        """The administrator, whom no rule applies to."""
        return Actor(self, None, is_owner=True)

    def read(self, path: DocumentPath) -> Document | None:
        """The document at a path."""
        return self.documents.get(path)

    def written(self, commit: Commit, time: Timestamp) -> World:
        """The documents once the writes are done; a precondition that does not hold is an error."""
        known = dict(self.documents)
        for write in commit.writes:
            before = known.get(write.path)
            if write.exists is not None and write.exists is not (before is not None):
                what = "does not exist" if write.exists else "exists already"
                raise FirewardenError(f"The rules allow this write, but {'/'.join(write.path)} {what}.")
            data = effects.after(write, before, time)
            if data is None:
                known.pop(write.path, None)
            else:
                known[write.path] = data
        return replace(self, documents=known)


def rules_from(source: str | PathLike[str], *, compatibility: Compatibility = PRODUCTION) -> World:
    """The world of a rules file, or of rules given as text, without documents."""
    text, file = rules_text(source)
    try:
        return World(compile_rules(text, compatibility=compatibility))
    except RulesetInvalid as invalid:
        raise RulesetInvalid(invalid.diagnostics, text, file) from None
