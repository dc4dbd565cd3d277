"""The rules that `firewarden serve` follows: its file, each database's own, and those that are put."""

import json
from pathlib import Path

import httpx

from toolkit.tests.cli.conftest import Start
from toolkit.tests.cli.served import OPEN, SHUT, address_of, ended, lines, read


def test_rules_are_followed(start: Start, tmp_path: Path) -> None:
    """New ones hold; broken ones are shown and do not, and the file may be gone for a while."""
    file = tmp_path / "x.rules"
    file.write_text(OPEN)
    process = start("serve", "--port", "0", "--rules", "x.rules")
    address = address_of(process)
    said = lines(process)
    assert read(address).status_code == 404
    file.write_text(SHUT)
    assert "x.rules: in force\n" in said
    assert read(address).status_code == 403
    file.write_text(OPEN.replace("allow read", "allow read: if a = 1"))
    assert next(each for each in said if "error" in each).startswith("x.rules:1:")
    assert "The rules before stay in force.\n" in said
    assert read(address).status_code == 403
    file.write_bytes(b"\xff")
    assert next(said).startswith("x.rules cannot be read: ")
    file.unlink()
    (tmp_path / "new.rules").write_text(OPEN)
    (tmp_path / "new.rules").rename(file)
    assert "x.rules: in force\n" in said
    assert read(address).status_code == 404


def test_each_database_follows_its_own_rules(start: Start, tmp_path: Path) -> None:
    (tmp_path / "x.rules").write_text(OPEN)
    (tmp_path / "second.rules").write_text(SHUT)
    databases = [{"database": "(default)", "rules": "x.rules"}, {"database": "second", "rules": "second.rules"}]
    (tmp_path / "firebase.json").write_text(json.dumps({"firestore": databases}))
    process = start("serve", "--port", "0")
    address = address_of(process)

    def status(database: str) -> int:
        url = f"http://{address}/v1/projects/demo-x/databases/{database}/documents/notes/a"
        return httpx.get(url, trust_env=False, timeout=30).status_code

    assert (status("(default)"), status("second"), status("third")) == (404, 403, 404)
    (tmp_path / "second.rules").write_text(OPEN)
    assert any(each.endswith("second.rules: in force\n") for each in lines(process))
    assert status("second") == 404


def test_rules_that_are_put_go_before_the_file(start: Start, tmp_path: Path) -> None:
    (tmp_path / "x.rules").write_text(SHUT)
    address = address_of(start("serve", "--port", "0", "--rules", "x.rules"))
    put = httpx.put(
        f"http://{address}/emulator/v1/projects/demo-put:securityRules",
        json={"rules": {"files": [{"content": OPEN}]}},
        trust_env=False,
    )
    assert put.status_code == 200
    assert read(address, project="demo-put").status_code == 404
    assert read(address, project="demo-other").status_code == 403


def test_a_denial_is_explained_where_that_was_asked_for(start: Start, tmp_path: Path) -> None:
    (tmp_path / "x.rules").write_text(OPEN.replace("allow read", "allow read: if resource.data.a == 1"))
    process = start("serve", "--port", "0", "--rules", "x.rules", "--explain")
    address = address_of(process)
    assert read(address).status_code == 403
    assert "DENIED  get notes/a as guest" in ended(process)[1]
