"""Settling what is marked, group by group, until nothing is: whoever left a marker does it, one thread a process.

Every process whose delivery left a marker drains, and takes its turn when the event's document has rested; so a
process that dies is taken over by any other, and by the sweep when there is none.
"""

import threading

from gather.attendance.pending import Rest, settle_next_group
from gather.runtime import Runtime

RESTS_MAX = 3
"""Then a group goes, however busy the event is: answers over HTTP are settled without asking whether it is."""


def drain(found: Runtime, event_id: str) -> None:
    """Settle the event's markers until none is left, unless another thread of this process is at it.

    Then that thread looks once more after it has found none, so whoever leaves now has not left too early.
    """
    name = (found.settings.project, event_id)
    with _guard:
        if name in _draining:
            _draining[name] = True
            return
        _draining[name] = False
    try:
        while True:
            drain_once(found, event_id)
            with _guard:
                if not _draining.pop(name):
                    _left.discard(name)
                    return
                _draining[name] = False
    except BaseException:
        with _guard:
            _draining.pop(name, None)
            _left.add(name)
        raise


def has_left_markers(found: Runtime, event_id: str) -> bool:
    """Whether this process has failed to settle what is marked: then its next delivery tries again, not the sweep."""
    return (found.settings.project, event_id) in _left


def drain_once(found: Runtime, event_id: str) -> None:
    """Settle group after group until a look finds no marker."""
    rests, rested_from = 0, None
    while True:
        result = settle_next_group(
            found.firestore,
            event_id,
            now=found.now(),
            rested_from=rested_from,
            may_rest=rests < RESTS_MAX,
            transact=found.transact,
        )
        if isinstance(result, Rest):
            rests, rested_from = rests + 1, result.busy_until
            found.sleep(result.for_.total_seconds())
        elif result == 0:
            return
        else:
            rests = 0


_draining: dict[tuple[str, str], bool] = {}
"""By project and event: whether somebody came while its markers were being settled."""
_left: set[tuple[str, str]] = set()
"""Events whose markers this process could not settle."""
_guard = threading.Lock()
