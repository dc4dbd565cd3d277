"""Compiling: once, immutable, usable from any thread, and clear about what is no ruleset."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError

import pytest

from firewarden.language import parse
from firewarden.rules import Decision, Get, Request, RulesetInvalid, auth_of, compile_rules, decide
from firewarden.rules.checking import check
from firewarden.values import Timestamp

SOURCE = """rules_version = '2';
function isOwner(id) { return request.auth.uid == id; }
service other.service { match /x/{y} { allow read; } }
service cloud.firestore {
  function any() { return true; }
  match /databases/{db}/documents {
    function isOwner(id) { return request.auth.uid == id && any(); }
    match /users/{uid} { allow get: if isOwner(uid); }
  }
}
"""


def request(user: str, document: str) -> Request:
    return Request(operation=Get(paths=(("users", document),)), time=Timestamp(0), auth=auth_of({"sub": user}))


def nothing(_: object) -> None:
    return None


def test_text_and_tree_compile_alike() -> None:
    tree = parse(SOURCE).ruleset
    assert tree is not None
    for source in (SOURCE, tree):
        rules = compile_rules(source)
        assert decide(rules, request("ana", "ana"), nothing).allowed
        assert not decide(rules, request("ana", "ben"), nothing).allowed


def test_what_is_no_ruleset_is_refused_with_its_place() -> None:
    with pytest.raises(
        RulesetInvalid, match=r"^firestore\.rules:1:9: error: The name of the service is missing"
    ) as caught:
        compile_rules("service {")
    assert caught.value.diagnostics


def test_a_file_can_be_checked_without_compiling_it() -> None:
    """All that is wrong or doubtful, regular expressions included."""
    source = "service cloud.firestore { match /a/{b} { allow get: if b.matches('[') && c; } }"
    assert [each.code for each in check(source)] == ["old-version", "pattern", "variable-name"]


def test_paths_of_any_number_of_collections_are_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only for so many is remembered which blocks are about them."""
    monkeypatch.setattr("firewarden.rules.compiled._KNOWN_MAX", 2)
    rules = compile_rules(SOURCE.replace("/users/{uid}", "/{any}/{uid}"))
    for collection in ("a", "b", "c", "d") * 2:
        asked = Request(operation=Get(paths=((collection, "ana"),)), time=Timestamp(0), auth=auth_of({"sub": "ana"}))
        assert decide(rules, asked, nothing).allowed


def test_rules_made_to_be_watched_decide_alike_unwatched() -> None:
    rules = compile_rules(SOURCE).traced
    assert decide(rules, request("ana", "ana"), nothing).allowed
    assert not decide(rules, request("ana", "ben"), nothing).allowed


def test_coverage_hears_of_blocks_behind_the_one_that_allowed() -> None:
    second = "match /users/{uid} { allow get: if uid == 'ana'; }"
    rules = compile_rules(SOURCE.replace("match /users", f"{second} match /users", 1))
    heard: dict[bool, int] = {}
    for goes_on, used in ((False, rules), (True, rules.exhaustive)):
        told: list[object] = []
        assert decide(used, request("ana", "ana"), nothing, tracer=lambda *each, told=told: told.append(each)).allowed
        assert used.traced.goes_on is goes_on
        heard[goes_on] = len(told)
    assert heard[False] < heard[True]


def test_answers_cannot_be_changed() -> None:
    decision = decide(compile_rules(SOURCE), request("ana", "ben"), nothing)
    with pytest.raises(FrozenInstanceError):
        decision.allowed = True  # type: ignore[misc]  # this is what must fail


def test_one_compilation_serves_many_threads() -> None:
    """Each thread gets the answer to its own request."""
    rules = compile_rules(SOURCE)
    pairs = [(user, document) for user in "abcdefgh" for document in "abcdefgh"] * 20

    def answer(pair: tuple[str, str]) -> Decision:
        return decide(rules, request(*pair), nothing)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(answer, pairs))
    assert [each.allowed for each in answers] == [user == document for user, document in pairs]
