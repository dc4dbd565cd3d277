"""A stand-in for Stripe as a process of its own, which ends with the demo; the story acts as its customers."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from firewarden.errors import FirewardenError

SECRET_KEY = "sk_test_demo"  # noqa: S105 - of the demo's own stand-in
WEBHOOK_SECRET = "whsec_demo"  # noqa: S105 - likewise
_SCRIPTS = Path(__file__).parents[1]
_GRACE_S = 10.0


@contextmanager
def start_stripe(*, webhook: str, log: Path) -> Iterator[str]:
    """Serve the stand-in inside the block; its events go to `webhook`. The value is its address."""
    command = [sys.executable, "-m", "stripe_stand_in", "--json", "--until-input-ends"]
    command += ["--secret-key", SECRET_KEY, "--webhook", webhook, "--webhook-secret", WEBHOOK_SECRET]
    with log.open("wb") as log_file:
        process = subprocess.Popen(  # noqa: S603 - our own module
            command,
            env={**os.environ, "PYTHONPATH": str(_SCRIPTS)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log_file,
            # Ctrl-C reaches the demo, which then ends it in order.
            start_new_session=True,
        )
    with process:
        try:
            yield _address(process, log)
        finally:
            assert process.stdin is not None  # noqa: S101 - it was asked for
            process.stdin.close()
            try:
                process.wait(_GRACE_S)
            except subprocess.TimeoutExpired:
                process.kill()


def wait_for_deliveries(address: str, timeout_s: float) -> None:
    """Returns when every event that is due has been delivered and answered."""
    answer = httpx.get(
        f"{address}/_stand_in/idle", params={"timeout_s": timeout_s}, timeout=timeout_s + _GRACE_S, trust_env=False
    )
    if not answer.raise_for_status().json()["idle"]:
        raise FirewardenError(
            f"Events of the stand-in for Stripe were not all delivered within {timeout_s:g} s.",
            hint=f"{address}/_stand_in/events lists them.",
        )


def _address(process: "subprocess.Popen[bytes]", log: Path) -> str:
    assert process.stdout is not None  # noqa: S101 - it was asked for
    line = process.stdout.readline()
    if not line:
        raise FirewardenError("The stand-in for Stripe did not start.", hint=log.read_text(errors="replace")[-2000:])
    return str(json.loads(line)["url"])
