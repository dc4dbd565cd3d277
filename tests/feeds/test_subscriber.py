"""A real subscriber judges the feed: vdirsyncer collects it over HTTP, khal shows it at local times.

Both live in `.venv-judges` (`make judges`), because their pins are not ours.
"""

import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.serving import make_server

from gather.feeds.endpoints import blueprint
from gather.feeds.store import sync_fragment
from gather.http.context import EXTENSION
from gather.runtime import Runtime
from tests.feeds.samples import HOLIDAY, NOW, WEEKLY, document, utc

JUDGES = Path(__file__).parents[2] / ".venv-judges" / "bin"
VDIRSYNCER_CONFIG = """
[general]
status_path = "{folder}/status"
[pair feed]
a = "remote"
b = "local"
collections = null
[storage remote]
type = "http"
url = "{url}"
[storage local]
type = "filesystem"
path = "{folder}/collected"
fileext = ".ics"
"""
KHAL_CONFIG = """
[calendars]
[[feed]]
path = {folder}/collected
readonly = True
[locale]
local_timezone = {zone}
default_timezone = {zone}
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
[sqlite]
path = {folder}/khal.db
"""
pytestmark = pytest.mark.emulator
Listing = Callable[..., list[str]]


@pytest.fixture
def listing(gather_runtime: Runtime, tmp_path: Path) -> Listing:
    """Return `listing(zone, first, last)`: what khal shows somebody in that zone, after vdirsyncer has collected."""
    events = {
        "choir": WEEKLY,
        "camp": HOLIDAY,
        "tea": {"title": "Tea ceremony", "timezone": "Asia/Tokyo", "startAt": utc("2026-10-14T05:00")},
        "talk": {"title": "Talk", "startAt": utc("2026-10-31T16:00")},
    }
    client = gather_runtime.firestore
    for event_id, fields in events.items():
        client.collection("events").document(event_id).set(document(**fields))
        sync_fragment(client, event_id, now=NOW, settings=gather_runtime.settings)
    app = Flask(__name__)
    app.extensions[EXTENSION] = replace(gather_runtime, now=lambda: NOW)
    app.register_blueprint(blueprint)
    with serving(app) as address:
        collect(f"{address}/feeds/public.ics", tmp_path)
    return lambda zone, first, last: khal_list(tmp_path, zone, first, last)


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve the application on a free port for as long as the block lasts."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def collect(url: str, folder: Path) -> None:
    """Let vdirsyncer discover and collect the feed, as its cron job does."""
    config = folder / "vdirsyncer.conf"
    config.write_text(VDIRSYNCER_CONFIG.format(folder=folder, url=url))
    (folder / "collected").mkdir()
    for command in ("discover", "sync"):
        run(folder, "vdirsyncer", "--config", str(config), command)


def khal_list(folder: Path, zone: str, first: str, last: str) -> list[str]:
    """Return khal's listing of the days, one line for each occurrence."""
    config = folder / "khal.conf"
    config.write_text(KHAL_CONFIG.format(folder=folder, zone=zone))
    (folder / "khal.db").unlink(missing_ok=True)
    line = "{start-date} {start-time} {end-date} {end-time} {status}{title}|{location}"
    listed = run(folder, "khal", "-c", str(config), "list", "--day-format", "", "--format", line, first, last)
    # An event is listed on each of its days.
    return [shown.rstrip() for shown in dict.fromkeys(listed.splitlines()) if shown.strip()]


def run(folder: Path, program: str, *arguments: str) -> str:
    path = JUDGES / program
    assert path.exists(), f"{path} is missing: `make judges` installs it"
    environ = {"HOME": str(folder), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "NO_PROXY": "127.0.0.1"}
    done = subprocess.run(  # noqa: S603 - a program of our own choosing
        [path, *arguments], env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, f"{program} {arguments}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_somebody_in_new_york_sees_local_times_across_the_change_of_the_clocks(listing: Listing) -> None:
    """Of six choir evenings one is cancelled, one moved to a morning, and one called off but still shown."""
    title = "Choir; bring water, and a friend|Town hall, room 2"
    assert listing("America/New_York", "2026-10-13", "2026-12-01") == [
        f"2026-10-13 18:00 2026-10-13 19:30 CONFIRMED {title}",
        "2026-10-14 01:00 2026-10-14 02:00 CONFIRMED Tea ceremony|",
        f"2026-10-27 18:00 2026-10-27 19:30 CONFIRMED {title}",
        "2026-10-31 12:00 2026-10-31 13:00 CONFIRMED Talk|",
        "2026-11-04 10:00 2026-11-04 12:00 CONFIRMED Choir, in the morning|Library",
        f"2026-11-10 18:00 2026-11-10 19:30 CANCELLED {title}",
        f"2026-11-17 18:00 2026-11-17 19:30 CONFIRMED {title}",
    ]
    # Five whole days, although their midnights are Berlin's.
    assert listing("America/New_York", "2026-07-01", "2026-07-31") == ["2026-07-06  2026-07-10  CONFIRMED Summer camp|"]


def test_somebody_in_berlin_sees_the_same_instants(listing: Listing) -> None:
    """Berlin changes its clocks a week before New York: for that week the difference is five hours."""
    shown = [line for line in listing("Europe/Berlin", "2026-10-01", "2026-12-01") if "Choir" in line]
    assert [line[:33] for line in shown] == [
        "2026-10-14 00:00 2026-10-14 01:30",
        "2026-10-27 23:00 2026-10-28 00:30",
        "2026-11-04 16:00 2026-11-04 18:00",
        "2026-11-11 00:00 2026-11-11 01:30",
        "2026-11-18 00:00 2026-11-18 01:30",
    ]
    assert listing("Europe/Berlin", "2026-07-01", "2026-07-31") == ["2026-07-06  2026-07-10  CONFIRMED Summer camp|"]
