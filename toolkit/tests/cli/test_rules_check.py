"""`firewarden rules check` on files as one has them."""

import json
from pathlib import Path

from toolkit.tests.cli.conftest import Run

GOOD = "rules_version = '2';\nservice cloud.firestore {\n  match /notes/{id} {\n    allow read: if true;\n  }\n}\n"
BROKEN = GOOD.replace("/{id}", "/{all=**}/b/{more=**}")


def test_a_good_file_passes(firewarden: Run, tmp_path: Path) -> None:
    (tmp_path / "firestore.rules").write_text(GOOD)
    result = firewarden("rules", "check")
    assert (result.returncode, result.stdout) == (0, "")
    assert "firestore.rules: 0 errors, 0 warnings, 6 lines" in result.stderr


def test_the_file_of_firebase_json_is_found_upwards(firewarden: Run, tmp_path: Path) -> None:
    (tmp_path / "firebase.json").write_text('{"firestore": {"rules": "security/db.rules"}}')
    (tmp_path / "security").mkdir()
    (tmp_path / "security/db.rules").write_text(BROKEN)
    (tmp_path / "web").mkdir()
    result = firewarden("rules", "check", cwd=tmp_path / "web")
    assert result.returncode == 1
    assert "db.rules:3:26: error:" in result.stdout


def test_an_error_shows_its_place_and_on_request_the_official_words(firewarden: Run, tmp_path: Path) -> None:
    (tmp_path / "broken.rules").write_text(BROKEN)
    plain, official = (firewarden("rules", "check", *more, "broken.rules") for more in ((), ("--official",)))
    shown = "  match /notes/{all=**}/b/{more=**} {\n"
    assert shown in plain.stdout
    assert "official" not in plain.stdout
    assert "official: L3:26 Invalid glob match expression. Only one glob match" in official.stdout
    assert "\x1b" not in plain.stdout + plain.stderr


def test_warnings_do_not_fail(firewarden: Run, tmp_path: Path) -> None:
    (tmp_path / "firestore.rules").write_text(GOOD.replace("allow read", "allow raed"))
    result = firewarden("rules", "check", "--json")
    ((finding,),) = json.loads(result.stdout).values()
    assert result.returncode == 0
    assert (finding["severity"], finding["line"], finding["official"]) == (
        "warning",
        4,
        ["L4:11 Invalid method name: raed."],
    )


def test_a_missing_file_is_named(firewarden: Run) -> None:
    result = firewarden("rules", "check")
    assert result.returncode == 2
    assert "There is no rules file" in result.stderr
    assert "firebase.json" in result.stderr
