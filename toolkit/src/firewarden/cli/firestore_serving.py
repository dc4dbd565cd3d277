"""What `firewarden serve` does: a store, an engine with the project's rules and indexes, and a port in front of it."""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from firewarden.cli.project import Project
from firewarden.cli.rules_files import read_rules
from firewarden.errors import FirewardenError
from firewarden.firestore.documents import DatabaseName
from firewarden.firestore.query.available import AUTOMATIC, Available
from firewarden.firestore.status import StatusError
from firewarden.indexes import Defined, read_definitions
from firewarden.rules import PRESETS, CompiledRules, Request
from firewarden.rules.decision import Decision
from firewarden.server.database import Committed
from firewarden.server.engine import Engine
from firewarden.server.events import auth_of, event_data
from firewarden.server.options import Concurrency, IndexMode, Options
from firewarden.server.rulesets import Rulesets
from firewarden.server.serving import Server
from firewarden.store import DATA_FILE, Store
from firewarden.triggers.sending import DocumentChange, Sender

_LOOK_EVERY_S = 0.5


@contextmanager
def serving(args: argparse.Namespace, project: Project, *, on_shutdown: Callable[[], None]) -> Iterator[Server]:
    """A server as the options say, until the context is left."""
    options = Options(
        compatibility=PRESETS[args.compat],
        indexes=IndexMode(args.indexes),
        concurrency=Concurrency(args.concurrency),
        lock_wait=args.lock_wait,
    )
    with ExitStack() as stack:
        store = Store(_data_file(args.data))
        engine = Engine(store, options=options, denied=_explained if args.explain else None)
        stack.callback(engine.close)
        engine.databases.available = _defined(args.index_file, project)
        rules = args.rules or project.firestore_rules
        if rules is not None:
            stack.enter_context(_followed(rules, engine.rulesets, engine.guard))
        sender = None
        if args.functions is not None:
            sender = Sender("{}:{}".format(*args.functions), report=_say)
            stack.callback(sender.stop)
            engine.on_commit.append(lambda committed: _tell(sender, committed))
        yield stack.enter_context(
            Server(engine, host=args.host, port=_port(args, project), events=sender, on_shutdown=on_shutdown)
        )


def _defined(named: Path | None, project: Project) -> Available:
    """The indexes of the file that was named, else of the project's; without any only the automatic ones."""
    file = named or project.firestore_indexes
    if file is None or (named is None and not file.is_file()):
        return AUTOMATIC
    return Defined(read_definitions(file))


def _port(args: argparse.Namespace, project: Project) -> int:
    return project.firestore_port if args.port is None else int(args.port)


def _data_file(folder: Path | None) -> Path | None:
    if folder is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    return folder / DATA_FILE


@contextmanager
def _followed(file: Path, rulesets: Rulesets, guard: threading.RLock) -> Iterator[None]:
    """Hold these rules where no others are put, and the new ones whenever the file has changed."""
    _put(file, rulesets)
    stop = threading.Event()

    def follow() -> None:
        known = _stamp(file)
        while not stop.wait(_LOOK_EVERY_S):
            stamp = _stamp(file)
            if stamp in (known, None):
                continue
            known = stamp
            try:
                with guard:
                    _put(file, rulesets)
                _say(f"{file}: in force")
            except FirewardenError as error:
                _say(f"{error}\nThe rules before stay in force.")

    thread = threading.Thread(target=follow, name="firewarden-rules", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _put(file: Path, rulesets: Rulesets) -> None:
    try:
        rulesets.put_default([{"name": file.name, "content": read_rules(file)}])
    except StatusError as refused:
        raise FirewardenError(
            f"{file}: {refused.message}", hint=f"`firewarden rules check {file}` says more."
        ) from None


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _explained(database: DatabaseName, rules: CompiledRules, request: Request, decision: Decision) -> None:
    del database, rules, request
    _say(f"denied:{decision.message}")


def _tell(sender: Sender, committed: Committed) -> None:
    for changed in committed.changes:
        sender.changed(
            DocumentChange(
                project=committed.database.project,
                database=committed.database.database,
                path="/".join(changed.path),
                existed=changed.before is not None,
                exists=changed.after is not None,
                data=event_data(committed.database, changed),
                time=committed.time.moment(),
                auth=auth_of(committed.caller),
            )
        )


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
