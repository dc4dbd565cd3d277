"""`@firebase/rules-unit-testing` finds our server through the hub, and its users see what they expect.

The package is looked for where `test_node` looks: in the folder that FIREWARDEN_NODE names, and so on.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from toolkit.tests.sdk.node_packages import node_folder

SCRIPT = Path(__file__).parent / "node/rules_unit_testing.mjs"
PACKAGE = "@firebase/rules-unit-testing"
EXPECTED = {
    "found": ["firestore", "hub"],
    "guestReads": "fails",
    "writes": "done",
    "reads": {"n": 1},
    "writesElsewhere": "fails",
    "seeds": "done",
    "readsSeeded": {"n": 2},
    "withoutTriggers": "done",
    "clears": "done",
    "readsCleared": False,
    "wrongRules": True,
}


def test_the_package_works_unchanged() -> None:
    program, folder = node_folder(PACKAGE, install=f"npm install {PACKAGE} firebase")
    serving = [sys.executable, "-m", "firewarden", "exec", "--hub", "--functions", "127.0.0.1:9", "--"]
    result = subprocess.run(  # noqa: S603 - our own command and script
        [*serving, program, str(SCRIPT), str(folder), "demo-rules-unit-testing"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == EXPECTED


def test_a_missing_package_is_named() -> None:
    with pytest.raises(pytest.skip.Exception, match=r"needs no-such-package: `npm install no-such-package` and"):
        node_folder("no-such-package", install="npm install no-such-package")
