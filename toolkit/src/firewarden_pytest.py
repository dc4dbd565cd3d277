"""pytest fixtures that give each test a cleared Firestore and clients acting as whom it likes.

The library is imported inside fixtures and hooks only: a plugin is loaded before coverage measurement starts,
and a test run that uses none of this pays nothing for it.
"""

# ruff: noqa: PLC0415 - see above

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncClient, Client

    from firewarden.testing._run import OwnedRun
    from firewarden.testing.control import EmulatorControl
    from firewarden.testing.database import Database
    from firewarden.testing.engine import Engine
    from firewarden.testing.rules import World
    from firewarden.testing.serving import Serving
    from firewarden.testing.session import Server

_OWNED_RUN: pytest.StashKey[OwnedRun] = pytest.StashKey()
_WORLD: pytest.StashKey[World] = pytest.StashKey()
_LOGS: pytest.StashKey[dict[Path, int]] = pytest.StashKey()
_LOG_LINES_MAX = 100
_LOG_SIZES: pytest.StashKey[dict[Path, int]] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declares the plugin's options."""
    parser.getgroup("firewarden").addoption(
        "--firestore-engine",
        metavar="ENGINE",
        help="what tests run on: firewarden, its own Firestore (the default), or official, Google's emulator",
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
    parser.addini("firewarden_project", "middle of the project ids demo-NAME-WORKER (default: the root folder's name)")


def pytest_configure(config: pytest.Config) -> None:
    """Declares the plugin's marker."""
    config.addinivalue_line(
        "markers", "official_firestore(reason): runs on Google's emulator whatever the engine of the run; why"
    )


# --- The run: one folder and one lease, however many workers -------------------------------------------------


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Called in the controller of pytest-xdist for each worker: tells it which run it belongs to."""
    if hasattr(os, "mkfifo"):
        node.workerinput["firewarden_run"] = str(_own_folder(node.config))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Nothing of the run outlives it."""
    owned = config.stash.get(_OWNED_RUN, None)
    if owned is None:
        if (session := sys.modules.get("firewarden.testing.session")) is not None:
            session.leave_servers()
        return
    if any(owned.folder.glob("*/*.PID")):
        from firewarden.testing.session import end_servers

        end_servers(owned.folder)
    owned.close()
    del config.stash[_OWNED_RUN]


def _own_folder(config: pytest.Config) -> Path:
    from firewarden.testing._run import OwnedRun

    if _OWNED_RUN not in config.stash:
        config.stash[_OWNED_RUN] = OwnedRun()
    return config.stash[_OWNED_RUN].folder


def _folder(config: pytest.Config) -> Path:
    named = getattr(config, "workerinput", {}).get("firewarden_run")
    return Path(named) if named is not None else _own_folder(config)


def _servers() -> ModuleType:
    try:
        from firewarden.testing import session
    except ModuleNotFoundError as error:
        from firewarden.errors import FirewardenError

        raise FirewardenError(
            f"The Firestore fixtures need the package {error.name!r}.", hint="pip install 'firewarden[testing]'"
        ) from error
    return session


def _worker(config: pytest.Config) -> str:
    workerinput = getattr(config, "workerinput", None)
    return workerinput["workerid"] if workerinput is not None else "main"


# --- The servers -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def firestore_engine(request: pytest.FixtureRequest) -> Engine:
    """What the servers of this run are: ``firewarden`` or ``official``."""
    return _engine(request.config)


@pytest.fixture(scope="session")
def firestore_server(request: pytest.FixtureRequest, firestore_engine: Engine) -> Server:
    """The Firestore of this run (`.host`): a running one, or one started and shared by all workers."""
    config = request.config
    server: Server = _servers().shared_server(_folder(config), firestore_engine, _serving(config))
    _watch_log(config, server)
    return server


@pytest.fixture(scope="session")
def firestore_functions_server(request: pytest.FixtureRequest, firestore_engine: Engine) -> Server:
    """A Firestore of this worker's own (`.host`) that delivers triggers to `.functions_address`."""
    config = request.config
    server: Server = _servers().functions_server(_folder(config), _worker(config), firestore_engine, _serving(config))
    _watch_log(config, server)
    return server


@pytest.fixture(scope="session")
def official_firestore_server(request: pytest.FixtureRequest, firestore_engine: Engine) -> Server:
    """Google's emulator (`.host`), whatever the run's engine: an oracle. Without one the test is skipped."""
    from firewarden.errors import EmulatorNotFound
    from firewarden.testing.engine import Engine, is_official_required

    if firestore_engine is Engine.OFFICIAL:
        of_the_run: Server = request.getfixturevalue("firestore_server")
        return of_the_run
    try:
        server: Server = _servers().official_server(_folder(request.config))
    except EmulatorNotFound as error:
        if is_official_required():
            raise
        said = str(error.message)
    else:
        _watch_log(request.config, server)
        return server
    pytest.skip(f"needs Google's emulator: {said.splitlines()[0]}")


def _engine(config: pytest.Config) -> Engine:
    from firewarden.testing.engine import chosen_engine

    return chosen_engine(config.getoption("--firestore-engine"), config.getini("firewarden_engine"))


def _serving(config: pytest.Config) -> Serving:
    """What our own server is told: the project's indexes. Its rules are put for each project."""
    from firewarden.testing._project_files import find_indexes
    from firewarden.testing.serving import Serving

    file = find_indexes(config.rootpath)
    found = file if file is not None and file.is_file() else None
    mode = config.getini("firewarden_indexes") or ("enforce" if found is not None else "off")
    return Serving(index_file=found, indexes=mode)


@pytest.fixture(scope="session")
def firestore_project(request: pytest.FixtureRequest) -> str:
    """The project id of this worker: workers never see each other's documents."""
    name = request.config.getini("firewarden_project") or request.config.rootpath.name
    middle = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    # The run's folder name is unique: two runs at once may share a server that somebody else keeps.
    run = re.sub(r"[^a-z0-9]", "", _folder(request.config).name[-4:].lower())
    return "-".join(part for part in ("demo", middle, run, _worker(request.config)) if part)


@pytest.fixture(scope="session")
def firestore_rules(request: pytest.FixtureRequest) -> Path | None:
    """The rules file in force; None: no rules were found, and everything is allowed."""
    return _rules_file(request.config)


def _rules_file(config: pytest.Config) -> Path | None:
    from firewarden.testing._project_files import find_rules

    named = config.getini("firewarden_rules")
    return config.rootpath / named if named else find_rules(config.rootpath)


@pytest.fixture(scope="session")
def rules(request: pytest.FixtureRequest, firestore_rules: Path | None) -> World:
    """The project's rules, asked in process: `rules.given({...}).as_user("ana").get("notes/n1").assert_allowed()`."""
    from firewarden.errors import FirewardenError

    try:
        return _world(request.config, firestore_rules)
    except FirewardenError as error:
        said = str(error)
    pytest.fail(said, pytrace=False)


def _world(config: pytest.Config, file: Path | None) -> World:
    """The rules compiled once for the run, without documents."""
    if _WORLD not in config.stash:
        from firewarden.errors import FirewardenError
        from firewarden.testing.rules import rules_from

        here = config.rootpath / "firestore.rules"
        found = file or (here if here.is_file() else None)
        if found is None:
            raise FirewardenError(
                f"There are no rules to test: no firebase.json names them, and {here} does not exist.",
                hint="Name the file with the ini option firewarden_rules.",
            )
        config.stash[_WORLD] = rules_from(found)
    return config.stash[_WORLD]


# --- Case files as tests ---------------------------------------------------------------------------------------


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collects `*.cases.yaml`; each case is decided in process."""
    if not file_path.name.endswith(".cases.yaml") or parent.config.getini("firewarden_cases") == "no":
        return None
    from firewarden.testing.collecting import CasesFile

    def world() -> World:
        return _world(parent.config, _rules_file(parent.config))

    return CasesFile.of(parent, file_path, world)


# --- The database of one test ----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def _firestore_control(
    firestore_server: Server, firestore_project: str, firestore_rules: Path | None
) -> Iterator[EmulatorControl]:
    yield from _prepared(firestore_server, firestore_project, firestore_rules)


@pytest.fixture(scope="session")
def _firestore_functions_control(
    firestore_functions_server: Server, firestore_project: str, firestore_rules: Path | None
) -> Iterator[EmulatorControl]:
    yield from _prepared(firestore_functions_server, firestore_project, firestore_rules)


@pytest.fixture(scope="session")
def _official_firestore_control(
    official_firestore_server: Server, firestore_project: str, firestore_rules: Path | None
) -> Iterator[EmulatorControl]:
    yield from _prepared(official_firestore_server, firestore_project, firestore_rules)


@pytest.fixture
def firestore(request: pytest.FixtureRequest, firestore_project: str) -> Iterator[Database]:
    """A cleared database with the project's rules: `.as_user(uid, **claims)`, `.as_guest()`, `.as_owner()`."""
    marked = request.node.get_closest_marker("official_firestore") is not None
    control = request.getfixturevalue("_official_firestore_control" if marked else "_firestore_control")
    yield from _cleared(control, firestore_project)


@pytest.fixture
def firestore_functions(_firestore_functions_control: EmulatorControl, firestore_project: str) -> Iterator[Database]:
    """`firestore`, on the server whose triggers go to `firestore_functions_server.functions_address`."""
    yield from _cleared(_firestore_functions_control, firestore_project)


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


def _prepared(server: Server, project: str, rules: Path | None) -> Iterator[EmulatorControl]:
    from firewarden.errors import FirewardenError
    from firewarden.testing.control import EmulatorControl

    with EmulatorControl(server.host) as control:
        if rules is not None:
            if not rules.is_file():
                raise FirewardenError(
                    f"There is no rules file at {rules}.",
                    hint="The ini option firewarden_rules, or firebase.json, names it.",
                )
            control.put_rules(project, rules.read_text())
        yield control


def _cleared(control: EmulatorControl, project: str) -> Iterator[Database]:
    from firewarden.testing.database import Database

    with Database(host=control.host, project=project, control=control) as database:
        database.clear()
        yield database


# --- The server's log, shown with a failing test ---------------------------------------------------------------


def _watch_log(config: pytest.Config, server: Server) -> None:
    """From its end as it is now: what a server says when it starts concerns no test."""
    if server.log_path is not None:
        log = Path(server.log_path)
        config.stash.setdefault(_LOGS, {}).setdefault(log, log.stat().st_size)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Remembers where each log ends as the test begins."""
    logs = item.config.stash.get(_LOGS, {})
    item.stash[_LOG_SIZES] = {log: log.stat().st_size for log in logs if log.exists()}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Adds what the servers logged since the test began to a failing test's report."""
    report = yield
    if report.failed:
        sizes = item.stash.get(_LOG_SIZES, {})
        for log, start in item.config.stash.get(_LOGS, {}).items():
            if text := _text_after(log, sizes.get(log, start)):
                report.sections.append((f"Firestore log ({log.parent.name})", text))
    return report


def _text_after(log: Path, offset: int) -> str:
    """The end of the log from there on, without the Java stack traces that the emulator adds to each denial."""
    if not log.exists():
        return ""
    with log.open("rb") as stream:
        stream.seek(offset)
        lines = stream.read().decode(errors="replace").splitlines()
    told = [line for line in lines if not re.match(r"\s+(at |\.\.\. \d+ more)", line)]
    left_out = [f"... {len(told) - _LOG_LINES_MAX} lines before"] if len(told) > _LOG_LINES_MAX else []
    return "\n".join([*left_out, *told[-_LOG_LINES_MAX:]]).strip()
