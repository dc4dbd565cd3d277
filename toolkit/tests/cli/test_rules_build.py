"""`firewarden rules build` on folders as one has them."""

from pathlib import Path

import pytest

from toolkit.tests.cli.conftest import Run


@pytest.fixture(autouse=True)
def fragments(tmp_path: Path) -> Path:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "shared.rules").write_text("function signedIn() {\n  return request.auth != null;\n}\n")
    (folder / "users.rules").write_text("match /users/{uid} {\n  allow get: if signedIn();\n}\n")
    return folder


def test_it_writes_the_file_once(firewarden: Run, tmp_path: Path) -> None:
    first, written = firewarden("rules", "build"), (tmp_path / "firestore.rules").read_bytes()
    second = firewarden("rules", "build")
    assert (first.returncode, first.stdout, second.returncode) == (0, "", 0)
    assert "written" in first.stderr
    assert "unchanged" in second.stderr
    assert written == (tmp_path / "firestore.rules").read_bytes()
    assert written.startswith(b"// Assembled from rules/*.rules")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["firestore.rules", "rules"]


def test_the_bytes_do_not_depend_on_where_one_stands(firewarden: Run, tmp_path: Path) -> None:
    """firebase.json is found upwards."""
    (tmp_path / "firebase.json").write_text('{"firestore": {"rules": "firestore.rules"}}')
    firewarden("rules", "build")
    from_root = (tmp_path / "firestore.rules").read_bytes()
    (tmp_path / "firestore.rules").unlink()
    (tmp_path / "web/src").mkdir(parents=True)
    firewarden("rules", "build", cwd=tmp_path / "web/src")
    assert (tmp_path / "firestore.rules").read_bytes() == from_root


def test_source_and_output_can_be_named(firewarden: Run, tmp_path: Path, fragments: Path) -> None:
    fragments.rename(tmp_path / "security")
    result = firewarden("rules", "build", "--source", "security", "--output", "build/out.rules")
    assert result.returncode == 0
    text = (tmp_path / "build/out.rules").read_text()
    assert text.startswith("// Assembled from ../security/*.rules")
    assert "// ---- ../security/users.rules ---" in text


def test_a_check_passes_on_a_fresh_file(firewarden: Run) -> None:
    firewarden("rules", "build")
    result = firewarden("rules", "build", "--check")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_a_check_finds_a_stale_file_and_leaves_it(firewarden: Run, tmp_path: Path, fragments: Path) -> None:
    firewarden("rules", "build")
    stale = (tmp_path / "firestore.rules").read_bytes()
    (fragments / "users.rules").write_text("match /users/{uid} {\n  allow read: if signedIn();\n}\n")
    result = firewarden("rules", "build", "--check")
    assert result.returncode == 1
    assert "is stale; `firewarden rules build` brings it up to date" in result.stderr
    assert "-      allow get: if signedIn();\n+      allow read: if signedIn();" in result.stdout
    assert (tmp_path / "firestore.rules").read_bytes() == stale


def test_a_long_difference_is_cut(firewarden: Run, fragments: Path) -> None:
    firewarden("rules", "build")
    (fragments / "users.rules").write_text("".join(f"match /c{n}/{{id}} {{ allow get; }}\n" for n in range(50)))
    result = firewarden("rules", "build", "--check")
    assert result.stdout.count("\n") == 12
    assert "lines more" in result.stderr


def test_a_check_finds_a_file_that_is_not_there(firewarden: Run) -> None:
    result = firewarden("rules", "build", "--check")
    assert result.returncode == 1
    assert "does not exist" in result.stderr


def test_a_spoilt_line_end_is_stale(firewarden: Run, tmp_path: Path) -> None:
    """Bytes are compared, not lines."""
    firewarden("rules", "build")
    output = tmp_path / "firestore.rules"
    output.write_bytes(output.read_bytes().replace(b"\n", b"\r\n"))
    assert firewarden("rules", "build", "--check").returncode == 1


def test_mistakes_are_all_told_and_nothing_is_written(firewarden: Run, tmp_path: Path, fragments: Path) -> None:
    (fragments / "events.rules").write_text("rules_version = '2';\nmatch /events/{id} {\n")
    result = firewarden("rules", "build")
    assert result.returncode == 2
    assert "rules/events.rules:1: rules_version belongs to the assembled file" in result.stderr
    assert "rules/events.rules:2: this '{' is never closed" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "firestore.rules").exists()


def test_a_folder_without_fragments_is_named(firewarden: Run, fragments: Path) -> None:
    for file in fragments.iterdir():
        file.unlink()
    result = firewarden("rules", "build")
    assert result.returncode == 2
    assert f"There is no *.rules file in {fragments}" in result.stderr


def test_a_folder_that_is_not_there_is_named(firewarden: Run) -> None:
    result = firewarden("rules", "build", "--source", "nowhere")
    assert result.returncode == 2
    assert "There is no folder nowhere." in result.stderr


@pytest.mark.parametrize("content", ["{", "[]", "\xff"])
def test_a_broken_firebase_json_is_named(firewarden: Run, tmp_path: Path, content: str) -> None:
    (tmp_path / "firebase.json").write_bytes(content.encode("latin-1"))
    result = firewarden("rules", "build")
    assert result.returncode == 2
    assert f"{tmp_path / 'firebase.json'}" in result.stderr
    assert "Traceback" not in result.stderr
