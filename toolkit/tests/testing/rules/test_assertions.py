"""What a failing assertion says, and that a denial for another reason is noticed."""

import pytest

from firewarden.errors import FirewardenError
from firewarden.testing.rules import World, rules_from


def test_a_denial_that_should_not_be_is_explained(notes: World) -> None:
    with pytest.raises(AssertionError) as failure:
        notes.as_user("ben").get("notes/n1").assert_allowed()
    text = str(failure.value)
    assert text.startswith("expected this to be allowed\n\nDENIED  get notes/n1 as ben")
    assert "note.owner == request.auth.uid" in text
    assert "'ana'" in text


def test_a_permission_that_should_not_be_is_explained(notes: World) -> None:
    with pytest.raises(AssertionError, match=r"(?s)expected this to be denied.*ALLOWED  get notes/n1 as ana"):
        notes.as_user("ana").get("notes/n1").assert_denied()


@pytest.mark.parametrize(
    "reason",
    [
        {"by": "/notes/{id}"},
        {"because": "note.owner == request.auth.uid"},
        {"because": "isOwner()"},
        {"because": "Property admin is undefined"},
        {"by": "/notes/{id}", "because": "isOwner()"},
    ],
)
def test_a_denial_for_the_expected_reason(notes: World, reason: dict[str, str]) -> None:
    notes.as_user("ben").get("notes/n1").assert_denied(**reason)


@pytest.mark.parametrize(
    ("reason", "complaint"),
    [
        ({"by": "/counters/{id}"}, "denied, but not by '/counters/{id}'; it was\n  /notes/{id}\n"),
        ({"because": "request.time"}, "denied, but not because 'request.time'; it was\n"),
    ],
)
def test_a_denial_for_another_reason_fails(notes: World, reason: dict[str, str], complaint: str) -> None:
    with pytest.raises(AssertionError) as failure:
        notes.as_user("ben").get("notes/n1").assert_denied(**reason)
    assert str(failure.value).startswith(complaint)


def test_a_path_that_no_rule_reaches(notes: World) -> None:
    with pytest.raises(AssertionError, match="it was\n  nothing: no allow was asked"):
        notes.as_user("ana").get("other/x").assert_denied(because="anything")


def test_rules_come_from_a_file_or_a_text(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("rules") / "my.rules"
    text = "service cloud.firestore { match /databases/{d}/documents/a/{b} { allow get; } }"
    file.write_text(text)
    for source in (file, str(file), text):
        rules_from(source).as_guest().get("a/b").assert_allowed()
    with pytest.raises(FirewardenError, match=r"There is no rules file nowhere\.rules"):
        rules_from("nowhere.rules")
