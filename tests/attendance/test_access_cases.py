"""One law, two places: the decision cases of rules/cases about one's own RSVP hold over HTTP as well."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from firewarden.testing import Case, Database, load_cases, store_documents

pytestmark = pytest.mark.emulator

FILE = Path(__file__).parents[2] / "rules" / "cases" / "rsvps-write.cases.yaml"
FIELDS = ("status", "partySize", "kids", "notes")


def own_rsvp_cases() -> list[Case]:
    """HTTP knows only the caller's own RSVP and no batches; everything else of the file applies."""
    return [case for case in load_cases(FILE).cases if not case.batch and _target(case)[1] == case.actor.name]


def _target(case: Case) -> tuple[str, str]:
    _, event_id, _, uid = case.operations[0].path.split("/")
    return event_id, uid


def test_most_cases_of_the_file_apply() -> None:
    assert len(own_rsvp_cases()) >= 45


@pytest.mark.parametrize("case", own_rsvp_cases(), ids=lambda case: case.id)
def test_http_decides_as_the_rules_do(
    case: Case, firestore: Database, http: FlaskClient, signed_in: Callable[..., dict[str, str]]
) -> None:
    store_documents(case, firestore)
    (operation,) = case.operations
    event_id, uid = _target(case)
    headers = signed_in(uid, **case.actor.claims)
    if operation.kind == "delete":
        response = http.delete(f"/events/{event_id}/rsvp", headers=headers)
    else:
        stored: Mapping[str, Any] = case.documents.get(operation.path) or {}
        sent = {"status": stored.get("status"), **(operation.data or {})}
        body = {name: sent[name] for name in FIELDS if name in sent}
        response = http.put(f"/events/{event_id}/rsvp", json=body, headers=headers)
    assert (response.status_code < 300) == (case.expect == "allow"), (
        f"{case.place}: {response.status_code} {response.text}"
    )
    assert response.status_code < 500
