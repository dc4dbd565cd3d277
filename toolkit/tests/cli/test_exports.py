"""`firewarden export`, `import`, and what `serve` and `exec` do of both, as real commands."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from firewarden.cli.progress import counting
from toolkit.tests.cli.conftest import Run, Start
from toolkit.tests.exports.documents import EVERYTHING, OTHERS, PROJECT, RECORDED, Asked, serialised

READ = "import os, urllib.request; print(urllib.request.urlopen('http://' + os.environ['FIRESTORE_EMULATOR_HOST'] + "
READ += f"'/v1/projects/{PROJECT}/databases/(default)/documents/numbers/7').read().decode())"
FILE = "firebase-export-metadata.json"


def served(start: Start, *arguments: str) -> tuple[subprocess.Popen[str], str]:
    process = start("serve", "--port", "0", *arguments)
    assert process.stdout is not None
    return process, process.stdout.readline().strip().partition("=")[2]


def test_an_export_goes_into_a_folder_of_data_and_out_again(firewarden: Run, tmp_path: Path) -> None:
    data = ("--data", "kept", "--project", "demo-other")
    result = firewarden("import", str(RECORDED / "everything"), *data)
    said = f"imported {len(EVERYTHING)} documents into projects/demo-other/databases/(default)\n"
    assert (result.returncode, result.stdout, result.stderr) == (0, "", said)
    result = firewarden("export", "out", *data)
    assert result.stderr == f"exported {len(EVERYTHING)} documents of projects/demo-other/databases/(default) to out\n"
    metadata = Path(result.stdout.strip())
    assert metadata == tmp_path / "out/firestore_export/firestore_export.overall_export_metadata"
    assert firewarden("import", "out", "--data", "again").returncode == 0


def test_a_running_server_exports_and_imports(firewarden: Run, start: Start, tmp_path: Path) -> None:
    _, address = served(start, "--project", PROJECT)
    imported = firewarden("import", str(RECORDED / "others"), "--database", "second", FIRESTORE_EMULATOR_HOST=address)
    assert "of " + address in imported.stderr
    with Asked(address, "demo-local", "second") as asked:
        assert asked.read() == serialised(OTHERS)
    for _ in range(2):
        exported = firewarden("export", "out", "--database", "second", "--firestore", address)
        assert exported.returncode == 0, exported.stderr
        (folder,) = (each for each in (tmp_path / "out").iterdir() if each.is_dir())
        assert Path(exported.stdout.strip()).parent == folder
    content = json.loads((tmp_path / "out" / FILE).read_text())
    assert content["firestore"]["databases"]["second"]["path"] == folder.name


def test_a_server_begins_with_an_export_and_leaves_one(start: Start, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        source = str(RECORDED / "everything") if folder == "one" else "one"
        process, address = served(start, "--project", PROJECT, "--import", source, "--export-on-exit", folder)
        with Asked(address, PROJECT) as asked:
            assert asked.read() == serialised(EVERYTHING)
        with Asked(address, PROJECT, "second") as asked:
            asked.write(OTHERS)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0
        assert f"exported {len(EVERYTHING) + len(OTHERS)} documents to {folder}\n" in said
    assert json.loads((tmp_path / "two" / FILE).read_text())["firestore"]["databases"].keys() == {"second"}


def test_what_another_run_has_kept_is_exported_too_and_other_projects_are_named(firewarden: Run) -> None:
    kept = ("--data", "kept")
    for project in (PROJECT, "demo-else"):
        imported = firewarden("import", str(RECORDED / "others"), "--database", "second", "--project", project, *kept)
        assert imported.returncode == 0, imported.stderr
    said = firewarden("exec", "--project", PROJECT, "--export-on-exit", "out", *kept, "--", "true").stderr
    assert f"exported {len(OTHERS)} documents to out\n" in said
    assert f"not exported: what there is of demo-else; this was {PROJECT}, --project names another\n" in said


def test_a_command_finds_what_was_imported(firewarden: Run) -> None:
    source = str(RECORDED / "everything" / "everything.overall_export_metadata")
    result = firewarden(
        "exec", "--project", PROJECT, "--import", source, "--", sys.executable, "-c", READ, no_proxy="*"
    )
    assert json.loads(result.stdout)["fields"] == {"a": {"integerValue": "1"}}


def test_data_that_is_kept_is_not_imported_over(firewarden: Run) -> None:
    """Else every start would undo what was changed since."""
    again = ("exec", "--project", PROJECT, "--data", "kept", "--import", str(RECORDED / "others"), "--", "true")
    assert f"imported {len(OTHERS)} documents" in firewarden(*again).stderr
    assert f"was not imported: projects/{PROJECT}/databases/second holds documents already" in firewarden(*again).stderr


def test_a_broken_import_is_named_before_anything_starts(firewarden: Run, tmp_path: Path) -> None:
    (tmp_path / "x.overall_export_metadata").write_text("text")
    result = firewarden("exec", "--import", str(tmp_path), "--", "true")
    assert result.returncode == 2
    assert "x.overall_export_metadata is damaged at byte 0" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("export", "out", "--data", "none"), "There is no data in none."),
        (("import", "none", "--data", "kept"), "none cannot be read: No such file or directory."),
        (("import", ".", "--data", "kept"), "There is no export in"),
        (("import", "{others}", "--data", "kept"), "holds no database (default).\nIt holds: second."),
        (("export", "out", "--firestore", "127.0.0.1:9"), "No Firestore answers at 127.0.0.1:9."),
        (("export", "file", "--firestore", "127.0.0.1:9"), "file cannot be made: File exists."),
        (("import", "{others}", "--database", "second", "--firestore", "127.0.0.1:9"), "No Firestore answers at"),
    ],
)
def test_what_cannot_be_done_is_explained(
    firewarden: Run, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    (tmp_path / "file").write_text("")
    result = firewarden(*(each.replace("{others}", str(RECORDED / "others")) for each in arguments))
    assert (result.returncode, result.stdout) == (2, "")
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_a_server_that_refuses_is_quoted(firewarden: Run, start: Start) -> None:
    _, address = served(start)
    result = firewarden("export", "out", "--project", "a/b", "--firestore", address)
    assert result.returncode == 2
    assert f"{address} refused:" in result.stderr


def test_the_hub_is_found_by_its_variable_and_its_file(firewarden: Run, tmp_path: Path) -> None:
    code = (
        "import json, os, urllib.request\n"
        "hub = os.environ['FIREBASE_EMULATOR_HUB']\n"
        "found = json.load(urllib.request.urlopen(f'http://{hub}/emulators'))\n"
        "file = json.load(open(f\"{os.environ['TMPDIR']}/hub-demo-hub.json\"))\n"
        "address = '{host}:{port}'.format(**found['firestore'])\n"
        "print(address == os.environ['FIRESTORE_EMULATOR_HOST'], file['origins'] == [f'http://{hub}'])"
    )
    command = ("exec", "--hub", "--project", "demo-hub", "--", sys.executable, "-c", code)
    result = firewarden(*command, TMPDIR=str(tmp_path), no_proxy="*")
    assert result.stdout == "True True\n", result.stderr
    assert list(tmp_path.glob("hub-*")) == []


class Terminal:
    """A stream that says it is one."""

    def __init__(self, *, is_terminal: bool) -> None:
        self.text = ""
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None:
        pass


def test_progress_is_shown_on_terminals_only_and_not_too_often() -> None:
    times = iter([0.0, 0.1, 0.3, 0.3, 0.4])
    stream = Terminal(is_terminal=True)
    with counting("imported", stream, seconds=lambda: next(times)) as progress:  # type: ignore[arg-type]  # what is used
        progress(500)
        progress(1_000)
        progress(1_500)
    assert stream.text == "\r\x1b[K1,000 documents imported ...\r\x1b[K"
    quiet = Terminal(is_terminal=False)
    with counting("imported", quiet) as progress:  # type: ignore[arg-type]  # as above
        progress(500)
    assert quiet.text == ""
