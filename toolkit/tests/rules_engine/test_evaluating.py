"""A single expression: what it sees, what it comes to, and how that is written."""

from collections.abc import Mapping
from typing import Any

import pytest

from firewarden.language import ast, print_expression
from firewarden.rules import OFFICIAL_1_19_9, PRODUCTION, Compatibility, EvalError
from firewarden.rules.compiler.code import TOO_MANY_EXPRESSIONS, Evaluation
from firewarden.rules.environment import Document
from firewarden.rules.evaluating import Surroundings, evaluate
from firewarden.rules.lookups import NothingRead
from firewarden.rules.notation import written
from firewarden.rules.outcomes import UNKNOWN
from firewarden.values import Timestamp

NOW = Timestamp(1_777_629_600_000_000_000)
BEFORE: Document = {"n": 1}
AFTER: Document = {"n": 2}


def seen(expression: str, **surroundings: Any) -> Any:
    outcome = evaluate(expression, Surroundings(time=NOW, **surroundings))
    return outcome.text if isinstance(outcome, EvalError) else outcome


@pytest.mark.parametrize(
    ("before", "after", "method"),
    [(None, None, "get"), (BEFORE, None, "get"), (None, AFTER, "create"), (BEFORE, AFTER, "update")],
)
def test_the_method_follows_from_the_documents(before: Document | None, after: Document | None, method: str) -> None:
    assert seen("request.method", before=before, after=after) == method


def test_it_sees_the_document_before_and_after() -> None:
    both: Mapping[str, Any] = {"before": BEFORE, "after": AFTER, "path": ("c", "a")}
    assert seen("request.resource.data.n - resource.data.n", **both) == 1
    assert seen("[resource.id, request.resource.id]", **both) == ["a", "a"]
    assert seen("[request.time, request.auth]", **both) == [NOW, None]
    assert seen("resource", after=AFTER) is None


def test_it_reads_the_document_and_others() -> None:
    others = {("d", "k"): {"n": 5}}
    place = "/databases/$(database)/documents"
    assert (
        seen(f"get({place}/d/k).data.n + get({place}/c/a).data.n", path=("c", "a"), before=BEFORE, documents=others)
        == 6
    )


def test_a_limit_is_an_error_of_the_whole() -> None:
    assert seen(f"[{', '.join(['1'] * 1001)}].size() == 0 || true") == TOO_MANY_EXPRESSIONS


@pytest.mark.parametrize("compatibility", [PRODUCTION, OFFICIAL_1_19_9])
def test_so_is_what_makes_the_official_engine_fail(compatibility: Compatibility) -> None:
    expression = "'abc'.replace('(?P<x>b)', '${y}') == 'a' || true"
    failed = evaluate(expression, Surroundings(time=NOW), compatibility=compatibility)
    assert isinstance(failed, EvalError)
    assert failed.text == "No group y in the regular expression."


def test_what_is_evaluated_in_has_nothing_that_it_was_not_given() -> None:
    evaluation = Evaluation(lambda: (1, 2), NothingRead(""))
    assert (evaluation.request, evaluation.resource) == (1, 2)
    assert not hasattr(evaluation, "document")


def test_a_tracer_is_told_every_step() -> None:
    steps: list[str] = []

    def note(node: ast.Expression, outcome: Any) -> None:
        steps.append(f"{print_expression(node)} = {written(outcome)}")

    assert evaluate("1 + 2 == 4", Surroundings(time=NOW), tracer=note) is False
    assert steps == ["4 = 4", "2 = 2", "1 = 1", "1 + 2 = 3", "1 + 2 == 4 = false"]


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("duration.value(90, 'm')", "duration '5400s'"),
        ("duration.time(0, 0, -1, -500000000)", "duration '-1.5s'"),
        ("{'a': 1, 'b': 1}.diff({'b': 2, 'c': 1})", "map_diff {added: ['a'], removed: ['c'], changed: ['b']}"),
    ],
)
def test_values_without_a_literal_are_written_with_their_type(expression: str, text: str) -> None:
    assert written(seen(expression)) == text


def test_errors_are_written_without_their_full_stop() -> None:
    assert written(evaluate("1 / 0", Surroundings(time=NOW))) == "Divide by zero error"
    assert written(UNKNOWN) == "unknown"
