"""What the recorder counts, and how little it remembers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from firewarden.coverage import Expression, Recorder, Report, chosen, merged, read_report
from firewarden.coverage.limits import MEMBERS_MAX, RULESETS_MAX, VALUES_MAX
from firewarden.errors import FirewardenError
from firewarden.rules import Both, Commit, Either, Filter, Get, List, Query, Request, Write, compile_rules
from firewarden.values import Timestamp

NOW = Timestamp(1_780_000_000_000_000_000)
NOTHING = dict[Any, Any]().get


def rules_text(*conditions: str, functions: str = "", method: str = "read, write") -> str:
    allows = "\n".join(f"allow {method}: if {each};" for each in conditions)
    block = f"match /notes/{{id}} {{ {functions}\n{allows} }}"
    return f"rules_version = '2';\nservice cloud.firestore {{ match /databases/{{d}}/documents {{ {block} }} }}"


def get(name: str = "a") -> Request:
    return Request(operation=Get(paths=(("notes", name),)), time=NOW, auth={"uid": "ana", "token": {}})


def create(**data: Any) -> Request:
    return Request(operation=Commit(writes=(Write(path=("notes", "a"), data=data, exists=False),)), time=NOW)


def reported(text: str, *requests: Request, documents: Any = None) -> Report:
    recorder, rules = Recorder(), compile_rules(text)
    for each in requests:
        recorder.record(rules, each, (documents or {}).get)
    return recorder.report(rules)


def values(expression: Expression) -> list[tuple[Any, int]]:
    return [(each.value, each.count) for each in expression.seen]


def test_an_expression_is_true_false_an_error_or_skipped() -> None:
    (allow,) = reported(
        rules_text("id == 'a' || resource.data.open == true"),
        *(get(each) for each in "aabcd"),
        documents={("notes", "b"): {"open": True}, ("notes", "c"): {"open": False}},
    ).expressions
    right = allow.children[1]
    assert (allow.true, allow.false, allow.errors, allow.skipped, allow.evaluated) == (3, 1, 1, 0, 5)
    assert (right.true, right.false, right.errors, right.skipped, right.evaluated) == (1, 1, 1, 2, 3)
    assert [each.skipped for each in right.walk()] == [2, 2, 2, 2]


def test_an_error_says_what_and_where() -> None:
    text = rules_text("request.auth.nope")
    (allow,) = reported(text, get()).expressions
    place = text.index("request.auth.nope")
    position = {"line": 3, "column": 23, "currentOffset": place, "endOffset": place + len("request") - 1}
    undefined = {"sourcePosition": position, "causeMessage": "Property nope is undefined on object."}
    assert values(allow) == [({"undefined": undefined}, 1)]


def test_what_cannot_be_told_from_a_query_is_an_error_without_words() -> None:
    query = Query(collection="notes", where=Filter(field="n", operator=">", value=1))
    (allow,) = reported(rules_text("resource.data.n > 3"), Request(operation=List(query=query), time=NOW)).expressions
    constraint = {"simpleConstraints": [{"comparator": "GT", "value": {"intValue": "1"}}]}
    assert values(allow) == [({"undefined": {}}, 1)]
    assert values(allow.children[0]) == [({"constraintValue": constraint}, 1)]


def test_every_alternative_of_a_query_is_counted_up_to_the_first_that_is_denied() -> None:
    either = Either(filters=tuple(Filter(field="n", operator="==", value=each) for each in (1, 2, 3)))
    query = Query(collection="notes", where=Both(filters=(either,)))
    (allow,) = reported(rules_text("resource.data.n < 2"), Request(operation=List(query=query), time=NOW)).expressions
    assert (allow.true, allow.evaluated) == (1, 2)


def test_every_block_is_asked_even_after_one_has_allowed() -> None:
    text = rules_text("id == 'a'").replace("match /notes", "match /{all=**} { allow read: if true; } match /notes")
    (allow,) = reported(text, get()).expressions
    assert allow.true == 1


def test_a_function_counts_each_call() -> None:
    body, allow = reported(
        rules_text("same(id, 'a') && same(id, 'b')", functions="function same(x, y) { let z = x; return z == y; }"),
        get(),
    ).expressions
    assert (body.true, body.false) == (1, 1)
    assert [(each.true, each.false) for each in body.children[1:]] == [(1, 1)]
    assert allow.false == 1


def test_only_so_many_values_are_remembered() -> None:
    (allow,) = reported(rules_text("id.size() > 9"), *(get(f"n{number}") for number in range(50))).expressions
    told = values(allow.children[0].children[0])
    assert told[:VALUES_MAX] == [({"stringValue": f"n{number}"}, 1) for number in range(VALUES_MAX)]
    assert told[VALUES_MAX:] == [({"stringValue": ""}, 50 - VALUES_MAX)]
    assert allow.children[0].children[0].seen[-1].more


def test_what_is_large_is_only_counted() -> None:
    small, large = {"a": 1}, {f"f{number}": {"deep": number} for number in range(MEMBERS_MAX + 1)}
    (allow,) = reported(
        rules_text("request.resource.data.x == 1", method="write"),
        *(create(x=each) for each in (small, small, large, large, list(large.values()), "y" * 1_000, b"z" * 1_000)),
    ).expressions
    told = [(each.kind, each.count, each.more) for each in allow.children[0].seen]
    assert told == [
        ("mapValue", 2, False),
        ("mapValue", 2, True),
        ("listValue", 1, True),
        ("stringValue", 1, True),
        ("bytesValue", 1, True),
    ]


def test_a_report_stays_small_however_many_requests() -> None:
    """The emulator's report on 18 requests was 216 KB, since it holds the whole of `request` for each of them."""
    text = rules_text("request.auth.uid == id && request.resource.data.text.size() < 10000 && request.time != null")
    hundred = [create(text="x" * number, **{f"f{number}": number}) for number in range(100)]
    sizes = [len(json.dumps(reported(text, *hundred[:count]).to_json())) for count in (10, 100)]
    assert sizes[1] < 1.1 * sizes[0] < 20_000


def test_rules_of_the_same_text_are_counted_together_and_others_apart() -> None:
    recorder, text = Recorder(), rules_text("id == 'a'")
    one, same, other = compile_rules(text), compile_rules(text), compile_rules(text + "\n")
    for each in (one, same, one, other):
        recorder.record(each, get(), NOTHING)
    assert [recorder.report(each).expressions[0].true for each in (one, same, other)] == [3, 3, 1]
    recorder.record(one, get(), NOTHING, scope="another project")
    assert recorder.report(one).expressions[0].true == 3
    assert [each.expressions[0].true for each in recorder.reports()] == [3, 1, 1]


def test_the_rules_that_were_asked_first_are_forgotten_first() -> None:
    recorder = Recorder()
    rules = [compile_rules(rules_text(f"id == 'a{number}'")) for number in range(RULESETS_MAX + 1)]
    for each in rules:
        recorder.record(each, get(), NOTHING)
    assert len(recorder.reports()) == RULESETS_MAX
    assert recorder.reports()[0].text == rules[1].text


def test_rules_that_were_never_asked_have_expressions_without_values() -> None:
    (allow,) = reported(rules_text("id == 'a'")).expressions
    assert [each.seen for each in allow.walk()] == [(), ()]


def test_a_report_is_what_its_json_says() -> None:
    report = reported(rules_text("id == 'a' || request.auth.nope.x"), get("a"), get("b"), create(x=[1, 2.5, None]))
    assert read_report(json.dumps(report.to_json())) == report


def test_reports_on_one_text_add_up() -> None:
    text = rules_text("id == 'a' && id.size() < 9")
    one, two = (reported(text, *map(get, names)) for names in ("ab", "abcdef"))
    both = reported(text, *map(get, "ababcdef"))
    (together,) = merged([one, two])
    counts = [(each.true, each.false, each.skipped, each.evaluated) for each in together.walk()]
    assert counts == [(each.true, each.false, each.skipped, each.evaluated) for each in both.walk()]
    identifier = together.expressions[0].children[0].children[0]
    assert len(identifier.seen) <= VALUES_MAX + 3


def test_the_report_on_the_own_rules_is_chosen_else_the_only_one() -> None:
    own, other = (reported(rules_text(each), get()) for each in ("id == 'a'", "id == 'b'"))
    assert chosen([other, own, own], own.text) == merged([own, own])[0]
    assert chosen([other, other]) == merged([other, other])[0]
    assert chosen([other, own]) is None
    assert chosen([]) is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"rules": {"files": []}}', '{"rules": 1}'])
def test_what_is_no_report_is_refused(text: str) -> None:
    with pytest.raises(FirewardenError, match=r"run\.json is no coverage report"):
        read_report(text, name="run.json")
