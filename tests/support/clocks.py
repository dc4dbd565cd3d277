"""A clock that tests move, and that sleeping moves."""

from dataclasses import replace
from datetime import datetime, timedelta

from gather.runtime import Runtime


class Clock:
    """Tells a time that only `sleep` and `advance` change; keeps how long was slept."""

    def __init__(self, now: datetime) -> None:
        self.time = now
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds=seconds)

    def advance(self, **by: float) -> None:
        self.time += timedelta(**by)

    def rules(self, runtime: Runtime) -> Runtime:
        """The runtime by this clock."""
        return replace(runtime, now=self.now, sleep=self.sleep)
