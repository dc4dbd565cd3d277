"""A summary, and the forms in which it is written."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from firewarden.coverage import Recorder, Report, Summary, as_lcov, as_page, as_text, summary
from firewarden.errors import FirewardenError
from firewarden.rules import Get, Request, compile_rules
from firewarden.values import Timestamp

RULES = """\
rules_version = '2';
service cloud.firestore {
  match /databases/{database}/documents {
    function isOwn(name) { let who = request.auth.uid; return who == name; }
    match /notes/{id} {
      allow get: if isOwn(id) || (id == 'open' && !(id == '</script>'));
      allow create: if request.resource.data.n > 1
        ? id == 'x' : id == 'y';
      allow delete: if false;
      match /parts/{part} { allow get: if part == id; }
    }
  }
}
"""
NOTHING = dict[Any, Any]().get


def found(*names: str) -> Summary:
    recorder, rules = Recorder(), compile_rules(RULES)
    for name in names:
        operation = Get(paths=(("notes", *name.split("/")),))
        recorder.record(rules, Request(operation=operation, time=Timestamp(5), auth={"uid": "ana"}), NOTHING)
    return summary(recorder.report(rules))


def test_conditions_are_what_decides() -> None:
    """Operands, not the connectives between them; the whole of an allow; what a function is asked."""
    parts = found().parts
    first = next(part for part in parts if part.name == "get")
    assert [each.text for each in first.conditions] == [
        "isOwn(id) || (id == 'open' && !(id == '</script>'))",
        "isOwn(id)",
        "id == 'open'",
        "id == '</script>'",
    ]
    others = {part.name: [each.text for each in part.conditions] for part in parts if part is not first}
    assert others == {
        "isOwn()": ["who == name"],
        "create": [
            "request.resource.data.n > 1 ? id == 'x' : id == 'y'",
            "request.resource.data.n > 1",
            "id == 'x'",
            "id == 'y'",
        ],
        "delete": [],
        "get": ["part == id"],
    }


def test_an_outcome_is_met_or_not_and_an_error_is_not() -> None:
    result = found("ana", "open", "parts")
    assert (result.seen, result.outcomes) == (2 + 6 + 1, 2 * 10)
    assert result.percent == 45.0
    missing = [(each.text, each.missing) for part in result.parts for each in part.conditions if each.missing]
    assert missing == [
        ("id == '</script>'", "never true"),
        ("request.resource.data.n > 1 ? id == 'x' : id == 'y'", "never asked"),
        ("request.resource.data.n > 1", "never asked"),
        ("id == 'x'", "never asked"),
        ("id == 'y'", "never asked"),
        ("part == id", "never asked"),
    ]


def test_text_has_a_line_for_each_allow_and_for_what_is_missing() -> None:
    lines = as_text(found("ana", "open", "parts", "ana/parts/x")).splitlines()
    table = [re.split(r"\s{2,}", each.strip()) for each in lines[: lines.index("")]]
    assert table[0] == ["match", "allow or function", "line", "asked", "true", "false", "error", "outcomes", "%"]
    assert ["/notes/{id}", "get", "6", "3", "2", "1", "0", "7/8", "88"] in table
    assert ["/notes/{id}", "create", "7", "0", "0", "0", "0", "0/8", "0"] in table
    assert ["/notes/{id}/parts/{part}", "get", "10", "1", "0", "1", "0", "1/2", "50"] in table
    assert lines[lines.index("") + 1 : -2] == [
        "firestore.rules:6:52: never true: id == '</script>'",
        "firestore.rules:7:24: never asked: allow create",
        "firestore.rules:10:43: never true: allow get",
    ]
    assert lines[-1] == "firestore.rules: 50.0 % of outcomes (10 of 20), 19 of 29 expressions evaluated"


def test_text_tells_only_so_much_of_what_is_missing() -> None:
    assert as_text(found("ana"), missing_max=1).splitlines()[-3:-1] == ["... and 6 more", ""]


def test_lcov_has_two_branches_for_each_condition() -> None:
    lines = as_lcov(found("ana", "open", "parts"), file="rules/a.rules").splitlines()
    assert lines[:6] == ["TN:", "SF:rules/a.rules", "FN:4,isOwn()", "FNDA:3,isOwn()", "FNF:1", "FNH:1"]
    assert [each for each in lines if each.startswith("BRDA:4,")] == ["BRDA:4,0,0,1", "BRDA:4,0,1,2"]
    assert [each for each in lines if each.startswith("BRDA:8,")] == [
        f"BRDA:8,{n},{m},-" for n in (7, 8) for m in (0, 1)
    ]
    assert [each for each in lines if each.startswith(("BRF", "BRH"))] == ["BRF:20", "BRH:9"]
    assert lines[-7:] == ["DA:4,3", "DA:6,3", "DA:7,0", "DA:8,0", "DA:10,0", "LF:5", "LH:2", "end_of_record"][-7:]


class Reader(HTMLParser):
    """Notes what is fetched from elsewhere, the text of the rules, and elements that are not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []
        self.scripts: list[str] = []
        self.rules: list[str] = []
        self.classes: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.fetched += [str(named[each]) for each in ("src", "href") if not str(named.get(each, "#")).startswith("#")]
        if tag == "i" and "data-n" in named:
            self.classes[str(named["data-n"])] = str(named["class"])
        if tag not in ("meta", "li"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["script"]:
            self.scripts.append(data)
        elif "ol" in self.open:
            self.rules.append(data)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader


def test_the_page_shows_the_rules_and_needs_nothing_else() -> None:
    result = found("ana", "open", "parts")
    reader = read(as_page(result))
    assert reader.open == []
    assert reader.fetched == []
    assert "".join(reader.rules) == RULES.replace("\n", "")
    assert json.loads(reader.scripts[0]) == result.report.to_json()


def test_the_page_marks_every_expression() -> None:
    result = found("ana", "open", "parts")
    told = list(result.report.walk())
    marks = [read(as_page(result)).classes[str(number)] for number in range(len(told))]
    expected = {"who == name": "b", "id == '</script>'": "f", "part == id": "n"}
    for part in result.parts:
        for each in part.conditions:
            if each.text in expected:
                assert marks[told.index(each.expression)] == expected[each.text]
    assert "v" in marks


def test_the_page_is_light_and_dark() -> None:
    assert "color-scheme:light dark" in as_page(found())


def test_a_report_that_does_not_fit_its_rules_is_refused() -> None:
    report = found("ana").report
    with pytest.raises(FirewardenError, match="does not fit"):
        summary(Report(report.file, RULES.replace("open", "opened"), report.expressions))
    with pytest.raises(FirewardenError, match="do not compile"):
        summary(Report(report.file, "service", report.expressions))


def test_rules_without_a_condition_lack_nothing() -> None:
    text = "service cloud.firestore { match /databases/{d}/documents { match /a/{b} { allow read; } } }"
    result = summary(Report("firestore.rules", text))
    assert (result.percent, result.outcomes) == (100.0, 0)
    assert as_text(result).endswith("100.0 % of outcomes (0 of 0), 0 of 0 expressions evaluated")
