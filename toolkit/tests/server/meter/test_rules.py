"""What rules, refusals and waiting add to a request: a read for each document looked up, once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from google.api_core.exceptions import Aborted, PermissionDenied
from google.cloud.firestore import FieldFilter

from firewarden.firestore.billing.usage import Usage
from firewarden.server.engine import Engine
from firewarden.server.meter_admin import reading
from toolkit.tests.server.conftest import PROJECT


def test_rules_are_charged_for_each_document_they_look_up(
    acting: Callable[..., Any], spent: Callable[[], Usage]
) -> None:
    """`exists` and `get` of one document are one read; what the request is about is none, nor `getAfter` of it."""
    ana = acting("ana")
    ana.document("notes/1").set({"n": 1})
    assert spent() == Usage(reads=1, lookups=1, writes=1)
    ana.document("notes/1").get()
    assert spent() == Usage(reads=2, lookups=1)
    assert len(ana.collection("notes").get()) == 1
    assert spent() == Usage(reads=2, lookups=1, index_entries=1)
    ana.get_all([ana.document("notes/1"), ana.document("notes/2")])
    assert len(list(ana.get_all([ana.document("notes/1"), ana.document("notes/2")]))) == 2
    assert spent().lookups == 1, "once for each request"


def test_a_document_that_a_query_names_is_not_looked_up(acting: Callable[..., Any], spent: Callable[[], Usage]) -> None:
    ana = acting("ana")
    ana.document("notes/1").set({"n": 1})
    spent()
    named = ana.collection("notes").where(filter=FieldFilter("__name__", "==", ana.document("notes/1")))
    assert len(named.get()) == 1
    assert spent() == Usage(reads=2, lookups=1)


def test_only_what_had_to_be_looked_up_is_charged(acting: Callable[..., Any], spent: Callable[[], Usage]) -> None:
    acting("ana").document("either/1").get()
    assert spent() == Usage(reads=2, lookups=1)


def test_a_denial_costs_what_rules_have_looked_up(acting: Callable[..., Any], spent: Callable[[], Usage]) -> None:
    with pytest.raises(PermissionDenied):
        acting("bob").document("notes/1").get()
    assert spent() == Usage(reads=1, lookups=1)
    refusals: tuple[Callable[[], Any], ...] = (
        lambda: acting("ana").document("shut/1").get(),
        lambda: acting("ana").document("shut/1").set({}),
        lambda: acting("ana").collection("shut").get(),
    )
    for refused in refusals:
        with pytest.raises(PermissionDenied):
            refused()
    assert spent() == Usage()


def test_denied_requests_send_no_bytes_that_count(engine: Engine, acting: Callable[..., Any]) -> None:
    with pytest.raises(PermissionDenied):
        acting("bob").document("notes/1").get()
    assert Usage.of_json(reading(engine, PROJECT)["usage"]).egress == 0


def test_waiting_for_others_is_not_charged_again(
    acting: Callable[..., Any], owner: Any, spent: Callable[[], Usage]
) -> None:
    """The write is tried again and again; its rules are charged once, and then it is not done."""
    acting("ana").document("notes/1").set({"n": 1})
    holding = owner.transaction()
    holding._begin()
    owner.document("notes/1").get(transaction=holding)
    spent()
    with pytest.raises(Aborted):
        acting("ana").document("notes/1").set({"n": 2}, retry=None)
    assert spent() == Usage(reads=1, lookups=1)
    holding._rollback()
