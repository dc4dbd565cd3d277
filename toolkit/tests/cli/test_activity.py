"""The lines that `functions serve` writes."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from firewarden.cli.activity import activity_log, columns, entry_of, key_values, writer
from firewarden.triggers import Delivery, HttpCall, Outcome

NOON = datetime(2026, 5, 1, 12, 0, 0, 123_456, tzinfo=UTC)


def delivery(**changes: Any) -> Delivery:
    values: dict[str, Any] = {
        "function": "on_user",
        "event_id": "e1",
        "event_type": "google.cloud.firestore.document.v1.created",
        "document": "users/ana b",
        "copy": 1,
        "attempt": 1,
        "outcome": Outcome.OK,
        "elapsed_s": 0.0123,
    }
    return Delivery(**(values | changes))


CALL = HttpCall(function="api", method="GET", path="/demo-x/us-central1/api/feeds", status=200, elapsed_s=0.002)


def entry(record: Delivery | HttpCall) -> dict[str, Any]:
    return entry_of(record, source=Path(__file__).parent, time=NOON)


def test_a_delivery_as_key_values() -> None:
    assert key_values(entry(delivery())) == (
        "time=2026-05-01T12:00:00.123Z severity=info kind=event function=on_user outcome=ok "
        'subject="users/ana b" event=e1 copy=1 attempt=1 elapsed_ms=12.3'
    )


def test_a_request_as_json() -> None:
    stream = io.StringIO()
    writer("json", stream)(entry(CALL))
    assert json.loads(stream.getvalue()) == {
        "time": "2026-05-01T12:00:00.123Z",
        "severity": "info",
        "kind": "http",
        "function": "api",
        "outcome": "200",
        "subject": "GET /demo-x/us-central1/api/feeds",
        "elapsed_ms": 2.0,
    }


def test_a_terminal_gets_columns() -> None:
    assert columns(entry(delivery())).plain == (
        "12:00:00.123  event  on_user                   ok           12.3 ms  users/ana b"
    )


def test_only_time_and_outcome_are_styled() -> None:
    line = columns(entry(delivery()))
    assert [line.plain[span.start : span.end].strip() for span in line.spans] == ["12:00:00.123", "ok"]
    assert not line.style


def test_copies_and_attempts_are_shown_where_they_matter() -> None:
    line = columns(entry(delivery(copy=2, attempt=3, outcome=Outcome.RETRY))).plain
    assert line.endswith("users/ana b  copy 2  attempt 3")


@pytest.mark.parametrize(
    ("record", "severity"),
    [
        (delivery(), "info"),
        (delivery(outcome=Outcome.RETRY), "warning"),
        (delivery(outcome=Outcome.DROPPED), "error"),
        (HttpCall(function=None, method="GET", path="/", status=404, elapsed_s=0), "warning"),
        (HttpCall(function="api", method="GET", path="/", status=500, elapsed_s=0), "error"),
    ],
)
def test_what_is_lost_is_an_error(record: Delivery | HttpCall, severity: str) -> None:
    assert entry(record)["severity"] == severity


def test_a_failure_is_shown_with_the_users_own_frames() -> None:
    with pytest.raises(LookupError) as caught:
        raise LookupError("no such seat")
    shown = entry(delivery(outcome=Outcome.DROPPED, error=caught.value))
    assert shown["error"] == "LookupError: no such seat"
    assert "test_activity.py" in shown["traceback"]
    assert "\n" not in key_values(shown)


def test_markup_in_what_users_write_is_text() -> None:
    """Square brackets are styles to the library that colours."""
    assert "[bold]users" in columns(entry(delivery(document="[bold]users/a"))).plain


def test_every_record_is_one_line() -> None:
    stream = io.StringIO()
    report = activity_log(writer("text", stream), source=Path(), now=lambda: NOON)
    report(delivery(document="users/with\nnewline"))
    report(CALL)
    assert stream.getvalue().count("\n") == 2
