"""firestore.rules is what `firewarden rules build` makes of rules/*.rules."""

import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[2]


def test_firestore_rules_are_up_to_date() -> None:
    checked = subprocess.run(  # noqa: S603  # our own command
        [Path(sys.executable).with_name("firewarden"), "rules", "build", "--check"],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr + checked.stdout
