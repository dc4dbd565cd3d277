"""Which paths a pattern matches."""

import pytest

from firewarden.triggers import PathPattern


@pytest.mark.parametrize(
    ("pattern", "path", "captures"),
    [
        ("users/ana", "users/ana", {}),
        ("users/ana", "users/ben", None),
        ("/users/{uid}/", "users/ana", {"uid": "ana"}),
        ("users/{uid}", "/users/Zoë b", {"uid": "Zoë b"}),
        ("users/{uid}", "users/ana/notes/n1", None),
        ("users/{uid}", "users", None),
        ("users/{uid}", "people/ana", None),
        ("users/{uid=*}", "users/ana", {"uid": "ana"}),
        ("{c}/{d}", "users/ana", {"c": "users", "d": "ana"}),
        ("events/{e}/rsvps/{uid}", "events/e1/rsvps/ana", {"e": "e1", "uid": "ana"}),
        ("events/{e}/rsvps/{uid}", "events/e1/seats/ana", None),
        ("logs/{rest=**}", "logs/a/b/c", {"rest": "a/b/c"}),
        ("{all=**}/notes/{n}", "users/ana/notes/n1", {"all": "users/ana", "n": "n1"}),
        ("users/*", "users/ana", {}),
        ("users/*", "users/ana/notes/n1", None),
        ("users/**", "users/ana/notes/n1", {}),
        ("users/a.b", "users/axb", None),
        ("users/test-*", "users/test-7", {}),
        ("users/test-*", "users/prod-7", None),
        ("users/{event-id}", "users/ana", {"event-id": "ana"}),
    ],
)
def test_a_path_matches_as_a_whole_and_names_its_captures(
    pattern: str, path: str, captures: dict[str, str] | None
) -> None:
    assert PathPattern.parse(pattern).match(path) == captures


@pytest.mark.parametrize("pattern", ["users/{uid}", "users/*", "{all=**}", "users/a*"])
def test_wildcards_are_seen(pattern: str) -> None:
    assert PathPattern.parse(pattern).has_wildcards


def test_a_plain_path_has_no_wildcards() -> None:
    assert not PathPattern.parse("users/ana").has_wildcards
