"""A marker sent through Firestore and back: when it arrives, every event committed before it has arrived.

This holds because the official emulator publishes events from one queue, one at a time, whatever their
project, and waits for each answer (observed with 1.19.9: never two requests at once, and the marker right after
the 600 events committed before it, in the same project and in another). It lives in a project of its own, so
that nobody's triggers or rules see it.
"""

import threading
import time
from uuid import uuid4

import httpx

from firewarden.errors import EventsUndelivered, FirestoreUnreachable
from firewarden.triggers.cloudevents import PREFIX
from firewarden.triggers.register import Registry

PROJECT = "demo-firewarden-fence"
KEY = "firewarden-fence"
_COLLECTION = "fences"


class Fence:
    """Passes markers through one Firestore; `arrived` is called by whoever receives their events."""

    def __init__(self, registry: Registry, *, functions_address: str) -> None:
        self._host = registry.host
        self._functions_address = functions_address
        self._arrivals: dict[str, threading.Event] = {}
        # Proxy settings of the environment are for the outside world, not for this machine.
        self._http = httpx.Client(
            base_url=f"http://{registry.host}/v1/projects/{PROJECT}/databases/(default)/documents/{_COLLECTION}",
            headers={"authorization": "Bearer owner"},
            timeout=30.0,
            trust_env=False,
        )
        # Created only: taking the marker away afterwards must not send another event.
        registry.register_trigger(PROJECT, KEY, event_type=f"{PREFIX}created", document=f"{_COLLECTION}/{{id}}")

    def close(self) -> None:
        """Ends the connection."""
        self._http.close()

    def arrived(self, document: str) -> None:
        """The event of a marker has come in."""
        waiting = self._arrivals.get(document.rpartition("/")[2])
        if waiting is not None:
            waiting.set()

    def passed(self, timeout_s: float) -> None:
        """Returns when all events of earlier commits have come in; raises EventsUndelivered when time is up."""
        marker = uuid4().hex
        arrival = self._arrivals[marker] = threading.Event()
        started = time.monotonic()
        try:
            self._ask("PATCH", marker)
            came = arrival.wait(max(0.0, timeout_s - (time.monotonic() - started)))
            self._ask("DELETE", marker)
        finally:
            del self._arrivals[marker]
        if not came:
            raise EventsUndelivered(
                f"The Firestore at {self._host} sent no event to {self._functions_address} within {timeout_s:g} s.",
                hint="The emulator learns only at its start where events go. Start it with "
                f"--functions_emulator={self._functions_address}, or let `firewarden functions serve "
                "--engine official` start it.",
            )

    def _ask(self, method: str, marker: str) -> None:
        try:
            self._http.request(method, f"/{marker}", json={} if method == "PATCH" else None).raise_for_status()
        except httpx.HTTPError as error:
            raise FirestoreUnreachable(
                f"The Firestore at {self._host} does not answer as one: {error}.",
                hint="Is it still running? Its log says why it ended.",
            ) from error
