"""What a pytest run's options and files say about its servers, projects and rules."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from firewarden.errors import FirewardenError
from firewarden.testing._project_files import find_indexes, find_rules
from firewarden.testing.engine import Engine, chosen_engine
from firewarden.testing.rules import World, rules_from
from firewarden.testing.serving import Serving

if TYPE_CHECKING:
    from firewarden.testing._rules_coverage import RulesCoverage

COVERAGE = "firewarden-rules-coverage"
_WORLD: pytest.StashKey[World] = pytest.StashKey()


def engine_of(config: pytest.Config) -> Engine:
    """What the servers of the run are."""
    return chosen_engine(config.getoption("--firestore-engine"), config.getini("firewarden_engine"))


def serving_of(config: pytest.Config) -> Serving:
    """What our own server is told: the project's indexes. Its rules are put for each project."""
    file = find_indexes(config.rootpath)
    found = file if file is not None and file.is_file() else None
    mode = config.getini("firewarden_indexes") or ("enforce" if found is not None else "off")
    return Serving(index_file=found, indexes=mode, coverage=coverage_of(config) is not None, explains_late=True)


def project_of(config: pytest.Config, run: Path, worker: str) -> str:
    """The id of a worker's project: ``demo-NAME-RUN-WORKER``."""
    name = config.getini("firewarden_project") or config.rootpath.name
    middle = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    # The run's folder name is unique: two runs at once may share a server that somebody else keeps.
    unique = re.sub(r"[^a-z0-9]", "", run.name[-4:].lower())
    return "-".join(part for part in ("demo", middle, unique, worker) if part)


def rules_file_of(config: pytest.Config) -> Path | None:
    """The rules file that is named, or found."""
    named = config.getini("firewarden_rules")
    return config.rootpath / named if named else find_rules(config.rootpath)


def world_of(config: pytest.Config, file: Path | None) -> World:
    """The rules compiled once for the run, without documents."""
    if _WORLD not in config.stash:
        here = config.rootpath / "firestore.rules"
        found = file or (here if here.is_file() else None)
        if found is None:
            raise FirewardenError(
                f"There are no rules to test: no firebase.json names them, and {here} does not exist.",
                hint="Name the file with the ini option firewarden_rules.",
            )
        coverage, world = coverage_of(config), rules_from(found)
        config.stash[_WORLD] = world if coverage is None else coverage.watched(world)
    return config.stash[_WORLD]


def watch_coverage(config: pytest.Config, host: str, project: str) -> None:
    """Add what this server is asked in this project to the run's coverage, if there is one."""
    coverage = coverage_of(config)
    if coverage is not None:
        coverage.watch(host, project)


def coverage_of(config: pytest.Config) -> RulesCoverage | None:
    """Who counts what rules come to in this run, if somebody does: `_rules_coverage`, imported only then."""
    found: RulesCoverage | None = config.pluginmanager.get_plugin(COVERAGE)
    return found
