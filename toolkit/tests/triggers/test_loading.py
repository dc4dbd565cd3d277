"""Folders that load, and folders that do not."""

import json
import sys
from pathlib import Path

import pytest

from firewarden.errors import FunctionsLoadError
from firewarden.triggers import load_manifest, local_environment
from firewarden.triggers.loading import dotenv, own_frames


@pytest.fixture(autouse=True)
def _import_state(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading appends to sys.path and replaces the module main."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, "main", raising=False)


def failure(folder: Path, source: str) -> FunctionsLoadError:
    (folder / "main.py").write_text(source)
    with pytest.raises(FunctionsLoadError) as caught:
        load_manifest(folder, project="demo-x", environ={})
    return caught.value


def test_a_folder_without_main_is_named(tmp_path: Path) -> None:
    with pytest.raises(FunctionsLoadError, match=r"There is no main\.py in ") as caught:
        load_manifest(tmp_path, project="demo-x", environ={})
    assert "--source" in caught.value.hint


def test_a_missing_package_is_answered_with_how_to_install(tmp_path: Path) -> None:
    error = failure(tmp_path, "import a_package_that_is_not_there\n")
    assert "ModuleNotFoundError: No module named 'a_package_that_is_not_there'" in error.message
    assert "pip install -r requirements.txt" in error.hint


def test_missing_settings_are_shown_as_the_message_they_come_with(tmp_path: Path) -> None:
    """Only frames of the user's own files are shown."""
    (tmp_path / "settings_of_test.py").write_text("def load():\n    raise ValueError('missing:\\n- A\\n- B')\n")
    error = failure(tmp_path, "import json\nimport settings_of_test\nsettings_of_test.load()\n")
    first, *frames = error.message.splitlines()
    assert first.endswith("main.py cannot be loaded: ValueError: missing:")
    assert frames[:2] == ["- A", "- B"]
    assert [line.strip() for line in frames if "File" in line] == [
        f'File "{tmp_path}/main.py", line 3, in <module>',
        f'File "{tmp_path}/settings_of_test.py", line 2, in load',
    ]


def test_a_syntax_error_is_shown_with_its_place(tmp_path: Path) -> None:
    error = failure(tmp_path, "def f(:\n")
    assert f'File "{tmp_path}/main.py", line 1' in error.message
    assert "SyntaxError" in error.message


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("raise SystemExit('set PUBLIC_URL first')", "set PUBLIC_URL first"),
        ("import sys; sys.exit(3)", "exit code 3, without a word"),
    ],
)
def test_an_exit_is_shown_as_what_it_says(tmp_path: Path, call: str, expected: str) -> None:
    assert failure(tmp_path, call).message.endswith(f"ended the process while it was loaded: {expected}")


def test_frames_of_installed_packages_inside_the_folder_are_left_out(tmp_path: Path) -> None:
    """The Firebase CLI wants the virtual environment inside the functions folder."""
    packages = tmp_path / "venv/lib/python3/site-packages"
    packages.mkdir(parents=True)
    code = compile("def fail():\n    raise LookupError('x')\n", str(packages / "dependency.py"), "exec")
    names: dict[str, object] = {}
    exec(code, names)  # noqa: S102 - a function that seems to come from that file
    with pytest.raises(LookupError) as caught:
        exec(compile("fail()", str(tmp_path / "main.py"), "exec"), names)  # noqa: S102 - and its caller from main
    frames = own_frames(caught.value, tmp_path)
    assert "main.py" in frames
    assert "dependency.py" not in frames


def test_dotenv_files_never_replace_what_is_set(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=env\nB=env\nC=env\nD=env\n")
    (tmp_path / ".env.demo-x").write_text("B=project\nC=project\n")
    (tmp_path / ".env.local").write_text("C=local $A\n")
    (tmp_path / "main.py").write_text("")
    environ = {"D": "set"}
    load_manifest(tmp_path, project="demo-x", environ=environ)
    assert environ == {"A": "env", "B": "project", "C": "local $A", "D": "set"}


def test_dotenv_of_another_project_is_not_read(tmp_path: Path) -> None:
    (tmp_path / ".env.demo-y").write_text("A=1\n")
    assert dotenv(tmp_path, "demo-x") == {}


def test_modules_beside_main_are_found_and_installed_packages_win(tmp_path: Path) -> None:
    """The runtime appends the folder to sys.path, so a local folder named as a package is shadowed."""
    (tmp_path / "yaml.py").write_text("raise AssertionError('the local file must not win')\n")
    (tmp_path / "beside_of_test.py").write_text("")
    (tmp_path / "main.py").write_text("import yaml, beside_of_test\n")
    load_manifest(tmp_path, project="demo-x", environ={})
    assert sys.path[-1] == str(tmp_path)


def test_the_environment_points_at_this_machine_and_keeps_what_the_user_set() -> None:
    added = local_environment({"FIREBASE_AUTH_EMULATOR_HOST": "127.0.0.1:1"}, project="demo-x", firestore="127.0.0.1:2")
    assert json.loads(added.pop("FIREBASE_CONFIG")) == {"projectId": "demo-x", "storageBucket": "demo-x.appspot.com"}
    assert added == {
        "GCLOUD_PROJECT": "demo-x",
        "GOOGLE_CLOUD_PROJECT": "demo-x",
        "FUNCTIONS_EMULATOR": "true",
        "FIRESTORE_EMULATOR_HOST": "127.0.0.1:2",
    }


def test_without_an_auth_emulator_unsigned_tokens_are_accepted() -> None:
    assert "FIREBASE_AUTH_EMULATOR_HOST" in local_environment({}, project="demo-x", firestore="127.0.0.1:2")
