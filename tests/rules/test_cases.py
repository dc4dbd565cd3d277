"""Every decision case of rules/cases, decided by a Firestore server under firestore.rules."""

from pathlib import Path

import pytest

from firewarden.testing import Case, Database, assert_case, load_cases, run_case

_FOLDER = Path(__file__).parents[2] / "rules" / "cases"
_CASES = [case for file in sorted(_FOLDER.glob("*.cases.yaml")) for case in load_cases(file).cases]


@pytest.mark.emulator
@pytest.mark.parametrize("case", _CASES, ids=lambda case: case.id)
def test_case(case: Case, case_database: Database) -> None:
    assert_case(run_case(case, case_database))
