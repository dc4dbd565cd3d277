"""The functions of one folder, served in one process: HTTP at their URLs, Firestore events from a queue.

Not a sandbox and no replica of production's scaling: one process, one Python, one environment.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from random import Random
from types import TracebackType
from typing import Self

import firebase_admin
import flask
from cloudevents.http import CloudEvent
from werkzeug.serving import BaseWSGIServer

from firewarden.triggers.cloudevents import FirestoreEvent
from firewarden.triggers.delivery import Delivery, DeliveryQueue
from firewarden.triggers.fence import KEY as FENCE_KEY
from firewarden.triggers.fence import PROJECT as FENCE_PROJECT
from firewarden.triggers.fence import Fence
from firewarden.triggers.listening import listen, wsgi_server
from firewarden.triggers.manifest import Function, Kind, Manifest
from firewarden.triggers.plan import DeliveryPlan, promptly
from firewarden.triggers.register import Registry, register_triggers
from firewarden.triggers.retry import RetryPolicy
from firewarden.triggers.router import HttpCall, Router

Report = Callable[[Delivery | HttpCall], None]

_QUIET_S = 0.2  # without a fence: how long nothing may arrive before all is believed to have arrived


class FunctionsHost:
    """Serves a manifest from `start()` to `stop()`; also a context manager that does both.

    It listens on `address`, which is a socket from `listen()` where the port had to be known earlier.
    `plan` and `rng` decide copies and delays of deliveries, `retry` what follows a failure. `http_root`
    names one HTTP function that is mounted at `/` as well, as behind a hosting rewrite. `report` is called
    from worker threads, once for each delivery and each request.
    """

    def __init__(  # noqa: PLR0913 - each is one thing a caller may want to say, and by name
        self,
        manifest: Manifest,
        *,
        project: str,
        address: tuple[str, int] | socket.socket = ("127.0.0.1", 0),
        plan: DeliveryPlan = promptly,
        retry: RetryPolicy | None = None,
        rng: Random | None = None,
        workers: int = 8,
        http_root: str | None = None,
        report: Report = lambda _: None,
    ) -> None:
        self.manifest = manifest
        self.project = project
        self.http_root = http_root
        self._wanted = address
        self._listener = address if isinstance(address, socket.socket) else None
        self._apps = {function.name: flask.Flask(function.name) for function in manifest.of_kind(Kind.FIRESTORE)}
        self._queue = DeliveryQueue(
            self._call,
            plan=plan,
            retry=retry or RetryPolicy(),
            rng=rng or Random(0),  # noqa: S311 - delays, not secrets
            workers=workers,
            report=report,
        )
        self._router = Router(manifest, project=project, http_root=http_root, receive=self._receive, report=report)
        self._fence: Fence | None = None
        self._until_app_exists = threading.Lock()
        self._app_is_ours = False
        self._server: BaseWSGIServer | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def address(self) -> str:
        """Where the host listens, as host:port; known once it is started."""
        if self._listener is None:
            raise RuntimeError("the host has no address before start()")
        name, port = self._listener.getsockname()[:2]
        return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """Every attempt so far, in the order in which they ended."""
        return self._queue.deliveries

    def url(self, name: str) -> str:
        """Return where the HTTP function of that name is served, without a slash at the end."""
        function = self.manifest.get(name)
        if function is None:
            raise KeyError(f"{name} is not served; there are {[f.name for f in self.manifest.functions]}")
        return f"http://{self.address}/{self.project}/{function.regions[0]}/{name}"

    def start(self) -> None:
        """Requests and events are taken from here on. Raises PortInUse."""
        if not isinstance(self._wanted, socket.socket):
            self._listener = listen(*self._wanted)
        assert self._listener is not None  # noqa: S101 - INVARIANT: bound above or given
        self._app_is_ours = _default_app() is None
        self._server = wsgi_server(self._listener, self._router)
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, name="functions-http", daemon=True
        ).start()
        self._queue.start()

    def register(self, registry: Registry, *, prove_s: float | None = 30.0) -> int:
        """Every Firestore function's trigger is registered; return how many there are.

        Then a marker event is sent through that Firestore, because an emulator that was started without
        this host's address accepts triggers all the same and sends their events nowhere. Raises
        EventsUndelivered when it has not come back after `prove_s`; None leaves that out.
        """
        count = register_triggers(registry, self.project, self.manifest.of_kind(Kind.FIRESTORE))
        if self._fence is not None:
            self._fence.close()
        self._fence = Fence(registry, functions_address=self.address)
        if prove_s is not None:
            self._fence.passed(prove_s)
        return count

    def deliver(self, event: FirestoreEvent) -> list[str]:
        """An event made by hand starts every function that it matches; return their names."""
        matching = [
            function
            for function in self.manifest.of_kind(Kind.FIRESTORE)
            if function.trigger is not None and function.trigger.matches(event)
        ]
        for function in matching:
            self._queue.submit(function, event)
        return [function.name for function in matching]

    def settle(self, timeout_s: float = 30.0) -> None:
        """Returns when every commit made so far, and whatever functions wrote in reaction, is dealt with.

        Retries that wait for their time count as outstanding. Raises NotSettled with what is outstanding.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            self._queue.wait_idle(deadline - time.monotonic())
            seen = self._queue.submitted
            self._await_arrivals(deadline - time.monotonic())
            if self._queue.submitted == seen:
                return

    @contextmanager
    def ignoring(self, timeout_s: float = 30.0) -> Iterator[None]:
        """Events of what is committed inside the block start nothing, and the log is empty after it.

        For clearing a database between two tests: that sends a deletion for every document. What runs at
        the beginning is awaited, what waits is dropped.
        """
        self._queue.discard()
        try:
            self._queue.wait_idle(timeout_s)
            yield
            self._await_arrivals(timeout_s)
        finally:
            self._queue.resume()

    def stop(self, grace_s: float = 5.0) -> list[str]:
        """Nothing new is taken, what runs may finish within the grace; return the deliveries left undone."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        if self._listener is not None:
            self._listener.close()
        deadline = time.monotonic() + grace_s
        self._router.wait_idle(grace_s)
        undone = self._queue.stop(max(0.0, deadline - time.monotonic()))
        if self._fence is not None:
            self._fence.close()
        # The app holds the project of the first event for good, which would be wrong for another host.
        if self._app_is_ours and (app := _default_app()) is not None:
            firebase_admin.delete_app(app)
        return undone

    def _await_arrivals(self, timeout_s: float) -> None:
        if self._fence is not None:
            self._fence.passed(timeout_s)
            return
        seen = -1
        while seen != (seen := self._queue.submitted):
            time.sleep(_QUIET_S)

    def _receive(self, project: str, key: str, event: FirestoreEvent) -> bool:
        if (project, key) == (FENCE_PROJECT, FENCE_KEY):
            if self._fence is not None:
                self._fence.arrived(event.document)
            return True
        # The key alone decides: whether the path matches was Firestore's decision.
        function = next((each for each in self.manifest.of_kind(Kind.FIRESTORE) if each.key == key), None)
        if project != self.project or function is None:
            return False
        self._queue.submit(function, event)
        return True

    def _call(self, function: Function, event: FirestoreEvent) -> None:
        # firebase-functions creates the default app on the first event, unless main.py has: two first events
        # at once would both try, and one would fail. Hence one after the other until there is one.
        alone = nullcontext() if _default_app() is not None else self._until_app_exists
        with alone, self._apps[function.name].app_context():
            function.handler(CloudEvent(dict(event.attributes), event.data))


def _default_app() -> firebase_admin.App | None:
    try:
        return firebase_admin.get_app()
    except ValueError:
        return None
