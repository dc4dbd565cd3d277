"""Which plan serves a query here, and what is noted of the indexes that it needs."""

from __future__ import annotations

from firewarden.firestore.query.model import Query
from firewarden.firestore.query.planner import plan
from firewarden.firestore.query.plans import Plan
from firewarden.server.database import ServedDatabase


def planned(database: ServedDatabase, query: Query) -> Plan:
    """The plan; a query whose index is not defined fails, or is noted, as the server was told."""
    made = plan(query, database.available, mode=database.options.indexes.value)
    database.note_usage(query)
    return made
