"""The demo is a test of the whole stack: it is run as people run it, in a pipe, and must meet all it expects."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from calendars.convert import convert
from calendars.fields import Options
from calendars.source import read_source
from demo.moving_in import default_calendars
from demo.steps import ALLOWED, Chapter, Fact, Outcome, Step, denied, play
from demo.story import story
from demo.why import read_rules
from demo.world import World
from tests.support.calendars import calendar_text, event_text

ROOT = Path(__file__).resolve().parents[2]
STARTED_S = 600


def demo(*arguments: str | Path, **environ: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name != "FIRESTORE_EMULATOR_HOST"}
    settings = inherited | {"PYTHONPATH": str(ROOT / "scripts")} | environ
    command = [sys.executable, "-m", "demo", "--once", *arguments]
    return subprocess.run(  # noqa: S603  # our own command
        command, env=settings, cwd=ROOT, capture_output=True, text=True, check=False, timeout=STARTED_S
    )


@pytest.fixture
def calendar(tmp_path: Path) -> Path:
    file = tmp_path / "small.ics"
    file.write_text(calendar_text(event_text("RRULE:FREQ=WEEKLY;COUNT=3"), event_text("DTSTART:soon", uid="two")))
    return file


@pytest.mark.emulator
def test_the_whole_story_comes_out_as_told(calendar: Path) -> None:
    done = demo("--ics", calendar)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    expected = [
        r"Moved in: 1 events, 1 of them series, in .*",
        r"small.ics:\d+: VEVENT 'Talk' left out: its start cannot be read.*",
        r"guest reads the members' evening denied",
        r"because the event is for members",
        r"rules/events.rules:\d+: allow get: if .*→ .*",
        r"· seats taken, parties waiting, ledger: 3 taken, 2 waiting, 3 in the ledger",
        r"dora tries it over HTTP denied 403 blocked_from_rsvp",
        r"· STATUS in the feed: CANCELLED",
        r"guest fetches it again allowed 304",
        r"All \d+ expectations were met\.",
        r"Subscribe to the feed: http://127\.0\.0\.1:\d+/feeds/public\.ics",
    ]
    assert [one for one in expected if not any(re.fullmatch(one, line) for line in lines)] == []
    assert "\x1b" not in done.stdout, "colours are for terminals"
    assert [line for line in shown_in_guide() if line not in set(map(without_numbers, lines))] == []


def test_the_default_calendars_hold_several_hundred_events() -> None:
    sources = [read_source(file.name, file.read_bytes()) for file in default_calendars()]
    events = convert(sources, Options()).events
    assert len(events) > 700
    assert sum("recurrence" in event.fields for event in events) > 100


def test_a_port_in_use_is_one_clear_message(calendar: Path) -> None:
    with taken_port() as port:
        done = demo("--ics", calendar, "--port", str(port))
    assert done.returncode == 2
    assert f"demo: Port {port} on 127.0.0.1 is in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_emulator_is_one_clear_message(calendar: Path, tmp_path: Path) -> None:
    """Wherever the emulator stands, it is of no use without a Java on PATH."""
    done = demo("--engine", "official", "--ics", calendar, PATH="", JAVA_HOME="", HOME=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.startswith("demo: ")
    assert "Traceback" not in done.stderr


def test_a_calendar_that_cannot_be_read_is_one_clear_message(tmp_path: Path) -> None:
    done = demo("--ics", tmp_path / "none.ics")
    assert done.returncode == 2
    assert "The calendar cannot be read" in done.stderr


def test_a_denial_is_traced_to_the_fragment_that_said_no() -> None:
    rules = read_rules(ROOT)
    line = next(number for number, text in enumerate(rules.text.split("\n"), start=1) if "allow get" in text)
    (refusal,) = rules.explain(f"\nevaluation error at L9:9 for 'get' @ L{line}, false for 'get' @ L{line}")
    path, number = refusal.place.split(":")
    assert "allow get" in (ROOT / path).read_text().split("\n")[int(number) - 1]
    assert refusal.text.startswith("allow get")
    assert refusal.reason == "false"


def test_a_step_or_fact_that_comes_out_otherwise_is_a_failure() -> None:
    """Without this the demo could not fail, and would show nothing."""
    steps = (
        Step("guest", "is let in", lambda *_: None, denied("no")),
        Step("guest", "sees two", lambda *_: None, ALLOWED, (Fact("number", lambda _: 1, 2),)),
        Step("guest", "sees one", lambda *_: None, ALLOWED, (Fact("number", lambda _: 1, 1),)),
    )
    with World("demo-unused", "127.0.0.1:1", "http://127.0.0.1:1", datetime.now(UTC)) as world:
        tally = play([Chapter("All", steps)], world, rules=read_rules(ROOT), settle=lambda: None, narrator=Silent())
    assert tally.checked == 5
    assert tally.failures == ("guest is let in: allowed, not as expected", "guest sees two: number is 1, not 2")


def test_the_story_has_every_kind_of_person() -> None:
    steps = [step for chapter in story(datetime.now(UTC)) for step in chapter.steps]
    outcomes = {(step.who, step.expect.is_allowed) for step in steps}
    both_ways = {(who, is_allowed) for who in ("guest", "ana", "ben", "eli", "root") for is_allowed in (True, False)}
    assert outcomes >= both_ways | {("dora", False), ("hugo", False), ("fay", True)}


def shown_in_guide() -> list[str]:
    """The lines of output that docs/guide/demo.md shows; line numbers of rules may move."""
    blocks = re.findall(r"```text\n(.*?)```", (ROOT / "docs" / "guide" / "demo.md").read_text("utf-8"), flags=re.DOTALL)
    return [without_numbers(" ".join(line.split())) for block in blocks for line in block.splitlines()]


def without_numbers(line: str) -> str:
    return re.sub(r"(rules:)[0-9]+", r"\1N", line)


class Silent:
    """Tells nothing."""

    def chapter(self, chapter: Chapter) -> None:
        """Nothing."""

    def step(self, step: Step, outcome: Outcome, *, is_right: bool) -> None:
        """Nothing."""

    def fact(self, fact: Fact, found: object, *, is_right: bool) -> None:
        """Nothing."""


@contextmanager
def taken_port() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield int(taken.getsockname()[1])
