"""What Gather claims to cost, measured by Firewarden's meter rather than counted by hand."""

from __future__ import annotations

from typing import Any

import pytest

from firewarden.firestore.billing.prices import known_prices
from firewarden.firestore.billing.usage import Usage
from firewarden.testing import Database, Meter
from tests.costs import given
from tests.costs.actions import Action, Stage, measured
from tests.costs.catalog import CHAPTERS, ONE_RSVP
from tests.costs.page import PAGE, renewed
from tests.support.events import assert_books_balance, event_document
from tests.support.stack import running_functions

ACTIONS = [
    pytest.param(action, id=f"{chapter.title}: {action.name}") for chapter in CHAPTERS for action in chapter.actions
]


@pytest.mark.emulator
@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_costs_its_floor_and_what_is_said_to_be_beyond_it(stage: Stage, meter: Meter, action: Action) -> None:
    usage = measured(stage, meter, action)
    assert usage == action.claimed, "\n".join(map(str, meter.requests[-12:]))


def test_one_uncontended_rsvp_costs_exactly_its_floor() -> None:
    """Its write, its settlement and all that follows; that they cost what is claimed is measured above and below."""
    assert [action.name for action in ONE_RSVP if action.claimed != action.floor.usage] == []
    assert _all_of(ONE_RSVP) == Usage(reads=12, lookups=4, writes=7)


@pytest.mark.emulator
@pytest.mark.xdist_group("functions")
def test_one_rsvp_with_all_that_follows_costs_the_sum(
    firestore_functions: Database, firestore_functions_server: Any, request: pytest.FixtureRequest
) -> None:
    """Firestore itself delivers: nothing runs that is not in the sum, and nothing runs twice."""
    request.getfixturevalue("meter")  # skips where nobody meters
    owner = firestore_functions.as_owner()
    with running_functions(firestore_functions, address=firestore_functions_server.functions_address) as host:
        owner.document("events/e").set(event_document())
        owner.document("users/ana").set({"role": "member"})
        host.settle()
        before = _metered(firestore_functions)
        ana = firestore_functions.as_user("ana", role="member")
        ana.document("events/e/rsvps/ana").create(given.new_rsvp("ana"))
        host.settle()
        cost = _metered(firestore_functions) - before
    assert cost == _all_of(ONE_RSVP)
    assert assert_books_balance(owner, "e")["ana"]["state"] == "admitted"


def test_the_page_says_what_is_claimed() -> None:
    """`make costs` writes it anew."""
    text = PAGE.read_text(encoding="utf-8")
    assert text == renewed(text, known_prices())
    assert "| there is room | 3 | 0 | 3 | 0 | 3.60 | 3, 3, 0 |" in text


def _all_of(actions: tuple[Action, ...]) -> Usage:
    return sum((action.claimed for action in actions), Usage())


def _metered(database: Database) -> Usage:
    usage = Usage.of_json(database.control.meter(database.project)["usage"])
    return usage - Usage(egress=usage.egress, index_entries=usage.index_entries)
