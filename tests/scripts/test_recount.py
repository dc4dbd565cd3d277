"""The recount script: a look by default, a report of what drifted, healing when asked, and clear refusals."""

import json
from typing import Any

import pytest

import recount
from firewarden.testing import Database
from gather.attendance.store import settle_rsvp
from operating import COULD_NOT_RUN
from tests.support.events import NOW, assert_books_balance, event_document, rsvp_document

pytestmark = pytest.mark.emulator


@pytest.fixture
def target(firestore: Database, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", firestore.host)  # what the script sets is taken back
    client = firestore.as_owner()
    for event_id in ("sound", "broken"):
        client.document("events", event_id).set(event_document(maxAttendees=3))
        client.document("events", event_id, "rsvps/ana").set(rsvp_document("ana"))
        settle_rsvp(client, event_id, "ana", now=NOW)
    client.document("events/broken").update({"attendingCount": 9})
    client.document("events/broken/rsvps/ana").delete()
    return ["--project", firestore.project, "--firestore", firestore.host]


def test_a_look_reports_what_drifted_and_writes_nothing(
    firestore: Database, target: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    before = firestore.as_owner().document("events/broken").get().update_time
    assert recount.main(target) == recount.DRIFTED
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [
        "broken: counts (9, 0), in the ledger (1, 0)",
        "  ana has a ledger entry (admitted, 1 seats) that nothing asks for",
    ]
    assert "recount: 2 events, 1 drifted (nothing was written, heal them with --heal)" in printed.err
    assert firestore.as_owner().document("events/broken").get().update_time == before


def test_healing_makes_everything_agree(
    firestore: Database, target: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert recount.main([*target, "--heal", "--json"]) == recount.OK
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["stored"] == [9, 0]
    assert assert_books_balance(firestore.as_owner(), "broken") == {}
    assert recount.main(target) == recount.OK


def test_events_can_be_named_and_a_missing_one_is_said(target: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert recount.main([*target, "--event", "sound"]) == recount.OK
    assert recount.main([*target, "--event", "nowhere"]) == recount.DRIFTED
    assert "nowhere: there is no such event" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "environ", "message"),
    [
        (["--firestore", "x:1"], {}, "which project?"),
        (["--project", "p", "--heal"], {}, "--yes-i-mean p"),
        (["--project", "p", "--firestore", "nonsense"], {}, "is not HOST:PORT"),
        ([], {"GCLOUD_PROJECT": "p", "FIRESTORE_EMULATOR_HOST": "127.0.0.1:1"}, "no Firestore answers"),
    ],
)
def test_what_cannot_run_is_refused_with_one_line(
    arguments: list[str], environ: dict[str, Any], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert recount.main(arguments, environ) == COULD_NOT_RUN
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line
