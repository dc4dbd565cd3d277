"""The image and the workflows of the documentation call commands that exist, with options that they have."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from firewarden.cli.main import parser
from firewarden.server.engine import Engine
from firewarden.server.serving import Server
from firewarden.store import Store

TOOLKIT = Path(__file__).parents[2]
DOCKERFILE = (TOOLKIT / "docker/Dockerfile").read_text()
WORKFLOWS = re.findall(r"^```yaml\n(.*?)^```$", (TOOLKIT / "docs/github-actions.md").read_text(), re.M | re.S)


def array(instruction: str) -> list[str]:
    """The JSON array of an instruction, which may come after flags."""
    (found,) = re.findall(rf"^{instruction}\b[^\[]*(\[.*\])$", DOCKERFILE, re.M)
    words: list[str] = json.loads(found)
    return words


def test_the_image_serves_to_the_outside() -> None:
    program, *arguments = array("ENTRYPOINT")
    args = parser(arguments).parse_args(arguments)
    assert (program, args.host, args.port) == ("firewarden", "0.0.0.0", 8080)  # noqa: S104 - of the container


def test_the_image_is_no_administrator() -> None:
    before, _, after = DOCKERFILE.partition("\nUSER firewarden\n")
    assert "useradd" in before
    assert "USER" not in after
    assert "ENTRYPOINT" in after


@pytest.mark.parametrize("is_there", [True, False])
def test_the_health_check_tells_whether_it_serves(*, is_there: bool) -> None:
    program, option, code = array("HEALTHCHECK")
    assert program == "python"
    engine = Engine(Store())
    with Server(engine) as server:
        address = server.address
        if is_there:
            assert check(option, code, address) == 0
    engine.close()
    if not is_there:
        assert check(option, code, address) != 0


def check(option: str, code: str, address: str) -> int:
    assert "127.0.0.1:8080" in code
    command = [sys.executable, option, code.replace("127.0.0.1:8080", address)]
    environ = {"no_proxy": "*"}
    return subprocess.run(command, env=environ, capture_output=True, check=False, timeout=60).returncode  # noqa: S603 - ours


def test_what_the_image_is_built_of_is_there() -> None:
    ignored = (TOOLKIT / "docker/Dockerfile.dockerignore").read_text().split()
    kept = [each.removeprefix("!") for each in ignored if each.startswith("!")]
    assert [each for each in kept if not (TOOLKIT / each).exists()] == []
    project = tomllib.loads((TOOLKIT / "pyproject.toml").read_text())["project"]
    assert {project["readme"], *project["license-files"]} <= set(kept)


def steps(text: str) -> Iterator[str]:
    workflow: dict[str, Any] = yaml.safe_load(text)
    for job in workflow["jobs"].values():
        yield from (step["run"] for step in job["steps"] if "run" in step)


@pytest.mark.parametrize("text", WORKFLOWS, ids=range(len(WORKFLOWS)))
def test_workflows_call_commands_that_exist(text: str) -> None:
    calls = [words[1:] for step in steps(text) if (words := shlex.split(step))[0] == "firewarden"]
    assert calls
    for each in calls:
        assert callable(parser(each).parse_args(each).run)
