"""Google's Node.js client through its public operations, on both engines: the answers are the recorded ones.

`node/answers.json` is what `node/operations.mjs` printed of Google's emulator 1.19.9. The client is looked for in the
folder that FIREWARDEN_NODE names, in the working directory and among npm's global packages.
"""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from toolkit.tests.sdk.node_packages import SCRIPTS, node_folder

EXPECTED = json.loads((SCRIPTS / "answers.json").read_text())
PACKAGE = "@google-cloud/firestore"


@pytest.fixture(scope="module")
def node() -> list[str]:
    """The command, up to the project."""
    program, folder = node_folder(PACKAGE, install=f"npm install {PACKAGE}")
    return [program, str(SCRIPTS / "operations.mjs"), str(folder)]


def test_the_node_client_sees_what_it_saw(node: list[str], address: str, project: str) -> None:
    result = subprocess.run(  # noqa: S603 - our own script
        [*node, project],
        # Nobody is to be asked whether this machine is one of Google's.
        env=os.environ | {"FIRESTORE_EMULATOR_HOST": address, "METADATA_SERVER_DETECTION": "none"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    answers = json.loads(result.stdout)
    assert answers.keys() == EXPECTED.keys()
    assert {name: each for name, each in answers.items() if each != EXPECTED[name]} == {}
