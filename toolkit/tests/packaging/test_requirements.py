"""What the package says it needs is what its parts import: nobody installs more, and nothing is missing."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

TOOLKIT = Path(__file__).parents[2]
PACKAGE = TOOLKIT / "src/firewarden"
PROJECT = tomllib.loads((TOOLKIT / "pyproject.toml").read_text())["project"]

BASE = {"yaml": "PyYAML", "re2": "google-re2", "rich": "rich"}
SERVER = {"google.protobuf": "protobuf", "hpack": "hpack", "h11": "h11", "websockets": "websockets"}
# What one module of a part may import besides, with the extra that it tells users to install.
ELSEWHERE = {"server/verifying.py": "google.auth", "server/certificates.py": "google.auth"}


def test_the_lists_are_those_of_the_package() -> None:
    def names(requirements: list[str]) -> set[str]:
        return {each.partition(">")[0].partition("[")[0] for each in requirements}

    assert names(PROJECT["dependencies"]) == set(BASE.values())
    assert names(PROJECT["optional-dependencies"]["server"]) == set(SERVER.values())


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{each.name}" for each in node.names)


def foreign(part: str) -> Iterator[tuple[str, str]]:
    for path in sorted((PACKAGE / part).rglob("*.py")):
        for name in imported(path):
            if name.partition(".")[0] not in {*sys.stdlib_module_names, "firewarden", "_typeshed"}:
                yield path.relative_to(PACKAGE).as_posix(), name


@pytest.mark.parametrize("part", ["language", "rules", "indexes", "coverage"])
def test_parts_of_the_base_need_the_base_only(part: str) -> None:
    assert [each for each in foreign(part) if each[1].partition(".")[0] not in BASE] == []


@pytest.mark.parametrize("part", ["firestore", "store", "server"])
def test_the_server_needs_its_extra_only(part: str) -> None:
    wrong = [
        (path, name)
        for path, name in foreign(part)
        if not name.startswith((*BASE, *SERVER)) and not name.startswith(ELSEWHERE.get(path, "-"))
    ]
    assert wrong == []


# Refuses whatever is not Python's own, ours or RE2, then decides about a request.
ALONE = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in {*sys.stdlib_module_names, "firewarden", "re2", "_re2"}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Refuse())
from firewarden.rules import Get, Request, auth_of, check, compile_rules, decide
from firewarden.values import Timestamp

text = '''
service cloud.firestore {
  match /databases/{d}/documents { match /notes/{id} { allow get: if request.auth.uid == resource.data.owner; } }
}'''
assert not [each for each in check(text) if each.severity == "error"]
rules = compile_rules(text)
for uid in ("ana", "bob"):
    request = Request(operation=Get(paths=(("notes", "a"),)), time=Timestamp(0), auth=auth_of({"sub": uid}))
    print(uid, decide(rules, request, lambda path: {"owner": "ana"}).allowed)
"""


def test_rules_are_decided_with_little_more_than_python(tmp_path: Path) -> None:
    """Regular expressions of rules are RE2's, which is all that they need of others."""
    result = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", ALONE], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert (result.stdout, result.stderr) == ("ana True\nbob False\n", "")
