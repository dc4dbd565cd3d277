"""The whole stack, from nothing to ready: a local Firestore with our rules, our functions, their triggers.

Functions run in this process, so that the demo can wait until everything it set off has happened.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from demo.papers import BUCKET, start_storage
from demo.why import RuleBook, read_rules
from firewarden.testing import EmulatorControl, Engine, start_firestore
from firewarden.triggers import FunctionsHost, RetryPolicy, listen, load_manifest, local_environment

PROJECT = "demo-gather"
_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Stack:
    """What runs: where Firestore and the HTTP interface are, the rules in force, and the functions' log."""

    project: str
    firestore: str
    url: str
    rules: RuleBook
    host: FunctionsHost
    control: EmulatorControl
    log: Path


@contextmanager
def start_stack(root: Path, *, engine: Engine, port: int, firestore_port: int, log_folder: Path) -> Iterator[Stack]:
    """Everything is up inside the block and gone after it. Port 0 is any free one.

    Raises FirewardenError: no emulator where one is asked for, a port in use, rules that are stale or refused,
    settings missing.
    """
    rules = read_rules(root)
    listener = listen(_LOOPBACK, port)
    address = "{}:{}".format(*listener.getsockname()[:2])
    log_path = log_folder / "functions.log"
    with (
        listener,
        start_firestore(
            engine=engine,
            port=firestore_port,
            functions=address,
            rules=rules.path,
            log=log_folder / "firestore.log",
        ) as firestore,
        EmulatorControl(firestore.host) as control,
        start_storage(_LOOPBACK) as storage,
        log_path.open("w", encoding="utf-8") as log,
        # What functions print goes where the story is not.
        redirect_stdout(log),
        redirect_stderr(log),
    ):
        os.environ.update(local_environment(os.environ, project=PROJECT, firestore=firestore.host))
        os.environ["GATHER_PUBLIC_URL"] = f"http://{address}"
        os.environ |= {"STORAGE_EMULATOR_HOST": storage, "GATHER_STORAGE_BUCKET": BUCKET}
        manifest = load_manifest(root / "functions", project=PROJECT, environ=os.environ)
        retry = RetryPolicy(first_delay_s=0.2, max_delay_s=5.0)
        with FunctionsHost(manifest, project=PROJECT, address=listener, retry=retry, http_root="api") as host:
            host.register(control)
            yield Stack(PROJECT, firestore.host, f"http://{address}", rules, host, control, log_path)
