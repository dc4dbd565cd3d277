"""The whole stack, from nothing to ready: a local Firestore with our rules, our functions, their triggers.

Functions run in this process, so that the demo can wait until everything it set off has happened.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from demo.papers import BUCKET, start_storage
from demo.payments import SECRET_KEY, WEBHOOK_SECRET, start_stripe, wait_for_deliveries
from demo.why import RuleBook, read_rules
from firewarden.testing import EmulatorControl, Engine, start_firestore
from firewarden.triggers import FunctionsHost, RetryPolicy, listen, load_manifest, local_environment

PROJECT = "demo-gather"
_LOOPBACK = "127.0.0.1"
_ROUNDS = 2


@dataclass(frozen=True, slots=True)
class Stack:
    """What runs: where Firestore and the HTTP interface are, the rules in force, and the functions' log."""

    project: str
    firestore: str
    url: str
    rules: RuleBook
    host: FunctionsHost
    control: EmulatorControl
    stripe: str
    log: Path

    def settle(self, timeout_s: float) -> None:
        """Returns when everything has happened: events were delivered, and what they set off is done."""
        # What the functions do may make Stripe tell of more, and that is told by one round of the functions.
        for _ in range(_ROUNDS):
            self.host.settle(timeout_s)
            wait_for_deliveries(self.stripe, timeout_s)
        self.host.settle(timeout_s)


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
        start_stripe(webhook=f"http://{address}/webhooks/stripe", log=log_folder / "stripe.log") as stripe,
        log_path.open("w", encoding="utf-8") as log,
        # What functions print goes where the story is not.
        redirect_stdout(log),
        redirect_stderr(log),
    ):
        os.environ.update(local_environment(os.environ, project=PROJECT, firestore=firestore.host))
        os.environ["GATHER_PUBLIC_URL"] = f"http://{address}"
        os.environ |= {"STORAGE_EMULATOR_HOST": storage, "GATHER_STORAGE_BUCKET": BUCKET}
        os.environ |= {
            "GATHER_STRIPE_API_BASE": stripe,
            "GATHER_STRIPE_SECRET_KEY": SECRET_KEY,
            "GATHER_STRIPE_WEBHOOK_SECRETS": WEBHOOK_SECRET,
        }
        manifest = load_manifest(root / "functions", project=PROJECT, environ=os.environ)
        retry = RetryPolicy(first_delay_s=0.2, max_delay_s=5.0)
        with FunctionsHost(manifest, project=PROJECT, address=listener, retry=retry, http_root="api") as host:
            host.register(control)
            yield Stack(PROJECT, firestore.host, f"http://{address}", rules, host, control, stripe, log_path)
