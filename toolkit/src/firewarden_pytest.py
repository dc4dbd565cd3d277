"""pytest fixtures that give each test a cleared Firestore and clients acting as whom it likes.

The library is imported inside fixtures and hooks only: a plugin is loaded before coverage measurement starts,
and a test run that uses none of this pays nothing for it.
"""

# ruff: noqa: PLC0415 - see above

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncClient, Client

    from firewarden.testing._databases import Controls
    from firewarden.testing.database import Database
    from firewarden.testing.engine import Engine
    from firewarden.testing.laboratory.fixture import Laboratories
    from firewarden.testing.meter import Meter
    from firewarden.testing.rules import World
    from firewarden.testing.session import Server


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declares the plugin's options."""
    option = parser.getgroup("firewarden").addoption
    option(
        "--firestore-engine",
        metavar="ENGINE",
        help="what tests run on: firewarden, its own Firestore (the default), or official, Google's emulator",
    )
    option("--firestore-bill", action="store_true", help="say at the end what the tests would cost in Cloud Firestore")
    option("--firestore-bill-json", metavar="FILE", help="write that bill to a file")
    option("--fault-schedules", type=int, metavar="N", help="how many schedules `laboratory.explore` plays")
    option("--fault-seed", type=int, metavar="SEED", help="the seed of the first of them")
    option(
        "--rules-coverage",
        metavar="FORMAT[:FILE]",
        nargs="?",
        const="text",
        action="append",
        help="say at the end which conditions of the security rules were never met, or always: text, html, json, lcov",
    )
    parser.addini("firewarden_engine", "what --firestore-engine is without the option", default="")
    parser.addini(
        "firewarden_indexes",
        "what becomes of a query whose composite index is not defined, on Firewarden's own server: enforce, warn or off"
        " (default: enforce where firebase.json names an index file, else off)",
        default="",
    )
    parser.addini(
        "firewarden_rules", "rules file, from the root folder (default: what firebase.json names)", default=""
    )
    parser.addini(
        "firewarden_cases", "whether *.cases.yaml files are collected as tests: yes or no (default: yes)", default="yes"
    )
    parser.addini("firewarden_location", "where the bill's database is (default: us-central1)", default="")
    parser.addini("firewarden_prices", "price file, from the root folder (default: the list prices)", default="")
    parser.addini("firewarden_project", "middle of the project ids demo-NAME-WORKER (default: the root folder's name)")


def pytest_configure(config: pytest.Config) -> None:
    """Declares the plugin's marker, and begins the bill if one is asked for."""
    config.addinivalue_line(
        "markers", "official_firestore(reason): runs on Google's emulator whatever the engine of the run; why"
    )
    if config.getoption("--firestore-bill") or config.getoption("--firestore-bill-json"):
        _servers()  # says what is not installed
        from firewarden.testing._bill import start_bill

        start_bill(config)
    if config.getoption("--rules-coverage"):
        from firewarden.testing._rules_coverage import start_coverage

        start_coverage(config)


# --- The run: one folder and one lease, however many workers -------------------------------------------------


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Called in the controller of pytest-xdist for each worker: tells it which run it belongs to."""
    if hasattr(os, "mkfifo"):
        from firewarden.testing._run import own_folder

        node.workerinput["firewarden_run"] = str(own_folder(node.config))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Nothing of the run outlives it."""
    if (run := sys.modules.get("firewarden.testing._run")) is not None:
        run.leave(config)


def _servers() -> ModuleType:
    try:
        from firewarden.testing import _run_servers
    except ModuleNotFoundError as error:
        from firewarden.errors import FirewardenError

        raise FirewardenError(
            f"The Firestore fixtures need the package {error.name!r}.", hint="pip install 'firewarden[testing]'"
        ) from error
    return _run_servers


# --- The servers -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def firestore_engine(request: pytest.FixtureRequest) -> Engine:
    """What the servers of this run are: ``firewarden`` or ``official``."""
    from firewarden.testing._configured import engine_of

    return engine_of(request.config)


@pytest.fixture(scope="session")
def firestore_server(request: pytest.FixtureRequest, firestore_engine: Engine) -> Server:
    """The Firestore of this run (`.host`): a running one, or one started and shared by all workers."""
    server: Server = _servers().shared(request.config, firestore_engine)
    return server


@pytest.fixture(scope="session")
def firestore_functions_server(request: pytest.FixtureRequest, firestore_engine: Engine) -> Server:
    """A Firestore of this worker's own (`.host`) that delivers triggers to `.functions_address`."""
    server: Server = _servers().with_functions(request.config, firestore_engine)
    return server


@pytest.fixture(scope="session")
def official_firestore_server(request: pytest.FixtureRequest, firestore_engine: Engine) -> Server:
    """Google's emulator (`.host`), whatever the run's engine: an oracle. Without one the test is skipped."""
    from firewarden.testing.engine import Engine

    if firestore_engine is Engine.OFFICIAL:
        of_the_run: Server = request.getfixturevalue("firestore_server")
        return of_the_run
    found: Server | str = _servers().official(request.config)
    if isinstance(found, str):
        pytest.skip(f"needs Google's emulator: {found.splitlines()[0]}")
    return found


@pytest.fixture(scope="session")
def firestore_project(request: pytest.FixtureRequest) -> str:
    """The project id of this worker: workers never see each other's documents."""
    from firewarden.testing._configured import project_of
    from firewarden.testing._run import folder_of, worker_of

    return project_of(request.config, folder_of(request.config), worker_of(request.config))


@pytest.fixture(scope="session")
def firestore_rules(request: pytest.FixtureRequest) -> Path | None:
    """The rules file in force; None: no rules were found, and everything is allowed."""
    from firewarden.testing._configured import rules_file_of

    return rules_file_of(request.config)


@pytest.fixture(scope="session")
def rules(request: pytest.FixtureRequest, firestore_rules: Path | None) -> World:
    """The project's rules, asked in process: `rules.given({...}).as_user("ana").get("notes/n1").assert_allowed()`."""
    from firewarden.errors import FirewardenError
    from firewarden.testing._configured import world_of

    try:
        return world_of(request.config, firestore_rules)
    except FirewardenError as error:
        said = str(error)
    pytest.fail(said, pytrace=False)


# --- Case files as tests ---------------------------------------------------------------------------------------


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collects `*.cases.yaml`; each case is decided in process."""
    if not file_path.name.endswith(".cases.yaml") or parent.config.getini("firewarden_cases") == "no":
        return None
    from firewarden.testing.collecting import CasesFile

    def world() -> World:
        from firewarden.testing._configured import rules_file_of, world_of

        return world_of(parent.config, rules_file_of(parent.config))

    return CasesFile.of(parent, file_path, world)


# --- The database of one test ----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def _firestore_controls(
    request: pytest.FixtureRequest, firestore_project: str, firestore_rules: Path | None
) -> Iterator[Controls]:
    from firewarden.testing._databases import Controls

    with Controls(request.config, firestore_project, firestore_rules) as controls:
        yield controls


@pytest.fixture
def firestore(request: pytest.FixtureRequest, _firestore_controls: Controls) -> Iterator[Database]:
    """A cleared database with the project's rules: `.as_user(uid, **claims)`, `.as_guest()`, `.as_owner()`."""
    marked = request.node.get_closest_marker("official_firestore") is not None
    server: Server = request.getfixturevalue("official_firestore_server" if marked else "firestore_server")
    yield from _firestore_controls.cleared(server.host)


@pytest.fixture
def firestore_functions(firestore_functions_server: Server, _firestore_controls: Controls) -> Iterator[Database]:
    """`firestore`, on the server whose triggers go to `firestore_functions_server.functions_address`."""
    yield from _firestore_controls.cleared(firestore_functions_server.host)


@pytest.fixture(scope="session")
def laboratory(
    request: pytest.FixtureRequest, firestore_rules: Path | None, firestore_project: str
) -> Iterator[Laboratories]:
    """Functions beside an in-process database, with faults: `laboratory.explore(scenario, functions)`."""
    from firewarden.testing._project_files import find_indexes
    from firewarden.testing.laboratory.fixture import laboratories

    indexes = find_indexes(request.config.rootpath)
    with laboratories(
        rules=firestore_rules,
        indexes=indexes if indexes is not None and indexes.is_file() else None,
        project=firestore_project,
        schedules=request.config.getoption("--fault-schedules"),
        seed=request.config.getoption("--fault-seed"),
    ) as found:
        yield found


@pytest.fixture
def firestore_as(firestore: Database) -> Callable[..., Client]:
    """``firestore_as(uid, claims=None)``: a client of this test's database that acts as the user."""
    return firestore.as_identity


@pytest.fixture
def firestore_as_guest(firestore: Database) -> Callable[[], Client]:
    """``firestore_as_guest()``: a client of this test's database that is not signed in."""
    return firestore.as_guest


@pytest.fixture
def firestore_as_owner(firestore: Database) -> Callable[[], Client]:
    """``firestore_as_owner()``: a client of this test's database that no rule applies to."""
    return firestore.as_owner


@pytest.fixture
def firestore_as_async(firestore: Database) -> Callable[..., AsyncClient]:
    """`firestore_as` for asyncio."""
    return firestore.as_identity_async


@pytest.fixture
def firestore_as_guest_async(firestore: Database) -> Callable[[], AsyncClient]:
    """`firestore_as_guest` for asyncio."""
    return firestore.as_guest_async


@pytest.fixture
def firestore_as_owner_async(firestore: Database) -> Callable[[], AsyncClient]:
    """`firestore_as_owner` for asyncio."""
    return firestore.as_owner_async


@pytest.fixture
def meter(firestore: Database) -> Meter:
    """What this test's requests would cost: `with meter.expect(reads=3, writes=2): ...`, `meter.snapshot()`.

    Skipped where nothing is metered: on Google's emulator.
    """
    from firewarden.errors import NotMetered
    from firewarden.testing.meter import Meter, ServerSource

    try:
        return Meter(ServerSource(firestore.control, firestore.project))
    except NotMetered as error:
        said = error.message
    pytest.skip(said)
