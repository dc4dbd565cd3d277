"""Outbox, inbox and budget: what is kept, and how much."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firewarden.server.transports.webchannel.budget import Budget
from firewarden.server.transports.webchannel.inbox import Inbox
from firewarden.server.transports.webchannel.outbox import Outbox


@given(
    steps=st.lists(st.one_of(st.text(min_size=1, max_size=6), st.tuples(st.integers(0, 12), st.integers(1, 40)))),
    acknowledged=st.lists(st.integers(0, 12)),
)
@settings(deadline=None)
def test_an_outbox_keeps_what_was_not_acknowledged(steps: list[str | tuple[int, int]], acknowledged: list[int]) -> None:
    """Against a model: a list of all that was ever said."""
    outbox, said, done, sent = Outbox(), [b""], 0, 0
    for index, step in enumerate(steps):
        if isinstance(step, str):
            outbox.add(f'["{step}"]')
            said.append(f'[{len(said)},["{step}"]]'.encode())
        else:
            after, size = min(step[0], sent), step[1]
            arrays, last = outbox.send(after, size)
            start = max(after, done) + 1
            assert [each.data for each in arrays] == said[start : last + 1]
            assert sum(map(len, said[start:last])) < size
            assert last == len(said) - 1 or sum(map(len, said[start : last + 1])) >= size
            sent = max(sent, last)
        if index < len(acknowledged):
            number = min(acknowledged[index], sent)
            before = outbox.retained
            assert outbox.acknowledge(number) == before - outbox.retained
            done = max(done, number)
        assert (outbox.last, outbox.sent) == (len(said) - 1, sent)
        assert outbox.retained == sum(map(len, said[done + 1 :]))
        assert outbox.outstanding == sum(map(len, said[done + 1 : sent + 1]))
    assert outbox.clear() == sum(map(len, said[done + 1 :]))
    assert (outbox.retained, outbox.outstanding) == (0, 0)


@given(requests=st.lists(st.tuples(st.integers(0, 6), st.integers(1, 4)), max_size=12))
@settings(deadline=None)
def test_an_inbox_hands_out_each_message_once_and_in_order(requests: list[tuple[int, int]]) -> None:
    inbox, known, taken = Inbox(ahead=100), set(), []
    for first, count in requests:
        inbox.add(first, [str(number).encode() for number in range(first, first + count)])
        known |= set(range(first, first + count))
        while (message := inbox.take()) is not None:
            taken.append(int(message))
    assert taken == list(range(next(n for n in range(99) if n not in known)))
    assert inbox.waiting == sum(len(str(number)) for number in known if number > len(taken))


def test_a_message_must_not_be_too_far_ahead() -> None:
    inbox = Inbox(ahead=10)
    inbox.add(10, [b"early"])
    with pytest.raises(ValueError, match="ofs=11 is too far ahead: message 0 has not come yet"):
        inbox.add(11, [b"too early"])
    inbox.clear()
    assert inbox.waiting == 0


def test_a_budget_calls_those_who_wait_when_there_is_room() -> None:
    emptied = []
    budget = Budget(10, lambda: emptied.append(True))
    waiting, gone = asyncio.Event(), asyncio.Event()
    budget.take(10)
    assert not budget.is_full
    budget.take(1)
    assert budget.is_full
    assert emptied == [True]
    budget.call(waiting)
    budget.call(gone)
    budget.forget(gone)
    budget.give(1)
    assert waiting.is_set()
    assert not gone.is_set()
