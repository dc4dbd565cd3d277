"""One line for each delivery and request, for a person, for a pipe or for a machine. Never bodies or tokens.

A request's query is left out as well: tokens travel in it.
"""

import json
import re
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console
from rich.text import Text

from firewarden.triggers import Delivery, HttpCall, Outcome
from firewarden.triggers.loading import describe, own_frames

Entry = Mapping[str, Any]
Write = Callable[[Entry], None]

_PLAIN = re.compile(r"[^\s\"=]+")  # values that need no quotes in key=value
_STYLES = {"info": "green", "warning": "yellow", "error": "bold red"}


def activity_log(write: Write, *, source: Path, now: Callable[[], datetime]) -> Callable[[Delivery | HttpCall], None]:
    """Return what a host reports to; `source` says which frames of a traceback are the user's own."""
    lock = threading.Lock()

    def report(record: Delivery | HttpCall) -> None:
        entry = entry_of(record, source=source, time=now())
        with lock:
            write(entry)

    return report


def entry_of(record: Delivery | HttpCall, *, source: Path, time: datetime) -> dict[str, Any]:
    """Every record becomes flat values; what a failure is about stands in `error` and `traceback`."""
    entry: dict[str, Any] = {"time": time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")}
    entry |= _delivery(record) if isinstance(record, Delivery) else _call(record)
    entry["elapsed_ms"] = round(record.elapsed_s * 1000, 1)
    if record.error is not None:
        entry["error"] = describe(record.error)
        if frames := own_frames(record.error, source):
            entry["traceback"] = frames
    return entry


def _delivery(delivery: Delivery) -> dict[str, Any]:
    severity = {Outcome.OK: "info", Outcome.RETRY: "warning", Outcome.DROPPED: "error"}[delivery.outcome]
    return {
        "severity": severity,
        "kind": "event",
        "function": delivery.function,
        "outcome": str(delivery.outcome),
        "subject": delivery.document,
        "event": delivery.event_id,
        "copy": delivery.copy,
        "attempt": delivery.attempt,
    }


def _call(call: HttpCall) -> dict[str, Any]:
    return {
        "severity": "info" if call.status < 400 else "warning" if call.status < 500 else "error",
        "kind": "http",
        "function": call.function or "-",
        "outcome": str(call.status),
        "subject": f"{call.method} {call.path}",
    }


def writer(style: str, stream: TextIO | None = None) -> Write:
    """`json` writes one object a line; `text` is coloured columns on a terminal and key=value elsewhere."""
    stream = sys.stdout if stream is None else stream
    if style == "json":
        return lambda entry: _line(stream, json.dumps(entry, ensure_ascii=False))
    if not stream.isatty():
        return lambda entry: _line(stream, key_values(entry))
    console = Console(file=stream, highlight=False, soft_wrap=True)
    return lambda entry: console.print(columns(entry))


def key_values(entry: Entry) -> str:
    """Values with blanks are quoted as in JSON, so that a line stays a line."""
    return " ".join(f"{name}={_quoted(str(value))}" for name, value in entry.items())


def columns(entry: Entry) -> Text:
    """Time, kind, function, outcome and duration stand below each other; the rest follows."""
    style = _STYLES[entry["severity"]]
    line = Text()
    line.append(entry["time"][11:23], style="dim")
    line.append(f"  {entry['kind']:<5}  {entry['function']:<24}  ")
    line.append(f"{entry['outcome']:<7}", style=style)
    line.append(f"  {entry['elapsed_ms']:>8.1f} ms  {entry['subject']}")
    if entry.get("copy", 1) > 1:
        line.append(f"  copy {entry['copy']}")
    if entry.get("attempt", 1) > 1 or entry["outcome"] in (Outcome.RETRY, Outcome.DROPPED):
        line.append(f"  attempt {entry.get('attempt', 1)}")
    for part in ("error", "traceback"):
        if part in entry:
            line.append(f"\n{entry[part]}", style=style if part == "error" else "dim")
    return line


def _quoted(value: str) -> str:
    return value if _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)


def _line(stream: TextIO, text: str) -> None:
    stream.write(f"{text}\n")
    stream.flush()
