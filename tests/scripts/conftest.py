"""What comes of calendars written in the tests."""

from collections.abc import Callable
from typing import Any

import pytest

from calendars.convert import Conversion, convert
from calendars.fields import Options
from calendars.source import read_source
from tests.support.calendars import calendar_text, event_text

Convert = Callable[..., Conversion]


@pytest.fixture
def convert_text() -> Convert:
    """Converts the text of one or several calendars."""

    def run(*texts: str, **options: Any) -> Conversion:
        sources = [read_source(f"{number}.ics", text.encode()) for number, text in enumerate(texts, start=1)]
        return convert(sources, Options(**options))

    return run


@pytest.fixture
def one_event(convert_text: Convert) -> Callable[..., tuple[dict[str, Any], list[str], list[str]]]:
    """(fields, losses, notes) of a calendar with a single VEVENT."""

    def run(*lines: str, head: str = "", **options: Any) -> tuple[dict[str, Any], list[str], list[str]]:
        found = convert_text(calendar_text(event_text(*lines), head=head), **options)
        remarks = [remark for entry in found.entries for remark in entry.remarks]
        losses = [remark.text for remark in remarks if remark.is_loss]
        notes = [remark.text for remark in remarks if not remark.is_loss]
        return (dict(found.events[0].fields) if found.events else {}), losses, notes

    return run
