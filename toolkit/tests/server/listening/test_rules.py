"""Rules are asked when a target is added, and again when documents, what rules look up, or rules themselves change."""

from __future__ import annotations

from toolkit.tests.server.listening.conftest import Desk

GET_BELOW_10 = "allow get: if resource == null || resource.data.x < 10;"
LIST_BY_ROLE = (
    "allow list: if get(/databases/$(database)/documents/roles/$(request.auth.uid)).data.x == 1;"  # on line 6
)
FALSE_GET, FALSE_LIST = "\nfalse for 'get' @ L5", "\nfalse for 'list' @ L6"


def rules(*allows: str) -> str:
    lines = "\n      ".join(allows)
    return f"""rules_version = '2';
service cloud.firestore {{
  match /databases/{{database}}/documents {{
    match /c/{{id}} {{
      {lines}
    }}
  }}
}}"""


def test_a_document_that_may_be_read_no_more(ours: Desk) -> None:
    ours.rules(rules(GET_BELOW_10, LIST_BY_ROLE))
    ours.put("c/a", "roles/ana", x=1)
    stream = ours.listen("ana")
    stream.documents(1, "c/a")
    stream.hears("ADD 1", "c/a x=1 in [1]", "CURRENT 1", "snapshot")
    ours.put("c/a", x=2)
    stream.hears("c/a x=2 in [1]", "snapshot")
    ours.put("c/a", x=11)
    stream.hears(f"REMOVE 1 7 {FALSE_GET}")
    ours.put("c/a", x=3)
    stream.hears_no_more()
    stream.documents(1, "c/a")
    stream.hears("ADD 1", "c/a x=3 in [1]", "CURRENT 1", "snapshot")


def test_what_rules_have_looked_up_changes(ours: Desk) -> None:
    ours.rules(rules(GET_BELOW_10, LIST_BY_ROLE))
    ours.put("c/a", "roles/ana", "roles/ben", x=1)
    stream, other = ours.listen("ana"), ours.listen("ben")
    for each in (stream, other):
        each.query(1)
        each.hears("ADD 1", "c/a x=1 in [1]", "CURRENT 1", "snapshot")
    ours.put("roles/ana", x=2)
    stream.hears(f"REMOVE 1 7 {FALSE_LIST}")
    ours.put("c/a", x=2)
    other.hears("c/a x=2 in [1]", "snapshot")
    stream.hears_no_more()


def test_nothing_is_shown_that_came_with_the_denial(ours: Desk) -> None:
    """One commit takes the role and adds a document."""
    ours.rules(rules(GET_BELOW_10, LIST_BY_ROLE))
    ours.put("roles/ana", x=1)
    stream = ours.listen("ana")
    stream.query(1)
    stream.hears("ADD 1", "CURRENT 1", "snapshot")
    ours.put("roles/ana", "c/secret", x=2)
    stream.hears(f"REMOVE 1 7 {FALSE_LIST}")


def test_other_rules_are_put(ours: Desk) -> None:
    ours.rules(rules("allow get: if true;", "allow list: if true;"))
    ours.put("c/a", x=1)
    stream, owner = ours.listen("ana"), ours.listen()
    stream.query(1)
    stream.hears("ADD 1", "c/a x=1 in [1]", "CURRENT 1", "snapshot")
    stream.documents(2, "c/a")
    stream.hears("ADD 2", "c/a x=1 in [2]", "CURRENT 2", "snapshot")
    owner.query(1)
    owner.hears("ADD 1", "c/a x=1 in [1]", "CURRENT 1", "snapshot")
    ours.rules(rules("allow get: if true;", "allow list: if false;"))
    stream.hears(f"REMOVE 1 7 {FALSE_LIST}")
    ours.rules(rules("allow get: if false;", "allow list: if true;"))
    stream.hears(f"REMOVE 2 7 {FALSE_GET}")
    stream.query(3)
    stream.hears("ADD 3", "c/a x=1 in [3]", "CURRENT 3", "snapshot")
    ours.put("c/a", x=2)
    owner.hears("c/a x=2 in [1]", "snapshot")
    stream.hears("c/a x=2 in [3]", "snapshot")


def test_the_same_rules_put_again_change_nothing(ours: Desk) -> None:
    text = rules("allow read: if request.auth.uid == 'ana';")
    ours.rules(text)
    stream = ours.listen("ana")
    stream.query(1)
    stream.hears("ADD 1", "CURRENT 1", "snapshot")
    ours.rules(text)
    stream.query(2)
    stream.hears("ADD 2", "CURRENT 2", "snapshot")


def test_a_resumed_target_is_asked_about(ours: Desk) -> None:
    ours.rules(rules("allow get: if true;", "allow list: if true;"))
    ours.put("c/a", x=1)
    stream = ours.listen("ana")
    stream.query(1)
    stream.hears("ADD 1", "c/a x=1 in [1]", "CURRENT 1", "snapshot")
    ours.rules(rules("allow get: if true;", "allow list: if false;"))
    stream.hears(f"REMOVE 1 7 {FALSE_LIST}")
    stream.query(1, resume_token=stream.token())
    stream.hears("ADD 1", f"REMOVE 1 7 {FALSE_LIST}")
