"""What firebase.json says about a project, found upwards from a folder. Reads only what the commands use."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from firewarden.errors import FirewardenError

FIRESTORE_PORT = 8080  # what the Firebase CLI uses where firebase.json names none
FUNCTIONS_PORT = 5001
_FALLBACK_ID = "demo-local"
_DEFAULT_DATABASE = "(default)"


class DatabaseFiles(NamedTuple):
    """Where one database has its rules and its indexes."""

    rules: Path | None
    indexes: Path | None


class Project(NamedTuple):
    """Folders and ports of a project; `root` is where firebase.json is, or where it was looked for.

    `databases` are those besides the default one, by their ids.
    """

    root: Path
    functions: Path
    firestore_rules: Path | None
    firestore_indexes: Path | None
    firestore_port: int
    functions_port: int
    default_project: str | None
    databases: Mapping[str, DatabaseFiles] = MappingProxyType({})

    def id(self, named: str | None, environ: Mapping[str, str]) -> str:
        """The project's id: as it is named, else GCLOUD_PROJECT, else that of .firebaserc, else one for demos."""
        return named or environ.get("GCLOUD_PROJECT") or self.default_project or _FALLBACK_ID


def find_project(start: Path) -> Project:
    """The nearest firebase.json upwards decides; without one, the Firebase CLI's defaults hold."""
    start = start.resolve()
    file = next((each for folder in (start, *start.parents) if (each := folder / "firebase.json").is_file()), None)
    root = start if file is None else file.parent
    config = {} if file is None else _read(file)
    default, others = _databases(config.get("firestore", {}), root)
    emulators = _section(config, "emulators")
    return Project(
        root=root,
        functions=root / str(_section(config, "functions").get("source", "functions")),
        firestore_rules=default.rules,
        firestore_indexes=default.indexes,
        firestore_port=int(_section(emulators, "firestore").get("port", FIRESTORE_PORT)),
        functions_port=int(_section(emulators, "functions").get("port", FUNCTIONS_PORT)),
        default_project=_default_project(root / ".firebaserc"),
        databases=others,
    )


def _databases(section: Any, root: Path) -> tuple[DatabaseFiles, Mapping[str, DatabaseFiles]]:
    """What is said of the default database, and of the others: several stand in a list, each with its id."""
    entries = [each for each in (section if isinstance(section, list) else [section]) if isinstance(each, dict)]
    named = {str(each.get("database", _DEFAULT_DATABASE)): _files(each, root) for each in reversed(entries)}
    default = named.pop(_DEFAULT_DATABASE, DatabaseFiles(None, None))
    return default, named


def _files(entry: Mapping[str, Any], root: Path) -> DatabaseFiles:
    rules, indexes = entry.get("rules"), entry.get("indexes")
    return DatabaseFiles(
        rules=None if rules is None else root / str(rules), indexes=None if indexes is None else root / str(indexes)
    )


def _section(config: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A section may be a list of several codebases; the first is the default one."""
    section = config.get(name, {})
    if isinstance(section, list):
        section = section[0] if section else {}
    return section if isinstance(section, dict) else {}


def _default_project(file: Path) -> str | None:
    if not file.is_file():
        return None
    name = _section(_read(file), "projects").get("default")
    return None if name is None else str(name)


def _read(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FirewardenError(f"{file} cannot be read: {error}.", hint="It must be a JSON object.") from error
    if not isinstance(content, dict):
        raise FirewardenError(f"{file} is not a JSON object.")
    return content
