"""One law, two places: the decision cases about reading and deleting single events hold over HTTP as well."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from firewarden.testing import Case, Database, load_cases, store_documents

pytestmark = pytest.mark.emulator

FOLDER = Path(__file__).parents[2] / "rules" / "cases"
METHODS = {"get": "GET", "delete": "DELETE"}
# All-day events begin at midnight. One stored with another time is read from the start of that day; the rules, which
# know no zone, count 24 hours from what is stored, until a function has written lastEndAt.
OTHERWISE = {"events-read/an-all-day-event-without-an-end-lasts-a-day"}


def event_cases() -> list[Case]:
    """Every case that reads or deletes one event, whatever file it stands in."""
    files = [FOLDER / f"events-{name}.cases.yaml" for name in ("read", "edit")]
    return [case for file in files for case in load_cases(file).cases if not case.batch and _is_of_one_event(case)]


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
    if case.id in OTHERWISE:
        expected = not expected
    assert (response.status_code < 300) == expected, f"{case.place}: {response.status_code} {response.text}"
    assert response.status_code < 500


def _is_there(case: Case, firestore: Database, path: str) -> bool:
    return bool(firestore.as_owner().document(path).get().exists)
