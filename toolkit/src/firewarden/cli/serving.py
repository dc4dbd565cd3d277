"""What `firewarden functions serve` does: each thing in the order in which the next one needs it."""

import argparse
import json
import os
import socket
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from firewarden.cli.activity import activity_log, writer
from firewarden.cli.project import Project, find_project
from firewarden.cli.stopping import stop_signal, wait_while_answering
from firewarden.errors import EmulatorFailed, FirestoreUnreachable
from firewarden.testing import EmulatorControl, Engine, start_firestore
from firewarden.triggers import (
    Function,
    FunctionsHost,
    Kind,
    RetryPolicy,
    listen,
    load_manifest,
    local_environment,
)
from firewarden.triggers.cloudevents import PREFIX

_GRACE_S = 5.0


def serve(args: argparse.Namespace) -> None:
    """Port first, then Firestore, then the user's code, then the triggers; returns after a stop signal."""
    project = find_project(Path.cwd())
    with ExitStack() as stack:
        stop = stack.enter_context(stop_signal())
        # First of all: a Firestore has to be told this address when it starts.
        listener = listen(args.host, project.functions_port if args.port is None else args.port)
        stack.callback(listener.close)
        functions_address = "{}:{}".format(*listener.getsockname()[:2])
        firestore = _firestore(args, project, functions_address, stack)
        host = _loaded(args, project, firestore, listener)
        host.start()
        stack.callback(_stop, host)
        control = _connected(host, firestore, stack)
        _announce(host, firestore, json_lines=args.log == "json")
        wait_while_answering(stop, control)


def _firestore(args: argparse.Namespace, project: Project, functions_address: str, stack: ExitStack) -> str:
    """Return the address of the Firestore to work with, started here where that was asked for."""
    if args.engine is None:
        if args.firestore is not None:
            return "{}:{}".format(*args.firestore)
        return os.environ.get("FIRESTORE_EMULATOR_HOST") or f"127.0.0.1:{project.firestore_port}"
    running = stack.enter_context(
        start_firestore(
            engine=Engine(args.engine),
            port=project.firestore_port if args.firestore is None else args.firestore[1],
            rules=project.firestore_rules,
            functions=functions_address,
        )
    )
    return running.host


def _loaded(args: argparse.Namespace, project: Project, firestore: str, listener: socket.socket) -> FunctionsHost:
    name = project.id(args.project, os.environ)
    source: Path = args.source or project.functions
    os.environ.update(local_environment(os.environ, project=name, firestore=firestore))
    manifest = load_manifest(source, project=name, environ=os.environ)
    first_delay_s, max_delay_s = args.retry_backoff
    return FunctionsHost(
        manifest,
        project=name,
        address=listener,
        retry=RetryPolicy(first_delay_s=first_delay_s, max_delay_s=max_delay_s, window_s=args.retry_window),
        workers=args.workers,
        http_root=args.http_root,
        report=activity_log(writer(args.log), source=manifest.source, now=lambda: datetime.now(UTC)),
    )


def _connected(host: FunctionsHost, firestore: str, stack: ExitStack) -> EmulatorControl | None:
    """Register the triggers; functions without any do without Firestore until they call it."""
    control = stack.enter_context(EmulatorControl(firestore))
    if next(host.manifest.of_kind(Kind.FIRESTORE), None) is None:
        return control if control.is_ready() else None
    if not control.is_ready():
        raise FirestoreUnreachable(
            f"No Firestore answers at {firestore}, and there are functions that its events start.",
            hint="Add --engine firewarden to start one here, name a running one with --firestore HOST:PORT, or run\n"
            f"  firewarden serve --functions {host.address}",
        )
    try:
        host.register(control)
    except EmulatorFailed as error:
        raise FirestoreUnreachable(error.message, hint=error.hint) from error
    return control


def _announce(host: FunctionsHost, firestore: str, *, json_lines: bool) -> None:
    """Say what is served once everything is wired; in JSON as a line of its own, for whoever waits for it."""
    if json_lines:
        print(
            json.dumps({"kind": "ready", "address": host.address, "firestore": firestore, "project": host.project}),
            flush=True,
        )
    lines = [f"Serving {host.manifest.source} as {host.project} with Firestore at {firestore}"]
    lines += [
        f"  {function.kind:<10} {function.name:<24} {_where(function, host)}" for function in host.manifest.functions
    ]
    lines += [f"  not served {name:<24} {kind}" for name, kind in host.manifest.unserved.items()]
    if host.http_root is not None:
        lines.append(f"  {'root':<10} {host.http_root:<24} http://{host.address}/")
    print("\n".join([*lines, "Ready. Ctrl-C ends it."]), file=sys.stderr, flush=True)


def _where(function: Function, host: FunctionsHost) -> str:
    """Return what starts the function."""
    if function.trigger is not None:
        change = function.trigger.event_type.removeprefix(PREFIX)
        return f"{change} {function.trigger.document.text}" + ("  (retried)" if function.trigger.retry else "")
    if function.kind is Kind.SCHEDULE:
        return f"{function.schedule}; now: POST http://{host.address}/__/run/{function.name}"
    return host.url(function.name)


def _stop(host: FunctionsHost) -> None:
    undone = host.stop(_GRACE_S)
    if undone:
        print(f"Left undone: {', '.join(undone)}", file=sys.stderr)
