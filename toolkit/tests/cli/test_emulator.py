"""`firewarden emulator` from start to end."""

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from firewarden.testing import EmulatorControl


@pytest.mark.emulator
def test_it_says_where_it_is_and_ends_with_a_signal(
    start: Callable[..., subprocess.Popen[str]], tmp_path: Path, installed_emulator: object
) -> None:
    (tmp_path / "closed.rules").write_text(
        "rules_version = '2';\nservice cloud.firestore {\n  match /databases/{d}/documents {\n"
        "    match /{path=**} { allow read: if false; }\n  }\n}\n"
    )
    process = start("emulator", "--port", "0", "--rules", "closed.rules")
    assert process.stdout is not None
    name, _, host = process.stdout.readline().strip().partition("=")
    assert name == "export FIRESTORE_EMULATOR_HOST"
    with EmulatorControl(host) as control:
        assert control.is_ready()
    answer = httpx.get(f"http://{host}/v1/projects/demo-x/databases/(default)/documents/a/b", trust_env=False)
    assert answer.status_code == 403
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://{host}/", trust_env=False)
