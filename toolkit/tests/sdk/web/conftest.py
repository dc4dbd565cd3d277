"""Firebase's web SDK in Node.js: its browser build over WebChannel, streaming or polling, and its Node build over gRPC.

It is looked for in the folder that FIREWARDEN_NODE names, in the working directory and among npm's global packages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from toolkit.tests.sdk.node_packages import node_folder

FOLDER = Path(__file__).parent
PACKAGES = ("@firebase/firestore", "xhr2")
FLAVOURS = ("webchannel", "polling", "grpc")
TIMEOUT_S = 300

Command = Callable[..., Sequence[str]]


@pytest.fixture(scope="session")
def script() -> Command:
    """`script("scenes.mjs", "grpc", …)` is the command that runs one of our scripts with the web SDK."""
    program, folder = node_folder(*PACKAGES, install="npm install firebase xhr2")
    return lambda name, flavour, *arguments: [program, str(FOLDER / name), str(folder), flavour, *arguments]
