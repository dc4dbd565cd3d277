"""The web SDK's listeners in Node.js, over gRPC and on both engines: changes, limits, resumes, denials."""

from __future__ import annotations

import json
import subprocess

from toolkit.tests.sdk.node_packages import SCRIPTS, node_folder

EXPECTED = {
    "document": [None, {"n": 2}, {"n": -2}],
    "filtered": [[], ["a", "b", "c", "d"], ["a", "c", "d"], ["d", "f", "a"]],
    "group": [[], ["a", "b", "c", "d", "e"], ["a", "b", "d", "f", "e"]],
    "first": [[], ["a", "b"], ["b", "a"], ["b", "d"]],
    "last": [[], ["c", "d"], ["f", "a"]],
    "denied": ["error permission-denied"],
    "missing": [None],
}


def test_the_web_sdk_is_told_of_changes(address: str, project: str) -> None:
    """The script waits for each of these before it goes on."""
    program, folder = node_folder("firebase", install="npm install firebase@12")
    command = [program, str(SCRIPTS / "web_listeners.mjs"), str(folder), project, address]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)  # noqa: S603 - our script
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == EXPECTED
