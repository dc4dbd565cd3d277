"""What a stream sends at one go: changes of its targets, new ones whole, and that all of them show one moment.

A round is put together under the engine's guard and said afterwards, message by message, as fast as the client takes
them: what it says was true at one moment, whatever is committed meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from firewarden.firestore.documents import DatabaseName, DocumentPath
from firewarden.firestore.listen.steps import Step
from firewarden.firestore.names import document_name
from firewarden.firestore.query.projection import projected
from firewarden.firestore.status import StatusError
from firewarden.server.answers import document, prefix_of
from firewarden.server.listening import messages
from firewarden.server.listening.messages import Kind
from firewarden.server.listening.targets import Opening, Target
from firewarden.values import Timestamp

Told = Sequence[tuple[Target, Step]]
"""What is told of one document, to each of its targets."""


class Round:
    """The messages of one moment, in order."""

    def __init__(self, database: DatabaseName, moment: Timestamp, token: bytes) -> None:
        self._database = database
        self._moment = moment
        self._token = token
        self._parts: list[Iterable[bytes]] = []
        self._last: list[bytes] = []
        self._is_snapshot = False

    def refused(self, number: int, cause: StatusError) -> None:
        """A target cannot be, or cannot be any more."""
        self._parts.append((messages.target_change(Kind.REMOVE, number, cause),))

    def added(self, number: int) -> None:
        """A target is known."""
        self._parts.append((messages.target_change(Kind.ADD, number),))

    def removed(self, number: int) -> None:
        """A target is gone, as its client wished."""
        self._parts.append((messages.target_change(Kind.REMOVE, number),))

    def opened(self, target: Target, opening: Opening) -> None:
        """A target begins, or goes on from where its client was."""
        self._parts.append(self._opening(target, opening))
        self._is_snapshot = True
        if target.once:
            self._last.append(messages.target_change(Kind.REMOVE, target.number))

    def changed(self, targets: Iterable[tuple[Target, Sequence[Step]]]) -> None:
        """Documents have changed; each is told of once, to all of its targets."""
        told: dict[DocumentPath, list[tuple[Target, Step]]] = {}
        for target, steps in targets:
            for step in steps:
                told.setdefault(step.path, []).append((target, step))
        if told:
            self._parts.append(each for path, inside in told.items() for each in self._document(path, inside))
            self._is_snapshot = True

    def refreshed(self) -> None:
        """Nothing has changed, and clients are to know that."""
        self._is_snapshot = True

    def messages(self) -> Iterator[bytes]:
        """All that is to be sent; can be asked for once."""
        for part in self._parts:
            yield from part
        if self._is_snapshot:
            yield messages.snapshot(self._token, self._moment)
        yield from self._last

    def __bool__(self) -> bool:
        return bool(self._parts) or self._is_snapshot

    def _opening(self, target: Target, opening: Opening) -> Iterator[bytes]:
        if opening.is_reset:
            yield messages.target_change(Kind.RESET, target.number)
        for step in opening.steps:
            if not target.is_wanted:
                return  # it was never current: what is left out is not missed
            yield from self._document(step.path, ((target, step),))
        if opening.total is not None:
            yield messages.existence_filter(target.number, opening.total, opening.names)
        yield messages.current(target.number, self._token, self._moment)

    def _document(self, path: DocumentPath, told: Told) -> Iterator[bytes]:
        prefix = prefix_of(self._database)
        removed = [target.number for target, step in told if step.now is None]
        whole = [target.number for target, step in told if step.now is not None and target.watched.select is None]
        for target, step in told:
            if step.now is None:
                continue
            if target.watched.select is not None:
                data = projected(step.now.data, target.watched.select)
                yield messages.document_change(document(prefix, step.now, data), (target.number,), ())
            elif target.number == whole[0]:
                yield messages.document_change(document(prefix, step.now), whole, removed)
        if removed and not whole:
            name = document_name(self._database, path)
            exists = any(step.exists for _, step in told)
            say = messages.document_remove if exists else messages.document_delete
            yield say(name, removed, self._moment)
