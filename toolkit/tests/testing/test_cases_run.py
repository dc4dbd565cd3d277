"""Decision cases on a real server: every kind of request, and what a failing one says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from firewarden.testing import Case, CaseResult, Database, assert_case, load_cases, run_case

pytestmark = pytest.mark.emulator

SAMPLE = load_cases(Path(__file__).with_name("sample.cases.yaml"))
BY_NAME = {case.name: case for case in SAMPLE.cases}


@pytest.mark.parametrize("case", SAMPLE.cases, ids=lambda case: case.id)
def test_the_sample_decides_as_it_says(case: Case, database: Database) -> None:
    assert_case(run_case(case, database))


@pytest.mark.parametrize("case", SAMPLE.cases, ids=lambda case: case.id)
def test_the_opposite_expectation_fails(case: Case, database: Database) -> None:
    opposite = replace(case, expect="deny" if case.expect == "allow" else "allow")
    with pytest.raises(AssertionError, match=f"expected {opposite.expect}, got {case.expect}"):
        assert_case(run_case(opposite, database))


def test_a_failure_names_everything(database: Database) -> None:
    case = replace(BY_NAME["a user does not get another's"], expect="allow", because="it is theirs")
    with pytest.raises(AssertionError) as failure:
        assert_case(run_case(case, database))

    assert str(failure.value) == (
        f"{case.place}: a user does not get another's\n"
        "  ana: get own/ben\n"
        "  expected allow, got deny\n"
        "  because: it is theirs\n"
        "  server: false for 'get' @ L5"
    )


def test_a_case_sees_only_its_own_documents(database: Database) -> None:
    database.as_owner().document("own/left-over").set({"n": 1})
    run_case(BY_NAME["a user gets their own"], database)

    assert [each.id for each in database.as_owner().collection("own").list_documents()] == ["ana"]


def test_what_is_neither_allowed_nor_denied_is_an_error(database: Database) -> None:
    """An update of a missing document passes the rules and fails for another reason: the case is wrong."""
    case = replace(BY_NAME["an update takes field paths"], documents={})
    result = run_case(case, database)

    assert result == CaseResult(case, "error", result.message)
    assert "NotFound" in result.message
    assert not result.passed


def test_many_documents_are_stored_in_several_commits(database: Database) -> None:
    """One commit of the SDKs carries at most 500 writes."""
    many = {f"own/u{number}": {"n": number} for number in range(501)}
    result = run_case(replace(BY_NAME["a user gets their own"], documents=many), database)

    assert result.passed
    assert len(list(database.as_owner().collection("own").list_documents())) == 501
