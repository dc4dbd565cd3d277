"""`docs/language.md` is true: of this engine, and of Google's emulator where there is one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from firewarden.errors import RulesRejected
from firewarden.language import Severity, limits
from firewarden.rules import (
    OFFICIAL_1_19_9,
    PRODUCTION,
    Compatibility,
    EvalError,
    RulesetInvalid,
    auth_of,
    builtins,
    check,
    compile_rules,
    decide,
)
from firewarden.rules.compiler.code import EXPRESSIONS_MAX
from firewarden.rules.evaluating import Surroundings, evaluate
from firewarden.rules.kinds import Value, type_name
from firewarden.rules.lookups import PER_DOCUMENT_MAX, PER_REQUEST_MAX
from firewarden.rules.notation import written
from firewarden.rules.recordings.typed import encoded, same
from firewarden.testing import Database, EmulatorControl, assert_case, load_cases, run_case
from firewarden.testing.cases.model import Case
from firewarden.testing.rules import prepare
from firewarden.testing.session import Server
from firewarden.values import Timestamp
from toolkit.tests.conformance.language import page
from toolkit.tests.conformance.rules.batches import ask
from toolkit.tests.conformance.rules.official import Official
from toolkit.tests.conformance.rules.programs import Program
from toolkit.tests.conformance.rules.records import ALICE

NOW = datetime(2026, 5, 1, 10, tzinfo=UTC)
SURROUNDINGS = Surroundings(time=Timestamp.of(NOW), auth=auth_of(ALICE), path=("e", "x"))
ENGINES = {"": (PRODUCTION, OFFICIAL_1_19_9), "production": (PRODUCTION,), "emulator": (OFFICIAL_1_19_9,)}
EVALUATIONS = page.evaluations()
SCENES = page.scenes()


def line(value: object) -> str:
    return f"L{value.line}" if isinstance(value, page.Example) else ""


def told(value: Value) -> str:
    """A value or error as the page writes it."""
    return f"error: {' '.join(str(value.text).split())}" if isinstance(value, EvalError) else written(value)


@pytest.mark.parametrize("example", EVALUATIONS, ids=line)
def test_an_expression_comes_to_what_the_page_says(example: page.Example) -> None:
    for compatibility in ENGINES[example.flavour]:
        try:
            text = told(evaluate(example.asked, SURROUNDINGS, compatibility=compatibility))
        except RulesetInvalid as invalid:
            text = f"refused: {invalid.diagnostics[0].official[0].description}"
        assert example.is_told(text), text


@pytest.mark.emulator
def test_expressions_come_to_the_same_in_the_emulator(
    official_firestore_server: Server, firestore_project: str
) -> None:
    with Official(official_firestore_server.host, f"{firestore_project}-page") as official:
        for example in EVALUATIONS:
            if example.flavour != "production":
                assert_alike(official, example)


def assert_alike(official: Official, example: page.Example) -> None:
    """Our value is the page's, as the other test says; it is the emulator's too."""
    asked, refusals = ask(official, [Program(example.asked)])
    if refusals:
        assert example.told.startswith("refused: "), (example, refusals)
        assert example.told.removeprefix("refused: ") in refusals[0]["error"]
        return
    record = asked[0].value
    assert record is not None, f"the emulator tells no value for {example}"
    ours = evaluate(example.asked, SURROUNDINGS, compatibility=OFFICIAL_1_19_9)
    if isinstance(ours, EvalError):
        assert record.get("message") == ours.text, (example, record)
    else:
        assert same(record.get("value"), encoded(ours)), (example, record)


def test_every_function_and_method_is_in_a_table() -> None:
    """With its types; what cannot be called by name, such as methods of promises, is described in words."""
    methods = [each for table in builtins._METHODS.values() for each in table.values()]
    named = [each for each in (*builtins.FUNCTIONS.values(), *methods) if not each.name.startswith("constraint.")]
    texts = {overload.text for each in named for overload in each.overloads}
    assert {each.call for each in page.signatures()} == texts


@pytest.mark.parametrize("signature", page.signatures(), ids=lambda each: each.call)
def test_a_call_gives_the_type_that_the_table_says(signature: page.Signature) -> None:
    """The first example of a row is of the call itself, unless it goes on with what that gives."""
    name = signature.call.partition("(")[0].rpartition(".")[2]
    called = [each for each in signature.examples if not each.told.startswith("error: ")]
    assert called, "there is no example of a value"
    assert all(f"{name}(" in each.asked for each in called)
    goes_on = called[0].asked.rpartition(f"{name}(")[2].count(".") or " == " in called[0].asked
    if signature.gives != "any" and not goes_on:
        assert type_name(evaluate(called[0].asked, SURROUNDINGS)) == signature.gives


@pytest.mark.parametrize(("example", "source"), page.declarations(), ids=line)
def test_the_compiler_says_what_the_page_says(example: page.Example, source: str) -> None:
    found = check(source)
    texts = {str(each.severity): [issue.description for issue in each.official] for each in found}
    assert_said(example, texts.get(Severity.ERROR, []), texts.get(Severity.WARNING, []))


@pytest.mark.emulator
@pytest.mark.parametrize(("example", "source"), page.declarations(), ids=line)
def test_the_emulators_compiler_says_it_too(
    example: page.Example, source: str, official_firestore_server: Server, firestore_project: str
) -> None:
    with EmulatorControl(official_firestore_server.host) as control:
        try:
            warnings, errors = control.put_rules(f"{firestore_project}-page", source), []
        except RulesRejected as rejected:
            warnings, errors = [], list(rejected.issues)
    assert_said(example, [each.description for each in errors], [each.description for each in warnings])


def assert_said(example: page.Example, errors: list[str], warnings: list[str]) -> None:
    kind, colon, _ = example.told.partition(": ")
    assert kind == ("refused" if errors else "warns" if warnings else "compiles"), (errors, warnings)
    assert not colon or any(example.is_told(f"{kind}: {each}") for each in [*errors, *warnings])


@pytest.mark.parametrize(
    ("what", "most"),
    [
        ("expressions evaluated for one document of a request", EXPRESSIONS_MAX),
        ("lookups for one document", PER_DOCUMENT_MAX),
        ("lookups for a commit or a batch of reads, in all", PER_REQUEST_MAX),
        ("`let`s in a function", limits.LETS_MAX),
        ("parameters of a function", limits.PARAMETERS_MAX),
        ("functions in a chain of calls", limits.CALL_DEPTH_MAX + 1),
        ("matches inside each other", limits.MATCH_DEPTH_MAX),
        ("captures in a path", limits.CAPTURES_MAX),
        ("segments in a path", limits.SEGMENTS_MAX),
        ("levels of an expression", limits.EXPRESSION_DEPTH_MAX - 1),
    ],
)
def test_the_limits_are_those_of_the_engine(what: str, most: int) -> None:
    assert f"| {what} | {most:,} |" in page.PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("switch", Compatibility._fields)
def test_every_difference_of_production_and_emulator_is_told(switch: str) -> None:
    assert f" | `{switch}` | " in page.PAGE.read_text(encoding="utf-8")


@pytest.fixture(params=range(len(SCENES)), ids=lambda number: SCENES[number].cases.splitlines()[0])
def scene(request: pytest.FixtureRequest) -> page.Scene:
    number: int = request.param
    return SCENES[number]


@pytest.fixture
def cases(scene: page.Scene, tmp_path: Path) -> tuple[Case, ...]:
    file = tmp_path / "page.cases.yaml"
    file.write_text(scene.cases, encoding="utf-8")
    return load_cases(file).cases


def test_cases_are_decided_as_the_page_says(scene: page.Scene, cases: tuple[Case, ...]) -> None:
    for compatibility in (PRODUCTION, OFFICIAL_1_19_9):
        rules = compile_rules(scene.rules, compatibility=compatibility)
        for case in cases:
            prepared = prepare(case, now=NOW)
            decision = decide(rules, prepared.request, prepared.read)
            assert decision.allowed == (case.expect == "allow"), f"{case.name}: {decision.message}"


@pytest.fixture
def database(scene: page.Scene, official_firestore_server: Server, firestore_project: str) -> Iterator[Database]:
    """A database with the rules of the scene."""
    project = f"{firestore_project}-page"
    with (
        EmulatorControl(official_firestore_server.host) as control,
        Database(host=official_firestore_server.host, project=project, control=control) as database,
    ):
        control.put_rules(project, scene.rules)
        yield database


@pytest.mark.emulator
def test_cases_are_decided_alike_by_the_emulator(cases: tuple[Case, ...], database: Database) -> None:
    for case in cases:
        assert_case(run_case(case, database))
