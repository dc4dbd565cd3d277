"""What a test costs in Cloud Firestore: reading the meter of a server or of a database in this process.

    with meter.expect(reads=3, writes=2):
        accept(invitation)

What is measured is everything that reaches the project meanwhile, whoever sends it: triggers, too, so that a test
waits for them first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from firewarden.firestore.billing.usage import NOTHING, Usage
from firewarden.testing._action import named_action

if TYPE_CHECKING:
    from firewarden.server.engine import Engine
    from firewarden.testing.control import EmulatorControl

Expected = int | range
"""A number, or those that are all right: `range(0, 4)` is at most three."""

_TITLES = {"index_entries": "index entries", "ttl_deletes": "deletes by time to live", "egress": "bytes"}
_SHOWN_MAX = 40
"""Requests in the message of a failure."""


class UnexpectedCost(AssertionError):  # noqa: N818 - says what happened, as the errors of this package do
    """Requests came to something else than was expected. `.usage` and `.requests` say to what."""

    def __init__(self, message: str, usage: Usage, requests: Sequence[Request]) -> None:
        super().__init__(message)
        self.usage = usage
        self.requests = requests


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `caller` is a user's id, `admin` or `guest`; `things` are what it did, and with which document."""

    method: str
    caller: str
    action: str
    usage: Usage
    things: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        action = f" [{self.action}]" if self.action else ""
        lines = [f"{self.method} by {self.caller}{action}: {counts(self.usage)}"]
        lines += [f"  {did} {what}" for did, what in self.things]
        return "\n".join(lines)


class Source(Protocol):
    """Where a meter can be read: an answer of `GET :meter`, see `firewarden.server.meter_admin`."""

    def read(self, after: int | None) -> Mapping[str, Any]:
        """The sums, and the single requests that follow a number."""

    def record(self) -> Mapping[str, Any]:
        """Keep single requests from now on; the sums."""


@dataclass(frozen=True, slots=True)
class ServerSource:
    """A project on a running server."""

    control: EmulatorControl
    project: str

    def read(self, after: int | None) -> Mapping[str, Any]:
        """Over HTTP."""
        return self.control.meter(self.project, after=after)

    def record(self) -> Mapping[str, Any]:
        """Over HTTP; raises `NotMetered`."""
        return self.control.record_requests(self.project)


@dataclass(frozen=True, slots=True)
class EngineSource:
    """A project on the engine that this process has at the moment."""

    engine: Callable[[], Engine]
    project: str

    def read(self, after: int | None) -> Mapping[str, Any]:
        """Without a port."""
        from firewarden.server.meter_admin import reading  # noqa: PLC0415 - a client of a server does without

        engine = self.engine()
        with engine.guard:
            return reading(engine, self.project, after=after)

    def record(self) -> Mapping[str, Any]:
        """Without a port."""
        engine = self.engine()
        with engine.guard:
            engine.meter.record(self.project)
        return self.read(None)


class Measurement:
    """What requests came to since it was begun; it stands still when it is ended."""

    def __init__(self, source: Source, begun: Mapping[str, Any]) -> None:
        self._source = source
        self._begun = begun
        self._ended: Mapping[str, Any] | None = None

    @property
    def usage(self) -> Usage:
        """The counts."""
        return _usage(self._read(with_requests=False)) - _usage(self._begun)

    @property
    def requests(self) -> tuple[Request, ...]:
        """The single requests that cost something; the server remembers the last 10,000."""
        return tuple(
            Request(
                each["method"], each["caller"], each["action"], Usage.of_json(each["usage"]), _things(each["things"])
            )
            for each in self._read(with_requests=True)["records"]
        )

    @property
    def by_action(self) -> dict[str, Usage]:
        """The counts by the names of actions; what goes by none is under ``""``."""
        before = _by_action(self._begun)
        now = _by_action(self._read(with_requests=False))
        return {name: spent for name, usage in now.items() if (spent := usage - before.get(name, NOTHING))}

    def end(self) -> None:
        """Count no further."""
        self._ended = self._read(with_requests=True)

    def _read(self, *, with_requests: bool) -> Mapping[str, Any]:
        if self._ended is not None:
            return self._ended
        return self._source.read(int(self._begun["last"]) if with_requests else None)


class Meter:
    """Counts from the moment at which it is made."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._whole = Measurement(source, source.record())

    def snapshot(self) -> Usage:
        """What requests came to so far."""
        return self._whole.usage

    @property
    def requests(self) -> tuple[Request, ...]:
        """The single requests so far."""
        return self._whole.requests

    @property
    def by_action(self) -> dict[str, Usage]:
        """What requests came to so far, by the names of actions."""
        return self._whole.by_action

    @contextmanager
    def measure(self) -> Iterator[Measurement]:
        """What the block comes to."""
        measurement = Measurement(self._source, self._source.read(None))
        try:
            yield measurement
        finally:
            measurement.end()

    @contextmanager
    def action(self, name: str) -> Iterator[Measurement]:
        """What the block comes to; requests of this package's clients are sent under the name."""
        with named_action(name), self.measure() as measurement:
            yield measurement

    @contextmanager
    def expect(
        self,
        *,
        reads: Expected | None = None,
        writes: Expected | None = None,
        deletes: Expected | None = None,
        index_entries: Expected | None = None,
        lookups: Expected | None = None,
        egress: Expected | None = None,
    ) -> Iterator[Measurement]:
        """The block comes to exactly this, of what is named; else `UnexpectedCost` lists its requests.

        Where the block itself fails nothing is said of its cost.
        """
        named = {
            "reads": reads,
            "writes": writes,
            "deletes": deletes,
            "index_entries": index_entries,
            "lookups": lookups,
            "egress": egress,
        }
        expected = {name: number for name, number in named.items() if number is not None}
        if not expected:
            raise TypeError("expect what? Name at least one of " + ", ".join(named))
        measurement = Measurement(self._source, self._source.read(None))
        yield measurement
        measurement.end()
        check(measurement, expected)


def check(measurement: Measurement, expected: Mapping[str, Expected]) -> None:
    """Raise `UnexpectedCost` unless the counts are as expected."""
    usage = measurement.usage
    wrong = {name: number for name, number in expected.items() if not _is(getattr(usage, name), number)}
    if not wrong:
        return
    requests = measurement.requests
    wanted = ", ".join(f"{_shown(number)} {_title(name)}" for name, number in expected.items())
    got = ", ".join(f"{getattr(usage, name)} {_title(name)}" for name in expected)
    raise UnexpectedCost(f"expected {wanted}; it came to {got}\n{listed(requests)}", usage, requests)


def listed(requests: Sequence[Request]) -> str:
    """Every request with what it did, as lines."""
    if not requests:
        return "  no request that costs anything"
    lines = [f"  {line}" for each in requests[:_SHOWN_MAX] for line in str(each).splitlines()]
    if len(requests) > _SHOWN_MAX:
        lines.append(f"  and {len(requests) - _SHOWN_MAX} requests more")
    return "\n".join(lines)


def counts(usage: Usage) -> str:
    """`2 reads (1 by rules), 1 write`, without what is 0 and without bytes."""
    parts = []
    for name in ("reads", "writes", "deletes", "ttl_deletes"):
        if number := getattr(usage, name):
            title = _title(name)
            parts.append(f"{number} {title if number != 1 else title.removesuffix('s')}")
            if name == "reads" and usage.lookups:
                parts[-1] += f" ({usage.lookups} by rules)"
    return ", ".join(parts) or "nothing but bytes"


def _is(number: int, expected: Expected) -> bool:
    return number in expected if isinstance(expected, range) else number == expected


def _shown(expected: Expected) -> str:
    return f"{expected.start} to {expected.stop - 1}" if isinstance(expected, range) else str(expected)


def _title(name: str) -> str:
    return _TITLES.get(name, name)


def _usage(content: Mapping[str, Any]) -> Usage:
    return Usage.of_json(content["usage"])


def _by_action(content: Mapping[str, Any]) -> dict[str, Usage]:
    found: dict[str, Usage] = {}
    for each in content["entries"]:
        found[each["action"]] = found.get(each["action"], NOTHING) + Usage.of_json(each["usage"])
    return found


def _things(content: Sequence[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((did, what) for did, what in content)
