"""Settling what is marked, group by group, until nothing is: whoever left a marker does it, one thread a process.

Every process whose delivery left a marker drains, and takes its turn when the event's document has rested; so a
process that dies is taken over by any other, and by the sweep when there is none.
"""

import threading

from gather.attendance.pending import Rest, settle_next_group
from gather.runtime import Runtime

RESTS_MAX = 3
"""Then a group goes, however busy the event is: answers over HTTP are settled without asking whether it is.

Rests count while the same marker waits longest. Where another process has settled it the group before went, and so
many processes together write the event no more often than one.
"""


def drain(found: Runtime, event_id: str) -> None:
    """Settle the event's markers until none is left, unless another thread of this process is at it.

    Then that thread looks once more after it has found none, so whoever leaves now has not left too early.
    """
    name = (found, event_id)
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
    return (found, event_id) in _left


def drain_once(found: Runtime, event_id: str) -> None:
    """Settle group after group until a look finds no marker."""
    rests, rested_from, oldest = 0, None, None
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
            rests = rests + 1 if result.oldest == oldest else 1
            rested_from, oldest = result.busy_until, result.oldest
            found.sleep(result.for_.total_seconds())
        elif result == 0:
            return
        else:
            rests = 0


_draining: dict[tuple[Runtime, str], bool] = {}
"""By runtime, of which a process has one, and event: whether somebody came while its markers were being settled."""
_left: set[tuple[Runtime, str]] = set()
"""Events whose markers this process could not settle."""
_guard = threading.Lock()
