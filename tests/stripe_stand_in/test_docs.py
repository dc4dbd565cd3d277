"""The guide's examples run, and it names every control and fault that there is."""

import re
from pathlib import Path

import pytest

from stripe_stand_in import ApiFault, Mischief, Settlement
from stripe_stand_in.controls import ACTIONS

GUIDE = (Path(__file__).parents[2] / "docs" / "guide" / "stripe-stand-in.md").read_text()


@pytest.mark.parametrize("block", re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL))
def test_examples_run(block: str) -> None:
    exec(compile(block, "docs/guide/stripe-stand-in.md", "exec"), {})  # noqa: S102 - the guide is ours


def test_every_fault_and_action_is_named() -> None:
    faults = [fault.name for kind in (ApiFault, Mischief, Settlement) for fault in kind]
    assert [name for name in faults if name not in GUIDE] == []
    assert [name for name in ACTIONS if f"`{name}`" not in GUIDE] == ["pay"]
    assert "POST /_stand_in/pay" in GUIDE
