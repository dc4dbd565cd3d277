"""Which plan serves a query here, and what is noted of the indexes that it needs."""

from __future__ import annotations

from firewarden.firestore.query.model import Query
from firewarden.firestore.query.planner import MissingIndex, plan
from firewarden.firestore.query.plans import Plan
from firewarden.firestore.query.validate import check_key
from firewarden.firestore.query.vector_indexes import MissingVectorIndex, missing_vector_indexes
from firewarden.firestore.status import StatusError
from firewarden.server.database import ServedDatabase
from firewarden.server.options import IndexMode


def planned(database: ServedDatabase, query: Query) -> Plan:
    """The plan; a query whose index is not defined fails, or is told of, as the server was told."""
    check_key(query)
    made = plan(query, database.available)
    problem: StatusError | None = None
    if query.nearest is not None:
        if missing := missing_vector_indexes(query, database.available):
            problem = MissingVectorIndex(missing[0], database.name)
    else:
        database.note_usage(made.needs)
        if made.missing:
            problem = MissingIndex(made.missing)
    if problem is not None and database.options.indexes is IndexMode.ENFORCE:
        raise problem
    if problem is not None and database.options.indexes is IndexMode.WARN:
        database.warn_once(problem.message)
    return made
