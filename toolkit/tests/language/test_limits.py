"""The compiler's limits: what is just within them passes, and one more is told in the official words.

Texts and positions are those of Google's emulator 1.19.9.
"""

import pytest

from firewarden.language import parse
from firewarden.language.limits import EXPRESSION_DEPTH_MAX
from firewarden.language.official import prediction

TOO_COMPLEX = "Expression is too complex to evaluate safely."


def official(body: str) -> list[str]:
    """What is said of a match block's content, whose first line is the file's second."""
    text = f"rules_version = '2'; service cloud.firestore {{ match /databases/{{d}}/documents {{\n{body}\n}} }}"
    return sorted(str(each) for each in parse(text).official)


def nested(inner: str, levels: int) -> str:
    return "[" * levels + inner + "]" * levels


def variables(count: int) -> str:
    lets = "".join(f"let v{number} = {number or 'a'};\n" for number in range(count))
    read = ", ".join(f"v{number}" for number in range(count))
    return f"match /a/{{b}} {{ allow get: if f(1); }} function f(a) {{\n{lets}return [{read}] == []; }}"


def chain(functions: int) -> str:
    """Functions that call each other in a row, one a line, the last of which takes anything."""
    calls = [f"function f{number}() {{ return f{number + 1}(); }}\n" for number in range(functions - 1)]
    return f"{''.join(calls)}function f{functions - 1}() {{ return true; }} match /a/{{b}} {{ allow get: if f0(); }}"


def test_eleven_variables_pass() -> None:
    """The text says ten."""
    assert official(variables(11)) == []


@pytest.mark.parametrize(("count", "place"), [(12, "L15:8"), (13, "L15:1"), (14, "L15:1")])
def test_too_many_variables_are_told_at_what_follows_the_twelfth(count: int, place: str) -> None:
    """The result, if the twelfth is the last. The body is not looked into any further."""
    text = "Maximum allowed variable count of 10 for a given function has been reached."
    assert official(variables(count).replace("== []", "== [1 == 'a']")) == [f"{place} {text}"]


def test_twenty_calls_deep_pass() -> None:
    assert official(chain(21)) == []


def test_a_call_too_deep_is_told_once_with_its_way() -> None:
    """However often it is called, and however much deeper it goes."""
    way = "->".join(f"f{number}" for number in range(21))
    told = [f"L23:10 Maximum allowed call depth of 20 is reached for [{way}] call stack."]
    assert official(chain(22)) == official(chain(23)) == told
    both = chain(22).replace("function f20() { return f21(); }", "function f20() { return f21() && f21(); }")
    assert official(both) == told


def test_a_call_too_deep_is_told_for_each_way_that_leads_there() -> None:
    """Of the second way the official compiler lists other functions, as many."""
    two_ways = chain(22).replace("function f19() { return f20(); }", "function f19() { return f20() && f22(); }")
    told = official(f"{two_ways} function f22() {{ return f21(); }}")
    first, second = [each.split("[")[1].split("]")[0].split("->") for each in told]
    assert first == [f"f{number}" for number in range(21)]
    assert second == [*first[:-1], "f22"]
    assert all(each.startswith("L23:10 Maximum allowed call depth of 20") for each in told)


@pytest.mark.parametrize(
    ("segments", "told"), [(97, []), (98, ["L2:1 Maximum allowed path length of 100 is reached."])]
)
def test_a_path_has_a_hundred_segments_at_most(segments: int, told: list[str]) -> None:
    """Those of the matches around it included."""
    assert official(f"match {'/s' * segments} {{ allow get; }}") == told


def test_an_expression_may_be_nested_less_than_a_hundred_levels_deep() -> None:
    head = "match /a/{b} { allow get: if "
    assert official(f"{head}{nested('b', EXPRESSION_DEPTH_MAX - 3)} == b; }}")[0].endswith("always return false.")
    told = official(f"{head}{nested('b', EXPRESSION_DEPTH_MAX - 2)} == b; }}")
    assert told == [f"L2:{len(head) + EXPRESSION_DEPTH_MAX - 1} {TOO_COMPLEX}"]


WRONG = ["math", "9223372036854775808", "b'\\u0041'", "/a/{x}/{x}", "'a'.matches('[')", "f(math)", "[[1 == 'a']]"]


@pytest.mark.parametrize("wrong", WRONG)
def test_nothing_is_looked_into_below_a_too_complex_expression(wrong: str) -> None:
    """Whatever is wrong there, it is not told; what is wrong beside it is."""
    head = "match /a/{b} { allow get: if "
    too_deep, deepest = nested(wrong, EXPRESSION_DEPTH_MAX - 1), nested("math", EXPRESSION_DEPTH_MAX - 3)
    told = official(f"{head}{too_deep} == {deepest}; }}")
    place = len(head) + len(too_deep) + len(" == ") + EXPRESSION_DEPTH_MAX - 2
    assert told == [
        f"L2:{len(head) + EXPRESSION_DEPTH_MAX - 1} {TOO_COMPLEX}",
        f"L2:{place} math is a package and cannot be used as variable name.",
    ]


@pytest.mark.parametrize("levels", [EXPRESSION_DEPTH_MAX, 10 * EXPRESSION_DEPTH_MAX])
def test_a_file_may_end_below_a_too_complex_expression(levels: int) -> None:
    """What is skipped there ends with the file."""
    found = parse("service cloud.firestore { match /a/{b} { allow get: if " + "[" * levels).diagnostics
    assert [each.message.removesuffix(": the file ends") for each in found] == [
        "`]` is missing after the last item",
        "`}` is missing at the end of a match",
        "`}` is missing at the end of a service",
    ]


@pytest.mark.parametrize("limit", ["OFFICIAL_LOOKAHEAD_MAX", "OFFICIAL_WORK_MAX"])
def test_the_official_words_are_given_up_where_they_take_too_long(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own words stay."""
    text = f"service cloud.firestore {{ match /a/{{b}} {{ allow get: if {nested('b', 90)} == ; }} }}"
    (told,) = parse(text).diagnostics
    assert told.official
    monkeypatch.setattr(prediction, limit, 50)
    (left,) = parse(text).diagnostics
    assert (left.message, left.span, left.official) == (told.message, told.span, ())
