"""One law, two places: the decision cases about reading and deleting single events hold over HTTP as well."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from firewarden.testing import Case, Database, load_cases, store_documents
from gather.runtime import Runtime
from tests.support.apps import http_of
from tests.support.clocks import Clock

pytestmark = pytest.mark.emulator

FOLDER = Path(__file__).parents[2] / "rules" / "cases"
DAY = datetime(2026, 10, 14, tzinfo=UTC)
METHODS = {"get": "GET", "delete": "DELETE"}
BY_THE_DAY = "events-read/an-all-day-event-without-an-end-lasts-a-day"
"""All-day events begin at midnight. One stored with another time is read from the start of that day; the rules, which
know no zone, count 24 hours from what is stored, until a function has written lastEndAt."""


def event_cases() -> list[Case]:
    """Every case that reads or deletes one event, whatever file it stands in."""
    files = [FOLDER / f"events-{name}.cases.yaml" for name in ("read", "edit")]
    found = [case for file in files for case in load_cases(file).cases if not case.batch and _is_of_one_event(case)]
    return [case for case in found if case.id != BY_THE_DAY]


def _is_of_one_event(case: Case) -> bool:
    (operation, *others) = case.operations
    return not others and operation.kind in METHODS and operation.path.count("/") == 1


def test_most_cases_of_the_files_apply() -> None:
    assert len(event_cases()) >= 45


@pytest.mark.parametrize("case", event_cases(), ids=lambda case: case.id)
def test_http_decides_as_the_rules_do(
    case: Case, firestore: Database, http: FlaskClient, signed_in: Callable[..., dict[str, str]]
) -> None:
    store_documents(case, firestore)
    (operation,) = case.operations
    is_guest = case.actor.name == "guest"
    headers = {} if is_guest else signed_in(case.actor.name, **case.actor.claims)
    response = http.open(f"/{operation.path}", method=METHODS[operation.kind], headers=headers)
    expected = case.expect == "allow" and (operation.kind != "get" or _is_there(case, firestore, operation.path))
    assert (response.status_code < 300) == expected, f"{case.place}: {response.status_code} {response.text}"
    assert response.status_code < 500


def _is_there(case: Case, firestore: Database, path: str) -> bool:
    return bool(firestore.as_owner().document(path).get().exists)


def test_an_all_day_event_without_an_end_lasts_until_its_day_is_over(gather_runtime: Runtime) -> None:
    event = {"title": "Club", "startAt": DAY + timedelta(hours=10), "visibility": "private", "createdBy": "ana"}
    gather_runtime.firestore.document("events/e").set(event | {"allDay": True})
    for minutes, status in ((24 * 60 - 1, 404), (24 * 60 + 1, 200), (33 * 60, 200)):
        now = DAY + timedelta(minutes=minutes)
        with http_of(replace(gather_runtime, now=Clock(now).now)) as http:
            assert http.get("/events/e").status_code == status, now
