"""Histories of writes, listeners, slow clients, disconnects and clears, played by seed in one thread without a port.

Every snapshot that a listener is shown is held against reads of that time, and at the end everybody must show what is
stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any
from unittest.mock import patch

from google.protobuf import json_format

from firewarden.firestore.listen import windows
from firewarden.firestore.names import parse_database_name
from firewarden.firestore.status import Code, StatusError
from firewarden.firestore.wire import protos
from firewarden.server.engine import Engine
from firewarden.server.rpc.documents import batch_get_documents
from firewarden.server.rpc.listening import listen
from firewarden.server.rpc.queries import run_query
from firewarden.server.rpc.transactions import commit_writes
from firewarden.server.transports.interface import Context
from firewarden.store import Store
from firewarden.values import NANOS_PER_SECOND, Timestamp
from toolkit.tests.conformance.firestore import universe
from toolkit.tests.conformance.firestore.queries import query
from toolkit.tests.conformance.firestore.universe import DATABASE, Json
from toolkit.tests.conformance.listeners.mirror import Mirror, Seen, Shown, Wrong, serialised

STEPS = 100
_LINKS_MAX, _TARGETS_MAX = 4, 4
_QUIET_TURNS = 400
_HOLDS_UP = 0.03
"""How likely a client stops reading at any message."""
_SECOND, _HOUR = NANOS_PER_SECOND, 3_600 * NANOS_PER_SECOND


@dataclass(slots=True)
class Played:
    """What a history came to."""

    snapshots: int = 0
    unknown: int = 0
    resumed: int = 0
    commits: int = 0
    done: list[str] = field(default_factory=list)


def play(seed: str, *, steps: int = STEPS) -> Played:
    """Play one history; raises `Wrong` with what was done so far."""
    random = Random(seed)
    player = _Player(random)
    try:
        # A window of the usual width holds all that is in this small world.
        with patch.object(windows, "spare", lambda _: 1):
            asyncio.run(player.play(steps))
    except BaseException as fault:
        fault.add_note(f"seed {seed}: {', '.join(player.played.done)}")
        raise
    return player.played


class _Link:
    """One stream: its client's mirror, and a gate that is closed while the client does not read."""

    def __init__(self, engine: Engine, random: Random, mirror: Mirror) -> None:
        self.mirror = mirror
        self.gate = asyncio.Event()
        self.gate.set()
        self._random = random
        self._requests: asyncio.Queue[Any] = asyncio.Queue()
        context = Context({"authorization": "Bearer owner"})
        self.task = asyncio.create_task(listen(engine, self._requests.get, self._send, context))

    def ask(self, **content: Any) -> None:
        self._requests.put_nowait(protos.ListenRequest(database=DATABASE, **content))

    def end(self) -> None:
        self._requests.put_nowait(None)

    async def _send(self, message: bytes) -> None:
        await self.gate.wait()
        self.mirror.hear(protos.ListenResponse.FromString(message))
        if self._random.random() < _HOLDS_UP:
            self.gate.clear()


class _Player:
    def __init__(self, random: Random) -> None:
        self._random = random
        self._nanos = 1_700_000_000 * _SECOND
        self._engine = Engine(Store(), now=lambda: Timestamp(self._nanos))
        self._links: list[_Link] = []
        self._left: list[Seen] = []
        self.played = Played()

    async def play(self, steps: int) -> None:
        try:
            for _ in range(steps):
                await self._step()
            await self._quiet()
            self._check_last()
        finally:
            for each in self._links:
                each.task.cancel()
            await asyncio.gather(*(each.task for each in self._links), return_exceptions=True)
        if self._engine.feed.followers:
            raise Wrong("somebody still follows, though nobody listens")
        self._engine.close()

    async def _step(self) -> None:
        chances: list[tuple[int, Callable[[], Awaitable[None] | None]]] = [
            (40, self._commit),
            (16, self._add),
            (40, self._turns),
            (6, self._time_goes_on),
            (6, self._read_on),
            (4, self._remove),
            (3, self._disconnect),
            (2, self._half_close),
            (1, self._clear),
            (1, self._clear_below),
        ]
        act = self._random.choices([each for _, each in chances], [weight for weight, _ in chances])[0]
        self.played.done.append(act.__name__[1:])
        waits = act()
        if waits is not None:
            await waits

    # What happens

    def _commit(self) -> None:
        random = self._random
        names = dict.fromkeys(universe.name(random) for _ in range(random.choice([1, 1, 2, 5])))
        writes: list[Json] = [
            {"delete": each} if random.random() < 0.4 else {"update": {"name": each, "fields": universe.fields(random)}}
            for each in names
        ]
        request = json_format.ParseDict({"database": DATABASE, "writes": writes}, protos.CommitRequest())
        commit_writes(self._engine, request, _owner())
        self.played.commits += 1

    def _add(self) -> None:
        if not self._links or (len(self._links) < _LINKS_MAX and self._random.random() < 0.3):
            self._links.append(_Link(self._engine, self._random, Mirror(self._truth)))
        link = self._random.choice(self._links)
        free = [each for each in range(1, _TARGETS_MAX + 1) if each not in link.mirror.targets]
        if not free:
            return
        number = self._random.choice(free)
        seen = self._known() if self._left and self._random.random() < 0.6 else Seen(self._target())
        seen.target.target_id = number
        link.mirror.targets[number] = seen
        asked = protos.Target()
        asked.CopyFrom(seen.target)
        asked.once = self._random.random() < 0.05
        if seen.token:
            self.played.resumed += 1
            asked.resume_token = seen.token
            if self._random.random() < 0.5:
                asked.expected_count.value = len(seen.heard)
        link.ask(add_target=asked)

    def _known(self) -> Seen:
        """A target that somebody has left: resumed from its last snapshot."""
        left = self._left.pop(self._random.randrange(len(self._left)))
        return Seen(left.target, dict(left.snapshot), snapshot=left.snapshot, token=left.token)

    def _target(self) -> Any:
        random = self._random
        if random.random() < 0.2:
            names = [universe.name(random) for _ in range(random.randint(1, 4))]
            return protos.Target(documents={"documents": names})
        parent, structured = self._window() if random.random() < 0.5 else query(random)
        target = protos.Target()
        target.query.parent = parent
        json_format.ParseDict(structured, target.query.structured_query)
        return target

    def _window(self) -> tuple[str, Json]:
        """A query that cuts a little off much: what changes moves others."""
        random = self._random
        source = {"collectionId": "c", "allDescendants": random.random() < 0.5}
        made: Json = {"from": [source], "limit": random.choice([1, 2, 3]), "offset": random.choice([0, 0, 1])}
        if random.random() < 0.5:
            direction = random.choice(["ASCENDING", "DESCENDING"])
            made["orderBy"] = [{"field": {"fieldPath": "a"}, "direction": direction}]
        return universe.ROOT, made

    async def _turns(self) -> None:
        for _ in range(self._random.randint(1, 12)):
            await asyncio.sleep(0)
        self._look()

    def _time_goes_on(self) -> None:
        self._nanos += self._random.choice([1_000, _SECOND, 60 * _SECOND, 60 * _SECOND, 2 * _HOUR])

    def _read_on(self) -> None:
        for each in self._links:
            each.gate.set()

    def _remove(self) -> None:
        links = [each for each in self._links if each.mirror.targets]
        if links:
            link = self._random.choice(links)
            link.ask(remove_target=self._random.choice(list(link.mirror.targets)))

    async def _disconnect(self) -> None:
        if self._links:
            link = self._links.pop(self._random.randrange(len(self._links)))
            link.task.cancel()
            with suppress(asyncio.CancelledError):
                await link.task
            self._leave(link)

    async def _half_close(self) -> None:
        if self._links:
            link = self._links.pop(self._random.randrange(len(self._links)))
            link.end()
            link.gate = _open_for_ever(link.gate)
            await asyncio.wait([link.task])
            if fault := link.task.exception():
                raise Wrong("a stream has failed at its end") from fault
            self._leave(link)

    def _leave(self, link: _Link) -> None:
        self.played.snapshots += link.mirror.checked
        self.played.unknown += link.mirror.unknown
        self._left += [each for each in link.mirror.targets.values() if each.token]

    def _clear(self) -> None:
        self._engine.clear(parse_database_name(DATABASE))

    def _clear_below(self) -> None:
        self._engine.clear(parse_database_name(DATABASE), self._random.choice([("c",), ("c", "d1"), ("e", "z z", "c")]))

    # What must be true

    async def _quiet(self) -> None:
        for _ in range(_QUIET_TURNS):
            self._read_on()
            await asyncio.sleep(0)
        self._look()

    def _look(self) -> None:
        for each in self._links:
            if each.task.done():
                raise Wrong("a stream has ended by itself") from each.task.exception()

    def _check_last(self) -> None:
        moment = self._engine.database(parse_database_name(DATABASE)).read_time()
        now = protos.Timestamp(seconds=moment.nanos // _SECOND, nanos=moment.nanos % _SECOND)
        for link in self._links:
            for seen in link.mirror.targets.values():
                if not seen.is_current or seen.snapshot != self._truth(seen.target, now):
                    raise Wrong(f"in the end this is not what is stored:\n{seen.target}")
            self._leave(link)

    def _truth(self, target: Any, read_time: Any) -> Shown | None:
        """What a read of that time finds."""
        try:
            if target.WhichOneof("target_type") == "documents":
                batch = protos.BatchGetDocumentsRequest(database=DATABASE, documents=target.documents.documents)
                batch.read_time.CopyFrom(read_time)
                got = map(
                    protos.BatchGetDocumentsResponse.FromString, batch_get_documents(self._engine, batch, _owner())
                )
                return {each.found.name: serialised(each.found) for each in got if each.HasField("found")}
            asked = protos.RunQueryRequest(parent=target.query.parent, structured_query=target.query.structured_query)
            asked.read_time.CopyFrom(read_time)
            ran = map(protos.RunQueryResponse.FromString, run_query(self._engine, asked, _owner()))
            return {each.document.name: serialised(each.document) for each in ran if each.HasField("document")}
        except StatusError as status:
            if status.code is Code.FAILED_PRECONDITION:  # cleared since, or too long ago
                return None
            raise


def _owner() -> Context:
    return Context({"authorization": "Bearer owner"})


def _open_for_ever(gate: asyncio.Event) -> asyncio.Event:
    gate.set()
    gate.clear = lambda: None  # type: ignore[method-assign]  # whoever ends reads all that comes
    return gate
