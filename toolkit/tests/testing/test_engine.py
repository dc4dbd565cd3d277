"""Which engine a run is on: who decides, and what is said of a name that is none."""

from __future__ import annotations

import pytest

from firewarden.errors import FirewardenError
from firewarden.testing.engine import Engine, chosen_engine, is_official_required


@pytest.mark.parametrize(
    ("option", "ini", "variable", "engine"),
    [
        (None, "", "", Engine.FIREWARDEN),
        (None, "official", "", Engine.OFFICIAL),
        (None, "official", "firewarden", Engine.FIREWARDEN),
        ("official", "firewarden", "firewarden", Engine.OFFICIAL),
    ],
)
def test_the_command_line_goes_before_the_environment_and_that_before_the_file(
    option: str | None, ini: str, variable: str, engine: Engine
) -> None:
    assert chosen_engine(option, ini, {"FIREWARDEN_ENGINE": variable}) is engine


@pytest.mark.parametrize(
    ("option", "ini", "variable", "place"),
    [
        ("Official", "", "", "--firestore-engine"),
        (None, "", "rust", "FIREWARDEN_ENGINE"),
        (None, "x", "", "firewarden_engine"),
    ],
)
def test_what_is_no_engine_is_named_with_its_place(option: str | None, ini: str, variable: str, place: str) -> None:
    with pytest.raises(FirewardenError, match=f"^{place} is .* which is no engine"):
        chosen_engine(option, ini, {"FIREWARDEN_ENGINE": variable})


@pytest.mark.parametrize(("value", "is_required"), [("", False), ("0", False), ("1", True), ("yes", True)])
def test_the_official_emulator_may_be_required(value: str, *, is_required: bool) -> None:
    assert is_official_required({"REQUIRE_OFFICIAL": value}) is is_required
    assert not is_official_required({})
