"""Values, sentinels and queries of google-cloud-firestore mean what they mean to a server."""

from datetime import UTC, datetime
from typing import Any

import pytest
from google.api_core.datetime_helpers import DatetimeWithNanoseconds
from google.cloud import firestore
from google.cloud.firestore_v1.vector import Vector

from firewarden.rules import Both, Either, Filter, Query
from firewarden.testing import firestore_as_owner
from firewarden.testing.rules import World
from firewarden.testing.rules.query import query_of
from firewarden.testing.rules.values import engine_value
from firewarden.values import LatLng, Path, Timestamp
from firewarden.values import Vector as RulesVector

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
CLIENT = firestore_as_owner(project="demo-values", host="127.0.0.1:1")
NANOS = DatetimeWithNanoseconds.from_rfc3339("2026-05-01T12:00:00.000001001Z")  # type: ignore[no-untyped-call]
EVENTS = CLIENT.collection("events")


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        (firestore.GeoPoint(1.5, 2), LatLng(1.5, 2.0)),
        (CLIENT.document("users/ana"), Path(("databases", "(default)", "documents", "users", "ana"))),
        (Vector([1.0, 2.0]), RulesVector((1.0, 2.0))),
        (NANOS, Timestamp(1_777_636_800_000_001_001)),
        ({"a": [NOW, None]}, {"a": [Timestamp.of(NOW), None]}),
    ],
)
def test_values(value: Any, meant: Any) -> None:
    assert engine_value(value, NOW) == meant


def test_sentinels(notes: World) -> None:
    fields = {
        "edits": firestore.Increment(4),
        "tags": firestore.ArrayUnion(["z"]),
        "text": firestore.DELETE_FIELD,
        "meta.at": firestore.SERVER_TIMESTAMP,
    }
    note = notes.as_user("ana").update("notes/n1", fields).assert_allowed().documents["notes", "n1"]
    assert (note["edits"], note["tags"], note["meta"]["at"]) == (5, ["a", "z"], Timestamp.of(notes.now))
    assert "text" not in note


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        (EVENTS, Query(collection="events")),
        (
            EVENTS.where(filter=firestore.FieldFilter("kind", "==", "public")).limit(20),
            Query(collection="events", where=Filter(field="kind", operator="==", value="public"), limit=20),
        ),
        (
            EVENTS.document("e1").collection("rsvps").order_by("at", direction=firestore.Query.DESCENDING),
            Query(parent=("events", "e1"), collection="rsvps", order_by=(("at", "DESC"),)),
        ),
        (CLIENT.collection_group("rsvps"), Query(collection="rsvps", all_descendants=True)),
        (
            EVENTS.where(
                filter=firestore.Or([firestore.FieldFilter("a", "in", [1, 2]), firestore.FieldFilter("b", "<", 3)])
            ),
            Query(
                collection="events",
                where=Either(
                    filters=(
                        Filter(field="a", operator="in", value=[1, 2]),
                        Filter(field="b", operator="<", value=3),
                    )
                ),
            ),
        ),
        (
            EVENTS.where(filter=firestore.FieldFilter("a", "==", None)).where(
                filter=firestore.FieldFilter("b", "array_contains", "x")
            ),
            Query(
                collection="events",
                where=Both(
                    filters=(
                        Filter(field="a", operator="is-null"),
                        Filter(field="b", operator="array-contains", value="x"),
                    )
                ),
            ),
        ),
    ],
)
def test_queries(query: Any, meant: Query) -> None:
    assert query_of(query, NOW) == meant
