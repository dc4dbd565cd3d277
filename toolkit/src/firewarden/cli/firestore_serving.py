"""A local Firestore as its options say: a store, an engine with the project's rules and indexes, a port in front."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from firewarden.cli.project import Project
from firewarden.cli.rules_following import followed
from firewarden.cli.token_verifying import verify_of
from firewarden.firestore.documents import DatabaseName
from firewarden.firestore.query.available import AUTOMATIC, Available
from firewarden.rules import PRESETS
from firewarden.server.background_triggers import BackgroundTriggers
from firewarden.server.clock import VirtualClock
from firewarden.server.denials import KeptDenials
from firewarden.server.engine import Engine
from firewarden.server.events import Events, telling
from firewarden.server.judging import Denied
from firewarden.server.options import Concurrency, IndexMode, Options
from firewarden.server.serving import Server
from firewarden.store import DATA_FILE, Store

if TYPE_CHECKING:
    from firewarden.coverage import Recorder
    from firewarden.rules import CompiledRules, Decision, Request
    from firewarden.rules.lookups import Read
    from firewarden.server.evaluations import History


@contextmanager
def serving(
    args: argparse.Namespace, project: Project, *, host: str, port: int, on_shutdown: Callable[[], None]
) -> Iterator[Server]:
    """A server as the options say (`firestore_options`), until the context is left."""
    options = Options(
        compatibility=PRESETS[args.compat],
        indexes=IndexMode(args.indexes),
        concurrency=Concurrency(args.concurrency),
        lock_wait=args.lock_wait,
        verify=verify_of(args, report=say),
        warn=say,
        coverage=_coverage(args),
        evaluations=_evaluations(args),
    )
    with ExitStack() as stack:
        store = Store(None if args.data is None else args.data / DATA_FILE)
        clock = None if args.clock is None else VirtualClock(args.clock)
        engine = Engine(store, options=options, denied=_denied(args), clock=clock)
        stack.callback(engine.close)
        engine.databases.available = _defined(_index_file(args, project))
        rules = _rules_file(args, project)
        if rules is not None:
            stack.enter_context(followed(rules, engine.rulesets, engine.guard, report=say))
        _serve_others(args, project, engine, stack)
        _exchange(args, project, engine, stack)
        events = _events(args, engine, stack)
        yield stack.enter_context(Server(engine, host=host, port=port, events=events, on_shutdown=on_shutdown))


def _exchange(args: argparse.Namespace, project: Project, engine: Engine, stack: ExitStack) -> None:
    if args.import_from is None and args.export_on_exit is None:
        return
    from firewarden.cli.exchange import exchanged  # noqa: PLC0415 - most do without

    stack.enter_context(exchanged(args, project.id(args.project, os.environ), engine, report=say))


def _serve_others(args: argparse.Namespace, project: Project, engine: Engine, stack: ExitStack) -> None:
    """The files of the databases besides the default one; a file that was named holds for all of them."""
    for database, files in project.databases.items():
        if args.rules is None and files.rules is not None:
            following = followed(files.rules, engine.rulesets, engine.guard, report=say, database=database)
            stack.enter_context(following)
        if args.index_file is None and files.indexes is not None and files.indexes.is_file():
            engine.databases.available_of[database] = _defined(files.indexes)


def described(args: argparse.Namespace, project: Project) -> list[tuple[str, str]]:
    """What a server with these options goes by, by name."""
    rules, indexes = _rules_file(args, project), _index_file(args, project)
    facts = [
        ("rules", "none: everything is allowed" if rules is None else _shown(rules)),
        ("indexes", args.indexes if args.indexes == "off" or indexes is None else f"{args.indexes} {_shown(indexes)}"),
        ("data", "in memory" if args.data is None else _shown(args.data)),
    ]
    return facts if args.functions is None else [*facts, ("events to", "{}:{}".format(*args.functions))]


def say(text: str) -> None:
    """One thing at a time, at once."""
    print(text, file=sys.stderr, flush=True)


def _rules_file(args: argparse.Namespace, project: Project) -> Path | None:
    named: Path | None = args.rules
    return named or project.firestore_rules


def _index_file(args: argparse.Namespace, project: Project) -> Path | None:
    """The file that was named, else the project's, which need not be there yet."""
    named: Path | None = args.index_file
    defined = project.firestore_indexes
    return named or (defined if defined is not None and defined.is_file() else None)


def _defined(file: Path | None) -> Available:
    if file is None:
        return AUTOMATIC
    from firewarden.indexes import Defined, read_definitions  # noqa: PLC0415 - imports YAML, too

    return Defined(read_definitions(file))


def _events(args: argparse.Namespace, engine: Engine, stack: ExitStack) -> Events | None:
    if args.functions is None:
        return None
    from firewarden.triggers.sending import Sender  # noqa: PLC0415 - most do without functions

    sender = Sender("{}:{}".format(*args.functions), as_base64=args.events == "base64", report=say)
    stack.callback(sender.stop)
    engine.on_commit.append(BackgroundTriggers(telling(sender.changed)))
    return sender


def _coverage(args: argparse.Namespace) -> Recorder | None:
    if not args.coverage:
        return None
    from firewarden.coverage import Recorder  # noqa: PLC0415 - most do without

    return Recorder()


def _evaluations(args: argparse.Namespace) -> History | None:
    if args.websocket_port is None:
        return None
    from firewarden.coverage import evaluations  # noqa: PLC0415 - most do without
    from firewarden.server.evaluations import History  # noqa: PLC0415 - as above

    return History(evaluations)


def _denied(args: argparse.Namespace) -> Denied | None:
    if args.explain:
        return _explained
    return KeptDenials() if args.keep_denials else None


def _explained(database: DatabaseName, rules: CompiledRules, request: Request, read: Read, decision: Decision) -> None:
    del database, decision
    from firewarden.rules.explain import explain  # noqa: PLC0415 - most start without it

    is_color = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    say(explain(rules, request, read).text(color=is_color))


def _shown(path: Path) -> str:
    """From here, if it is below."""
    absolute = path.absolute()
    return str(absolute.relative_to(Path.cwd()) if absolute.is_relative_to(Path.cwd()) else absolute)
