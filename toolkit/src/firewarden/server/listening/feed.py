"""Commits on their way to those who listen: a queue for each database, emptied when somebody looks.

A commit costs no more here than to note it and to wake who waits. What it changes is worked out when a stream has room
for it, of many commits at once; or when so much has gathered that it takes less room worked out.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from firewarden.firestore.commits import Changed
from firewarden.firestore.documents import DatabaseName
from firewarden.firestore.listen.changes import Changes
from firewarden.server.database import Committed

_GATHERED_MAX = 5_000
"""So many changed documents are kept as commits."""


class Follower(Protocol):
    """Who listens to a database. All but `wake` and `fail` is asked under the engine's guard."""

    def follow(self, changes: Changes) -> None:
        """Documents have changed."""

    def results(self) -> Any:
        """What it shows now, to be handed back to `rewritten`."""

    def rewritten(self, before: Any) -> None:
        """Documents have changed otherwise than by commits."""

    def wake(self) -> None:
        """There may be something to tell. May be called from any thread."""

    def fail(self, fault: Exception) -> None:
        """It cannot go on."""


class Channel:
    """The followers of one database, and the commits that they have not seen."""

    def __init__(self) -> None:
        self.followers: dict[Follower, None] = {}
        self._commits: list[tuple[Changed, ...]] = []
        self._gathered = 0

    def add(self, committed: Committed) -> None:
        """One more commit."""
        self._commits.append(committed.changes)
        self._gathered += len(committed.changes)
        if self._gathered > _GATHERED_MAX:
            self.settle()
        self.wake()

    def settle(self) -> None:
        """Let all followers see all commits: they are then as the database is."""
        if not self._commits:
            return
        changes = Changes()
        for each in self._commits:
            changes.add(each)
        self._commits, self._gathered = [], 0
        for follower in list(self.followers):
            try:
                follower.follow(changes)
            except Exception as fault:  # noqa: BLE001 - whoever commits must not fail for whoever listens
                follower.fail(fault)

    def wake(self) -> None:
        """Have everybody look."""
        for follower in self.followers:
            follower.wake()


class Feed:
    """The channels of an engine; one that nobody follows any more is gone."""

    def __init__(self, guard: threading.RLock) -> None:
        self._guard = guard
        self._channels: dict[DatabaseName, Channel] = {}

    def committed(self, committed: Committed) -> None:
        """An `OnCommit`."""
        channel = self._channels.get(committed.database)
        if channel is not None:
            channel.add(committed)

    @contextmanager
    def following(self, name: DatabaseName, follower: Follower) -> Iterator[Channel]:
        """Tell a follower of a database's commits as long as this lasts."""
        with self._guard:
            channel = self._channels.setdefault(name, Channel())
            channel.settle()
            channel.followers[follower] = None
        try:
            yield channel
        finally:
            with self._guard:
                del channel.followers[follower]
                if not channel.followers:
                    del self._channels[name]

    @contextmanager
    def rewriting(self, name: DatabaseName) -> Iterator[None]:
        """Documents change within this otherwise than by commits: followers look before and after."""
        with self._guard:
            channel = self._channels.get(name, Channel())
            channel.settle()
            before = [(each, each.results()) for each in channel.followers]
            yield
            for follower, results in before:
                follower.rewritten(results)
            channel.wake()

    def look_again(self) -> None:
        """Rules have changed: whoever follows anything may see something else."""
        with self._guard:
            for channel in self._channels.values():
                channel.wake()

    @property
    def followers(self) -> int:
        """How many there are."""
        with self._guard:
            return sum(len(each.followers) for each in self._channels.values())
