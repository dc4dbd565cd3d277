"""A listener's stream: takes requests, keeps targets, and tells of changes when there is room for them.

Between two rounds nothing is queued but what its targets have merged (`Pending`): a slow client sees fewer states, and
each that it sees was committed.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Mapping
from itertools import count
from typing import Any

from firewarden.firestore.billing.law import MINIMUM_READS
from firewarden.firestore.listen.changes import Changes
from firewarden.firestore.listen.steps import Result
from firewarden.firestore.status import Code, StatusError, invalid
from firewarden.server.listening.requests import check_database, read_resume, read_watched
from firewarden.server.listening.rounds import Round
from firewarden.server.listening.targets import Target
from firewarden.server.listening.tokens import Token
from firewarden.server.rpc.calls import Call
from firewarden.server.transports.interface import Receive, Send
from firewarden.values import Timestamp

_REQUESTS_MAX = 100
"""So many requests are read ahead."""
_MESSAGES_AT_ONCE = 500
"""After so many messages others have their turn."""


class Stream:
    """One Listen call, from its first request on. A `Follower` of its database."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._database = call.database
        self._targets: dict[int, Target] = {}
        self._assigns_numbers = False
        self._requests: deque[Any] = deque()
        self._has_room = asyncio.Event()
        self._has_news = asyncio.Event()
        self._fault: Exception | None = None
        self._was_told = False
        self._is_idle = False

    async def run(self, first: Any, receive: Receive, send: Send) -> None:
        """Answer until the client has said all it will, or has gone."""
        self._loop, self._thread = asyncio.get_running_loop(), threading.get_ident()
        self._task = asyncio.current_task()
        self._accept(first)
        reading = self._loop.create_task(self._read(receive))
        reading.add_done_callback(self._read_all)
        self._wait_for_refresh()
        try:
            with self._call.engine.feed.following(self._database.name, self) as self._channel:
                while self._requests or not reading.done():
                    await self._has_news.wait()
                    self._has_news.clear()
                    await self._tell(send)
        except asyncio.CancelledError:
            if self._fault is None:
                raise
            raise self._fault from None
        finally:
            reading.cancel()
            self._refresh.cancel()
        reading.result()

    # Requests

    async def _read(self, receive: Receive) -> None:
        while (request := await receive()) is not None:
            self._accept(request)
            while len(self._requests) >= _REQUESTS_MAX:
                self._has_room.clear()
                await self._has_room.wait()

    def _read_all(self, reading: asyncio.Task[None]) -> None:
        if not reading.cancelled():
            reading.exception()  # it is raised by `run`, unless that has ended before
        self._has_news.set()

    def _accept(self, request: Any) -> None:
        check_database(request, self._database.name)
        if request.WhichOneof("target_change") is None:
            raise invalid("A request must add or remove a target.")
        if request.add_target.target_id < 0:
            raise invalid("A target's id must not be negative.")
        removed = self._targets.get(request.remove_target)
        if removed is not None:
            removed.is_wanted = False  # what is being told of it can stop
        self._requests.append(request)
        self._has_news.set()

    # Answers

    async def _tell(self, send: Send) -> None:
        told = self._round()
        if not told:
            return
        self._was_told = True
        egress = 0
        for number, message in enumerate(told.messages(), 1):
            egress += len(message)
            await send(message)
            if number % _MESSAGES_AT_ONCE == 0:
                await asyncio.sleep(0)
        with self._call.engine.guard:
            self._call.account.egress += egress
            self._call.account.post("Listen")

    def _round(self) -> Round:
        with self._call.engine.guard:
            self._channel.settle()
            now = self._database.read_time()
            token = Token(now, self._database.documents.last_version).encoded()
            made = Round(self._database.name, now, token)
            self._ask_again(made, now)
            self._take_changes(made)
            while self._requests:
                self._answer(self._requests.popleft(), made, now)
            if self._is_idle and self._targets:
                made.refreshed()
        self._is_idle = False
        self._has_room.set()
        return made

    def _ask_again(self, made: Round, now: Timestamp) -> None:
        for number, target in list(self._targets.items()):
            if target.is_in_doubt:
                try:
                    target.ask(now)
                except StatusError as cause:
                    del self._targets[number]
                    made.refused(number, cause)

    def _take_changes(self, made: Round) -> None:
        wanted = [each for each in self._targets.values() if each.is_wanted]
        changed = [(each, each.pending.take()) for each in wanted if each.pending]
        made.changed(changed)
        for _, steps in changed:
            read = [step.path for step in steps if step.now is not None or step.exists]
            self._call.account.documents_read(len(read), read)

    def _answer(self, request: Any, made: Round, now: Timestamp) -> None:
        if request.WhichOneof("target_change") == "add_target":
            self._add(request.add_target, made, now)
        elif self._targets.pop(request.remove_target, None) is not None:
            made.removed(request.remove_target)

    def _add(self, asked: Any, made: Round, now: Timestamp) -> None:
        number = asked.target_id or next(each for each in count(1) if each not in self._targets)
        problem = self._number_problem(asked.target_id)
        if problem is not None:
            made.refused(number, problem)
            return
        self._assigns_numbers = not asked.target_id
        made.added(number)
        try:
            target = Target(number, read_watched(asked, self._database), self._call, once=asked.once)
            opening = target.open(read_resume(asked, self._database), now)
        except StatusError as cause:
            made.refused(number, cause)
            return
        made.opened(target, opening)
        read = [step.path for step in opening.steps]
        self._call.account.documents_read(max(len(read), MINIMUM_READS), read)
        if not target.once:
            self._targets[number] = target

    def _number_problem(self, number: int) -> StatusError | None:
        """Why a target cannot have this number. The client takes one that is refused for gone, and so it is."""
        if number and self._targets.pop(number, None) is not None:
            return StatusError(Code.ALREADY_EXISTS, f"Target ID already exists: {number}")
        if number and self._assigns_numbers:
            return invalid("Once the server has given a target its id, clients cannot choose theirs.")
        return None

    # Nothing to tell

    def _wait_for_refresh(self) -> None:
        self._refresh = self._loop.call_later(self._call.engine.options.refresh, self._look_whether_idle)

    def _look_whether_idle(self) -> None:
        self._is_idle, self._was_told = not self._was_told, False
        if self._is_idle:
            self._has_news.set()
        self._wait_for_refresh()

    # The feed's side

    def follow(self, changes: Changes) -> None:
        """Documents have changed."""
        for target in self._targets.values():
            target.follow(changes)

    def results(self) -> Mapping[Target, Result]:
        """What its targets hold now."""
        return {each: each.result() for each in self._targets.values()}

    def rewritten(self, before: Mapping[Target, Result]) -> None:
        """Documents have changed otherwise than by commits."""
        for target, result in before.items():
            target.rewritten(result)

    def wake(self) -> None:
        """There may be something to tell. May be called from any thread."""
        if self._has_news.is_set():
            return
        if threading.get_ident() == self._thread:
            self._has_news.set()
        else:
            self._loop.call_soon_threadsafe(self._has_news.set)

    def fail(self, fault: Exception) -> None:
        """It cannot go on. May be called from any thread."""
        self._fault = fault
        task = self._task
        if task is not None:
            self._loop.call_soon_threadsafe(task.cancel)
