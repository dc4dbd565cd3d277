"""What an action costs: how it is done, what it comes to at the least and why, and what it costs beyond that.

The floor is a list of documents, by what they are. It is derived from the data model and the laws it serves, not from
the code: whatever the code does, a decision about seats must read the event, the RSVP as it is now and its ledger
entry, a document whose content has to change must be written, and a query costs a read even if it finds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient

from firewarden.firestore.billing.usage import Usage
from firewarden.testing import Database, Meter
from gather.runtime import Runtime
from tests.support.model_stripe import ModelStripe

Do = Callable[[], object]
Things = Mapping[str, int]
"""How many documents, by what they are."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What actions are done with."""

    firestore: Database
    http: FlaskClient
    runtime: Runtime
    stripe: ModelStripe
    headers: Callable[..., Mapping[str, str]] = field(repr=False)

    @property
    def owner(self) -> Any:
        """The functions' client."""
        return self.firestore.as_owner()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Documents read for the action itself, looked up by rules, written and deleted."""

    reads: Things = field(default_factory=dict)
    lookups: Things = field(default_factory=dict)
    writes: Things = field(default_factory=dict)
    deletes: Things = field(default_factory=dict)

    @property
    def usage(self) -> Usage:
        """As the meter counts: what rules look up are reads, too."""
        lookups = sum(self.lookups.values())
        return Usage(
            reads=sum(self.reads.values()) + lookups,
            lookups=lookups,
            writes=sum(self.writes.values()),
            deletes=sum(self.deletes.values()),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """`prepare` sets the stage, unmetered, and returns what is then done once while nobody else does anything.

    It costs the floor, and `beyond`, for the reason `because`.
    """

    name: str
    prepare: Callable[[Stage], Do]
    floor: Cost
    beyond: Cost = field(default_factory=Cost)
    because: str = ""

    @property
    def claimed(self) -> Usage:
        """What it costs in all."""
        return self.floor.usage + self.beyond.usage


@dataclass(frozen=True, slots=True)
class Chapter:
    """Actions of one kind."""

    title: str
    actions: tuple[Action, ...]


def measured(stage: Stage, meter: Meter, action: Action) -> Usage:
    """What it comes to, without what is no document: bytes and index entries."""
    stage.firestore.clear()
    do = action.prepare(stage)
    with meter.action(action.name) as measurement:
        do()
    usage = measurement.usage
    return usage - Usage(egress=usage.egress, index_entries=usage.index_entries)
