"""What is read from firebase.json."""

import json
from pathlib import Path

import pytest

from firewarden.cli.project import DatabaseFiles, Project, find_project


def write(folder: Path, **config: object) -> None:
    (folder / "firebase.json").write_text(json.dumps(config))


def test_without_a_file_the_firebase_clis_defaults_hold(tmp_path: Path) -> None:
    assert find_project(tmp_path) == Project(
        root=tmp_path,
        functions=tmp_path / "functions",
        firestore_rules=None,
        firestore_indexes=None,
        firestore_port=8080,
        functions_port=5001,
        default_project=None,
    )


@pytest.mark.parametrize("several", [False, True], ids=["one", "a list of several"])
def test_everything_is_found_from_a_folder_below(tmp_path: Path, several: object) -> None:
    functions, firestore = {"source": "backend"}, {"rules": "security/all.rules", "indexes": "security/all.json"}
    write(
        tmp_path,
        functions=[functions, {"source": "other"}] if several else functions,
        firestore=[firestore, {"rules": "other"}] if several else firestore,
        emulators={"firestore": {"port": 8081}, "functions": {"port": 5002}},
    )
    (tmp_path / ".firebaserc").write_text('{"projects": {"default": "demo-shop"}}')
    (tmp_path / "web/src").mkdir(parents=True)
    assert find_project(tmp_path / "web/src") == Project(
        root=tmp_path,
        functions=tmp_path / "backend",
        firestore_rules=tmp_path / "security/all.rules",
        firestore_indexes=tmp_path / "security/all.json",
        firestore_port=8081,
        functions_port=5002,
        default_project="demo-shop",
    )


def test_several_databases_have_their_own_files(tmp_path: Path) -> None:
    """The default one is that of the name, wherever it stands."""
    write(
        tmp_path,
        firestore=[
            {"database": "second", "rules": "second.rules"},
            {"database": "(default)", "rules": "x.rules", "indexes": "x.json"},
        ],
    )
    project = find_project(tmp_path)
    assert (project.firestore_rules, project.firestore_indexes) == (tmp_path / "x.rules", tmp_path / "x.json")
    assert project.databases == {"second": DatabaseFiles(tmp_path / "second.rules", None)}
