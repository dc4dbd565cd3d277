"""Firebase's web SDK, unmodified, does with our server what it does with Google's emulator.

`answers.json` is what `scenes.mjs` printed of Google's emulator 1.19.9, over WebChannel as over gRPC.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from firewarden.server.engine import Engine
from firewarden.server.serving import Server
from firewarden.store import Store
from toolkit.tests.sdk.web.conftest import FLAVOURS, FOLDER, TIMEOUT_S, Command

EXPECTED = json.loads((FOLDER / "answers.json").read_text())
RULES = """
rules_version = '2';
service cloud.firestore {
  match /databases/{database}/documents/notes/{note} {
    allow read: if resource.data.owner == request.auth.uid;
    allow write: if request.resource.data.owner == request.auth.uid && request.auth.token.role == 'member';
  }
}
"""
MANY = 12_000
"""Google's emulator breaks down above 10,000."""


def printed(command: Any) -> Any:
    """What a script prints, as JSON."""
    result = subprocess.run(  # noqa: S603 - our own script
        command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_web_sdk_sees_what_it_saw(script: Command, our_server: Server, project: str, flavour: str) -> None:
    ruled = f"{project}-ruled"
    body = {"rules": {"files": [{"content": RULES}]}}
    url = f"http://{our_server.address}/emulator/v1/projects/{ruled}:securityRules"
    httpx.put(url, json=body, trust_env=False).raise_for_status()
    answers = printed(script("scenes.mjs", flavour, our_server.address, project, ruled))
    assert answers.keys() == EXPECTED.keys()
    assert {name: each for name, each in answers.items() if each != EXPECTED[name]} == {}


@pytest.mark.parametrize("flavour", ["webchannel", "polling"])
def test_more_documents_than_googles_emulator_can_queue(
    script: Command, our_server: Server, project: str, flavour: str
) -> None:
    root = f"projects/{project}/databases/(default)/documents"
    for start in range(0, MANY, 500):
        writes = [
            {"update": {"name": f"{root}/many/d{n}", "fields": {"text": {"stringValue": f"é😀 {n}"}}}}
            for n in range(start, start + 500)
        ]
        url = f"http://{our_server.address}/v1/{root}:commit"
        httpx.post(url, json={"writes": writes}, trust_env=False, timeout=60).raise_for_status()
    seen = printed(script("many.mjs", flavour, our_server.address, project, str(MANY)))
    assert seen == {"size": MANY, "texts": MANY, "changes": 1, "error": None}


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_client_goes_on_with_a_server_that_was_away(
    script: Command, project: str, flavour: str, tmp_path: Path
) -> None:
    """What it wrote meanwhile is written, and what others wrote it sees: documents are on disk."""
    engine = Engine(Store(tmp_path / "documents"))
    with Server(engine) as server:
        address = server.address
        client = subprocess.Popen(  # noqa: S603 - our own script
            script("restart.mjs", flavour, address, project), stdout=subprocess.PIPE, text=True
        )
        assert client.stdout is not None
        assert client.stdout.readline() == "connected\n"
    engine.close()
    try:
        assert client.stdout.readline() == "queued\n"
        engine = Engine(Store(tmp_path / "documents"))
        with Server(engine, port=int(address.rpartition(":")[2])):
            document = f"projects/{project}/databases/(default)/documents/notes/other"
            body = {"fields": {"n": {"integerValue": "9"}}}
            httpx.patch(f"http://{address}/v1/{document}", json=body, trust_env=False).raise_for_status()
            seen = json.loads(client.stdout.readline())
        engine.close()
    finally:
        client.kill()
        client.wait()
        client.stdout.close()
    documents = [["away1", 1], ["away2", 2], ["away3", 3], ["before", 0], ["other", 9]]
    assert seen == {"pending": True, "documents": documents}
