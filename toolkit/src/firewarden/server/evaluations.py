"""The last evaluations of rules, as the requests page of the Emulator UI is told them, and who waits for the next.

They are kept as the text that is sent: what a request was about can be larger than all that is worth keeping of it.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from threading import Condition
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from uuid import uuid4
from zlib import crc32

from firewarden.firestore.documents import DatabaseName

if TYPE_CHECKING:
    from firewarden.rules import CompiledRules, Request
    from firewarden.rules.lookups import Read

EVALUATIONS_MAX = 500
CHARACTERS_MAX = 16 << 20
"""Of all together, the text of the rules with each: what goes beyond is forgotten, the oldest first."""


class Evaluations(Protocol):
    """Is told of every request that rules were asked about, admins' therefore not."""

    def record(self, database: DatabaseName, rules: CompiledRules, request: Request, read: Read) -> None:
        """A request was decided; `read` is what rules look up, as long as this lasts."""


Evaluate = Callable[["CompiledRules", "Request", "Read"], Sequence[Mapping[str, Any]]]
"""What a request came to, document by document (`coverage.evaluations`)."""


class Later(NamedTuple):
    """What came after a certain evaluation, and the number to ask with for what comes then."""

    number: int
    texts: Sequence[str]


class History:
    """The evaluations of all projects, numbered as they come. Safe against threads."""

    def __init__(
        self,
        evaluate: Evaluate,
        *,
        most: int = EVALUATIONS_MAX,
        characters: int = CHARACTERS_MAX,
        new_id: Callable[[], str] = lambda: str(uuid4()),
    ) -> None:
        self._evaluate = evaluate
        self._most = most
        self._room = characters
        self._new_id = new_id
        self._kept: deque[str] = deque()
        self._next = 0
        self._changed = Condition()

    def record(self, database: DatabaseName, rules: CompiledRules, request: Request, read: Read) -> None:
        """Keep what the request comes to."""
        key, time = _release(database, rules), str(request.time)
        for each in self._evaluate(rules, request, read):
            head = _written({"rulesReleaseKey": key, "requestId": self._new_id()})
            # The rules are most of it, and always the same.
            self._keep(f'{head[:-1]},"rules":{_quoted(rules.text or "")},{_written({"time": time, **each})[1:]}')

    def later(self, number: int = 0) -> Later:
        """All that is kept from this number on. Who was too slow for what is forgotten goes on with the oldest."""
        with self._changed:
            missed = max(self._next - len(self._kept), number)
            kept = list(self._kept)
            return Later(self._next, kept[len(kept) - (self._next - missed) :])

    def wait(self, number: int, is_over: Callable[[], bool]) -> None:
        """Return when there is something with this number, or nobody waits for it any more; see `wake`."""
        with self._changed:
            self._changed.wait_for(lambda: self._next > number or is_over())

    def wake(self) -> None:
        """Let everybody who waits see whether it is over."""
        with self._changed:
            self._changed.notify_all()

    def _keep(self, text: str) -> None:
        with self._changed:
            self._kept.append(text)
            self._next += 1
            self._room -= len(text)
            while len(self._kept) > self._most or (self._room < 0 and len(self._kept) > 1):
                self._room += len(self._kept.popleft())
            self._changed.notify_all()


def _written(told: Mapping[str, Any]) -> str:
    return json.dumps(told, separators=(",", ":"))


@lru_cache(maxsize=8)
def _quoted(text: str) -> str:
    return json.dumps(text)


def _release(database: DatabaseName, rules: CompiledRules) -> str:
    """What a deployment of these rules would go by: others have another name."""
    suffix = "" if database == DatabaseName(database.project) else f"/{database.database}"
    return f"projects/{database.project}/releases/cloud.firestore{suffix}-{_digest(rules.text or '')}"


@lru_cache(maxsize=8)
def _digest(text: str) -> int:
    return crc32(text.encode("utf-8", "replace"))
