"""Test security rules in process: given documents, as a user, a request; no server and no Google library.

    rules = rules_from("firestore.rules")
    rules.given({"users/ana": {}}).as_user("ana").create("events/e1", {"title": "Picnic"}).assert_allowed()

Everything is a value: nothing that is asked changes the documents. Where an allowed write leads is its `after`.
"""

from firewarden.indexes.notation.values import GeoPoint, Increment, Reference
from firewarden.testing.rules.actor import Actor
from firewarden.testing.rules.attempt import Attempt
from firewarden.testing.rules.prepare import Prepared, prepare
from firewarden.testing.rules.query import And, FieldFilter, Or, QueryBuilder
from firewarden.testing.rules.values import (
    DELETE_FIELD,
    SERVER_TIMESTAMP,
    ArrayRemove,
    ArrayUnion,
    Maximum,
    Minimum,
)
from firewarden.testing.rules.world import World, rules_from
from firewarden.testing.rules.writing import Batch, Transaction

__all__ = [
    "DELETE_FIELD",
    "SERVER_TIMESTAMP",
    "Actor",
    "And",
    "ArrayRemove",
    "ArrayUnion",
    "Attempt",
    "Batch",
    "FieldFilter",
    "GeoPoint",
    "Increment",
    "Maximum",
    "Minimum",
    "Or",
    "Prepared",
    "QueryBuilder",
    "Reference",
    "Transaction",
    "World",
    "prepare",
    "rules_from",
]
