"""Delivers events by itself, when they are due by the stand-in's clock."""

import threading

from stripe_stand_in.stand_in import StandIn

_LOOK_AGAIN_S = 0.5
"""How long it may take until a clock that was moved is noticed."""
_JOIN_S = 60.0


class Worker:
    """Threads that wait for deliveries; several deliver at the same time, as Stripe does."""

    def __init__(self, stand_in: StandIn, threads: int = 1) -> None:
        self._stand_in = stand_in
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, name=f"stripe-stand-in-delivery-{number}", daemon=True)
            for number in range(threads)
        ]

    def start(self) -> None:
        """From now on events go out."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Returns when nothing is being sent any more."""
        self._stopped.set()
        with self._stand_in.changed:
            self._stand_in.changed.notify_all()
        for thread in self._threads:
            thread.join(_JOIN_S)

    def _run(self) -> None:
        while not self._stopped.is_set():
            delivery = self._stand_in.take()
            if delivery is not None:
                self._stand_in.attempt(delivery)
                continue
            with self._stand_in.changed:
                if not self._stopped.is_set():
                    self._stand_in.changed.wait(self._pause())

    def _pause(self) -> float:
        due = self._stand_in.next_due()
        if due is None:
            return _LOOK_AGAIN_S
        return min(max(due - self._stand_in.clock.seconds(), 0.0), _LOOK_AGAIN_S)
