"""A target of a stream: what it watches, what its client was not told yet, and whether rules still allow it.

Everything here happens under the engine's guard.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from firewarden.firestore.documents import DocumentPath, StoredDocument
from firewarden.firestore.listen.bloom import BloomFilter, bloom_filter
from firewarden.firestore.listen.changes import Changes
from firewarden.firestore.listen.steps import Pending, Result, Step, difference, growth
from firewarden.firestore.names import document_name
from firewarden.firestore.query.scanning import Snapshot
from firewarden.firestore.status import StatusError
from firewarden.server.database import ServedDatabase
from firewarden.server.listening.requests import Resume
from firewarden.server.listening.tokens import Token
from firewarden.server.listening.watched import Watched
from firewarden.server.rpc.calls import Call
from firewarden.server.rulesets import Loaded
from firewarden.values import Timestamp

_NAMES_MAX = 10_000
"""Of more documents no filter of names is made: it takes a moment in which nobody else is answered."""


class Opening(NamedTuple):
    """What is told of a target at first.

    With `is_reset` what the client knew counts no more; `total` is how many documents there are, if it wants to know.
    `names` are these documents, if it has others than it should.
    """

    is_reset: bool
    steps: Sequence[Step]
    total: int | None = None
    names: BloomFilter | None = None


class Target:
    """One target, from the request that adds it on. It is no longer `is_wanted` when its client has removed it."""

    def __init__(self, number: int, watched: Watched, call: Call, *, once: bool) -> None:
        self.number = number
        self.watched = watched
        self.once = once
        self.is_wanted = True
        self.pending = Pending()
        self._database: ServedDatabase = call.database
        self._call = call
        self._rules: Loaded | None = None
        self._looked_up: set[DocumentPath] = set()
        self._is_in_doubt = False

    def open(self, resume: Resume | None, now: Timestamp) -> Opening:
        """Begin, or go on where the client has been. Raises PERMISSION_DENIED if rules do not allow it."""
        self.ask(now)
        snapshot = self._database.documents.snapshot(None)
        self._view = self.watched.view(snapshot)
        if resume is None:
            return Opening(is_reset=False, steps=self._whole(snapshot))
        steps = self._since(resume.token, snapshot, now)
        if steps is None:
            return Opening(is_reset=True, steps=self._whole(snapshot))
        if resume.expected_count is None:
            return Opening(is_reset=False, steps=steps)
        result = self.watched.result(snapshot)
        names = self._names(result) if 0 < resume.expected_count != len(result) - growth(steps) else None
        return Opening(is_reset=False, steps=steps, total=len(result), names=names)

    def follow(self, changes: Changes) -> None:
        """Note what commits have changed."""
        snapshot = self._database.documents.snapshot(None)
        for step in self._view.steps(changes, partial(self.watched.refill, snapshot)):
            self.pending.add(step)
        self._is_in_doubt = self._is_in_doubt or bool(self.pending) or changes.touch(self._looked_up)

    def result(self) -> Result:
        """What it holds now."""
        return self.watched.result(self._database.documents.snapshot(None))

    def rewritten(self, before: Result) -> None:
        """Note what has changed otherwise than by commits, given what it held before."""
        snapshot = self._database.documents.snapshot(None)
        for step in difference(before, self.watched.result(snapshot), partial(_exists, snapshot)):
            self.pending.add(step)
        self._view = self.watched.view(snapshot)
        self._is_in_doubt = True

    @property
    def is_in_doubt(self) -> bool:
        """Whether rules must be asked again: for what is to be told, what they have looked up, or other rules."""
        if self._call.caller.is_admin:
            return False
        return self._is_in_doubt or self._rules is not self._database.rulesets.of(self._database.name)

    def ask(self, now: Timestamp) -> None:
        """Ask the rules. Raises PERMISSION_DENIED, or whatever keeps them from an answer."""
        self._looked_up = set()
        self._rules = self._database.rulesets.of(self._database.name)
        self._is_in_doubt = False
        stored = self._database.documents.snapshot(None).document

        def noted(path: DocumentPath) -> StoredDocument | None:
            self._looked_up.add(path)
            return stored(path)

        self.watched.ask(self._database.judge(noted, self._call.account), self._call.caller, now)

    def _whole(self, snapshot: Snapshot) -> Sequence[Step]:
        result = self.watched.result(snapshot)
        steps = [Step(path, was_in=False, now=each, exists=True) for path, each in result.items()]
        return [*steps, *self.watched.absent(result)]

    def _names(self, result: Result) -> BloomFilter | None:
        if len(result) > _NAMES_MAX:
            return None
        return bloom_filter([document_name(self._database.name, path) for path in result])

    def _since(self, token: Token | None, snapshot: Snapshot, now: Timestamp) -> Sequence[Step] | None:
        """The steps since a token; None if what was then is not known."""
        database = self._database
        last = database.documents.last_version
        if token is None or not database.known_since <= token.moment <= now or token.version > last:
            return None
        try:
            then = database.documents.snapshot(token.moment, now=now)
        except StatusError:
            return None
        if last <= token.moment:
            return ()
        return list(difference(self.watched.result(then), self.watched.result(snapshot), partial(_exists, snapshot)))


def _exists(snapshot: Snapshot, path: DocumentPath) -> bool:
    return snapshot.document(path) is not None
