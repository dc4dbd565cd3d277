"""What was delivered, readable by people and by assertions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import overload

from firewarden.triggers.delivery import Delivery, Outcome

_SHOWN_MAX = 200


class DeliveryLog(Sequence[Delivery]):
    """Attempts in the order in which they ended. Prints as a table, one line for each."""

    def __init__(self, deliveries: Iterable[Delivery]) -> None:
        self._deliveries = tuple(deliveries)

    def of(
        self, function: str | None = None, *, document: str | None = None, outcome: Outcome | None = None
    ) -> DeliveryLog:
        """Those of one function, of one document, with one outcome."""
        return DeliveryLog(
            each
            for each in self._deliveries
            if function in (None, each.function)
            and document in (None, each.document)
            and outcome in (None, each.outcome)
        )

    @property
    def faulty(self) -> DeliveryLog:
        """Those to which the plan did something."""
        return DeliveryLog(each for each in self._deliveries if each.faults)

    @overload
    def __getitem__(self, index: int) -> Delivery: ...
    @overload
    def __getitem__(self, index: slice) -> DeliveryLog: ...
    def __getitem__(self, index: int | slice) -> Delivery | DeliveryLog:
        if isinstance(index, slice):
            return DeliveryLog(self._deliveries[index])
        return self._deliveries[index]

    def __len__(self) -> int:
        return len(self._deliveries)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, DeliveryLog):
            return list(map(line, self)) == list(map(line, other))
        return NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(map(line, self)))

    def __repr__(self) -> str:
        shown = [line(each) for each in self._deliveries[-_SHOWN_MAX:]]
        left_out = len(self) - len(shown)
        return "\n".join([f"{len(self)} deliveries", *([f"  ... {left_out} before"] if left_out else []), *shown])


def line(delivery: Delivery) -> str:
    """One attempt as the log shows it. Says nothing of how long it took, which differs every time."""
    which = f"copy {delivery.copy}, attempt {delivery.attempt}"
    what = f"{delivery.function} <- {delivery.event_type.rpartition('.')[2]} {delivery.document}".rstrip()
    faults = f" [{', '.join(delivery.faults)}]" if delivery.faults else ""
    error = f": {type(delivery.error).__name__}: {delivery.error}" if delivery.error is not None else ""
    return f"  {delivery.at:10.3f} s  {what} ({which}) {delivery.outcome}{faults}{error}"
