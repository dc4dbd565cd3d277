"""`serve --websocket-port`: who is told where it is, and what it tells."""

import json
import re
import subprocess
import sys

import httpx

from toolkit.tests.cli.conftest import Run, Start
from toolkit.tests.cli.served import OPEN, address_of, ended, read
from toolkit.tests.server.evaluations.listener import listening


def test_what_rules_were_asked_is_told_where_the_hub_says(start: Start) -> None:
    process: subprocess.Popen[str] = start("serve", "--port", "0", "--websocket-port", "0", "--hub", "0")
    address = address_of(process)
    assert process.stdout is not None
    hub = process.stdout.readline().strip().partition("=")[2]
    told = httpx.get(f"http://{hub}/emulators", trust_env=False, timeout=30).json()
    assert told["firestore"]["webSocketHost"] == "127.0.0.1"
    assert "webSocketPort" not in told["hub"]
    put = {"rules": {"files": [{"name": "firestore.rules", "content": OPEN}]}}
    httpx.put(f"http://{address}/emulator/v1/projects/demo-x:securityRules", json=put, trust_env=False, timeout=30)
    read(address, "notes/a")
    with listening(told["firestore"]["webSocketPort"]) as listener:
        (was,) = listener.text()
        read(address, "shut/a")
        outcomes = [(each["rulesContext"]["path"], each["outcome"]) for each in (was, listener.text())]
    root = "/databases/(default)/documents"
    assert outcomes == [(f"{root}/notes/a", "allow"), (f"{root}/shut/a", "deny")]
    code, talk = ended(process)
    assert code == 0
    port = told["firestore"]["webSocketPort"]
    assert re.search(rf"^requests +ws://127\.0\.0\.1:{port}/requests$", talk, re.M)


def test_nothing_is_kept_unless_it_is_asked_for(firewarden: Run) -> None:
    code = (
        "import json, os, urllib.request\n"
        "hub = os.environ['FIREBASE_EMULATOR_HUB']\n"
        "print(json.dumps(sorted(json.load(urllib.request.urlopen(f'http://{hub}/emulators'))['firestore'])))"
    )
    plain = firewarden("exec", "--hub", "--", "python", "-c", code)
    asked = firewarden("exec", "--hub", "--websocket-port", "0", "--", "python", "-c", code)
    assert set(json.loads(asked.stdout)) - set(json.loads(plain.stdout)) == {"webSocketHost", "webSocketPort"}


def test_a_server_without_it_does_not_import_it() -> None:
    """Neither the library nor what serves by it."""
    names = ("firewarden.cli.evaluations_serving", "firewarden.cli.hub_serving", "firewarden.server.hub")
    code = f"import sys, {', '.join(names)}; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()  # noqa: S603 - our own
    assert {*names, "firewarden.server.serving"} <= {*found}
    assert {"websockets", "firewarden.server.evaluations_server"} & {*found} == set()
