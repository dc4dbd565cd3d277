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


PATHS = ("users/alice", "users/alice/posts/p1", "users/b/x/y/posts/p", "x/b/c/d", "users/a b")


@pytest.mark.parametrize(
    ("pattern", "matched"),
    [
        ("users/{uid}", [0, 4]),
        ("users/{uid}/posts/{pid}", [1]),
        ("users/{rest=**}", [0, 1, 2, 4]),
        ("{rest=**}", [0, 1, 2, 3, 4]),
        ("users/{uid}/{rest=**}", [0, 1, 2, 4]),
        ("users/*", [0, 4]),
        ("users/**", [0, 1, 2, 4]),
        ("**", [0, 1, 2, 3, 4]),
        ("{col}/{id}", [0, 4]),
        ("users/al*", [0]),
        ("users/{u=al*}", [0]),
        ("users", []),
        ("/users/{uid}", [0, 4]),
        ("{a}/b/{c=**}", [2, 3]),
        ("{a=**}/posts/{p}", [1, 2]),
        ("users/{uid}/posts/{pid=**}", [1]),
        ("*/alice", [0]),
        ("users/**/posts/p1", [1]),
    ],
)
def test_patterns_match_what_they_match_in_the_emulator(pattern: str, matched: list[int]) -> None:
    """As emulator 1.19.9 was asked, with triggers registered as PATH_PATTERN."""
    assert [n for n, path in enumerate(PATHS) if PathPattern.parse(pattern).match(path) is not None] == matched


@pytest.mark.parametrize("text", ["users/{uid}", "users/*", "/users/alice", "users/alice/", "users/a%20b"])
def test_an_exact_text_matches_only_itself(text: str) -> None:
    """As emulator 1.19.9 was asked, with triggers registered as EXACT."""
    assert [each for each in PATHS if PathPattern.exact(text).match(each) is not None] == []
    assert PathPattern.exact("users/alice").match("users/alice") == {}
    assert not PathPattern.exact(text).has_wildcards


@pytest.mark.parametrize(
    ("pattern", "matched"),
    [("users/{uid}", [0, 4]), ("{x=**}", [0, 1, 2, 3, 4]), ("users/*", []), ("users/{x=**}", [0, 1, 2, 4])],
)
def test_functions_of_the_first_generation_have_wildcards_only_in_braces(pattern: str, matched: list[int]) -> None:
    """As emulator 1.19.9 was asked."""
    assert [n for n, path in enumerate(PATHS) if PathPattern.v1(pattern).match(path) is not None] == matched
