"""Rules are not filters: a list that is allowed returns nothing its reader may not get one by one.

Tried with every pair of plausible filters on a collection that holds every kind of event.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest
from google.api_core.exceptions import PermissionDenied
from google.cloud.firestore import Client, FieldFilter

from firewarden.testing import Database, EmulatorControl, Engine, start_firestore

_NOW = datetime.now(UTC)
_OVER, _RUNNING = _NOW - timedelta(days=1), _NOW + timedelta(days=1)
_ABSENT = object()
_VARIANTS: dict[str, tuple[Any, ...]] = {
    "published": (True, False, _ABSENT),
    "visibility": ("public", "members", "private"),
    "public": (True, _ABSENT),
    "invitedUsers": (["cleo"], _ABSENT),
    "lastEndAt": (_OVER, _RUNNING),
}
_ACTORS: dict[str, Mapping[str, str] | None] = {
    "guest": None,
    "ben": {"role": "member"},
    "cleo": {"role": "member"},
    "olga": {"role": "member"},
}
_FILTERS = (
    ("published", "==", True),
    ("published", "!=", False),
    ("published", "in", [True, False]),
    ("visibility", "==", "public"),
    ("visibility", "in", ["public", "members"]),
    ("visibility", "!=", "private"),
    ("public", "==", True),
    ("invitedUsers", "array_contains", "cleo"),
    ("lastEndAt", "<", _NOW),
    ("lastEndAt", "<", _NOW + timedelta(days=2)),
    ("lastEndAt", ">", _OVER - timedelta(days=1)),
    ("createdBy", "==", "ben"),
    ("createdBy", "in", ["ben", "ana"]),
    ("organizationId", "==", "acme"),
)
# Firestore takes one != a query.
_PAIRS = [pair for pair in combinations(_FILTERS, 2) if [op for _, op, _ in pair] != ["!=", "!="]]
_PROBES = [(), *((each,) for each in _FILTERS), *_PAIRS]


def _zoo() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every combination of what decides, some by ben, some of the organization."""
    for number, values in enumerate(product(*_VARIANTS.values())):
        event = {name: value for name, value in zip(_VARIANTS, values, strict=True) if value is not _ABSENT}
        owner = {"createdBy": "ben"} if number % 5 == 0 else {"createdBy": "ana", "organizationId": "acme"}
        yield f"e{number}", {"title": "Club", "startAt": _OVER - timedelta(days=9), **event, **owner}


@pytest.fixture
def unindexed(firestore_engine: Engine, firestore_rules: Path, firestore_project: str) -> Iterator[Database]:
    """On a server that runs what has no index: no missing index may stand between a list and the rules."""
    with (
        start_firestore(engine=firestore_engine, rules=firestore_rules) as running,
        EmulatorControl(running.host) as control,
        Database(host=running.host, project=firestore_project, control=control) as database,
    ):
        yield database


@pytest.mark.emulator
def test_an_allowed_list_returns_only_what_one_may_get(unindexed: Database) -> None:
    _fill(unindexed)
    zoo = [event_id for event_id, _ in _zoo()]
    for actor, claims in _ACTORS.items():
        client = unindexed.as_guest() if claims is None else unindexed.as_identity(actor, claims)
        readable = {event_id for event_id in zoo if _may_get(client, event_id)}
        returned = [(probe, _listed(client, probe)) for probe in _PROBES]
        leaks = [(probe, sorted(found - readable)) for probe, found in returned if not found <= readable]
        assert leaks == [], f"{actor} is shown too much"
        assert any(found for _, found in returned), f"{actor} may list nothing at all: nothing was tried"


def _fill(database: Database) -> None:
    owner = database.as_owner()
    batch = owner.batch()
    batch.set(owner.document("organizations/acme/members/olga"), {"role": "organizer"})
    for event_id, event in _zoo():
        batch.set(owner.document(f"events/{event_id}"), event)
    batch.commit()


def _may_get(client: Client, event_id: str) -> bool:
    try:
        client.document(f"events/{event_id}").get()
    except PermissionDenied:
        return False
    return True


def _listed(client: Client, probe: tuple[tuple[str, str, Any], ...]) -> set[str]:
    query: Any = client.collection("events")
    for field, op, value in probe:
        query = query.where(filter=FieldFilter(field, op, value))
    try:
        return {found.id for found in query.get()}
    except PermissionDenied:
        return set()
