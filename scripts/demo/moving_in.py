"""The calendar that moves in before the story: one's own, or real calendars that come with the test tools.

The default ones are published as test data of recurring-ical-events and are read from its installed package, so
that nothing of theirs is copied into this repository.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import recurring_ical_events
from google.cloud import firestore
from rich.console import Console

from calendars.convert import Conversion, convert
from calendars.fields import Options
from calendars.progress import progress_of
from calendars.report import Report
from calendars.source import SourceError, read_source
from calendars.store import Change, import_events
from firewarden.errors import FirewardenError

OWNER = "root"
# Public holidays, two open workshops, and a company's Google Calendar: about 770 events, 140 of them series.
_DEFAULT = (
    "Germany.ics",
    "Germany_Holidays.ics",
    "daylight_saving_time.ics",
    "fablab_cottbus.ics",
    "issue_173_only_modifications_error.ics",
)


@dataclass(frozen=True, slots=True)
class Moved:
    """What the import came to."""

    report: Report
    new: int
    series: int


def default_calendars() -> list[Path]:
    """The calendars of the installed package; an error that says what to install when they are not there."""
    folder = Path(cast("str", recurring_ical_events.__file__)).parent / "test" / "calendars"
    files = [folder / name for name in _DEFAULT]
    if not all(file.is_file() for file in files):
        raise FirewardenError(
            f"The demo's calendars are not in {folder}.",
            hint="Install the pinned tools (pip install -r requirements.txt), or bring your own with --ics FILE.",
        )
    return files


def read_calendars(files: Sequence[Path]) -> Conversion:
    """The files' events as public ones; a file that cannot be read stops the demo before anything is started."""
    try:
        sources = [read_source(file.name, file.read_bytes()) for file in files]
    except (OSError, SourceError) as error:
        raise FirewardenError(f"The calendar cannot be read: {error}.", hint="Give --ics an iCalendar file.") from error
    return convert(sources, Options(visibility="public", timezone="Europe/Berlin"))


def move_in(client: firestore.Client, conversion: Conversion, *, console: Console) -> Moved:
    """The events are stored as the admin's."""
    with progress_of("Importing", len(conversion.events), console=console) as advance:
        written = import_events(
            client, conversion.events, created_by=OWNER, on_written=lambda batch: advance(len(batch))
        )
    return Moved(
        report=Report(conversion.entries),
        new=sum(one.change is Change.NEW for one in written),
        series=sum("recurrence" in event.fields for event in conversion.events),
    )
