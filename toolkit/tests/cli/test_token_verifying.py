"""`firewarden serve` with tokens that are verified."""

from __future__ import annotations

import json
from pathlib import Path

import httpx

from toolkit.tests.cli.conftest import Run, Start
from toolkit.tests.cli.served import address_of, ended
from toolkit.tests.server.verifying.signing import PROJECT, certificate

UNSIGNED = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbmEifQ."


def test_unsigned_tokens_are_refused_and_the_admin_has_a_token(start: Start, tmp_path: Path) -> None:
    certificates = tmp_path / "certificates.json"
    certificates.write_text(json.dumps({"k1": certificate("k1")}))
    process = start(
        *("serve", "--port", "0", "--verify-tokens", PROJECT),
        *("--token-certificates", str(certificates), "--admin-token", "owner"),
    )
    url = f"http://{address_of(process)}/v1/projects/{PROJECT}/databases/(default)/documents/notes/a"

    def asked(bearer: str | None) -> tuple[int, str]:
        headers = {} if bearer is None else {"authorization": f"Bearer {bearer}"}
        answer = httpx.get(url, headers=headers, trust_env=False, timeout=30)
        return answer.status_code, answer.json()["error"]["message"]

    assert asked(UNSIGNED) == (401, "The ID token is not valid: its algorithm is not RS256.")
    assert asked("owner")[0] == asked(None)[0] == 404
    ended(process)


def test_options_without_a_project_are_refused(firewarden: Run) -> None:
    for options in (("--admin-token", "x"), ("--token-certificates", "none.json")):
        done = firewarden("serve", "--port", "0", *options)
        assert done.returncode == 2
        assert done.stderr == "firewarden: There is nothing to verify.\nName the project with --verify-tokens.\n"


def test_a_file_without_certificates_is_refused(firewarden: Run, tmp_path: Path) -> None:
    done = firewarden(
        "serve", "--port", "0", "--verify-tokens", PROJECT, "--token-certificates", str(tmp_path / "none.json")
    )
    assert done.returncode == 2
    assert "none.json holds no certificates" in done.stderr
