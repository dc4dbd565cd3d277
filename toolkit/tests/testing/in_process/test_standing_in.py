"""Stock clients of the process, led to a database in it; and a database that begins anew."""

import os
from collections.abc import Iterator
from pathlib import Path

import firebase_admin
import pytest
from firebase_admin import firestore as admin
from google.api_core.exceptions import FailedPrecondition, PermissionDenied
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter

from firewarden import Firestore
from firewarden.testing import VirtualClock
from toolkit.tests.testing.in_process.conftest import RULES


@pytest.fixture
def other() -> Iterator[Firestore]:
    with Firestore(project="demo-other") as found:
        yield found


def test_a_stock_client_is_the_owners_and_needs_no_port(db: Firestore) -> None:
    with db.standing_in():
        client = firestore.Client()
        client.document("notes/n1").set({"owner": "nobody"})
        assert client.project == db.project
    assert db.stored("notes/n1") == {"owner": "nobody"}


def test_firebase_admin_needs_no_credentials(db: Firestore) -> None:
    with db.standing_in():
        app = firebase_admin.initialize_app(name="standing-in")
        try:
            admin.client(app).document("notes/n1").set({"n": 1})
        finally:
            firebase_admin.delete_app(app)
    assert db.stored("notes/n1") == {"n": 1}


def test_a_client_that_a_module_has_opened_once_serves_one_database_after_the_other(
    db: Firestore, other: Firestore
) -> None:
    with db.standing_in():
        client = firestore.Client(project="demo-any")
        client.document("notes/n1").set({"n": 1})
        with other.standing_in():
            assert not client.document("notes/n1").get().exists
        assert client.document("notes/n1").get().exists
    with pytest.raises(ValueError, match="closed"):
        client.document("notes/n1").get()


def test_the_environment_is_as_before(db: Firestore) -> None:
    before = dict(os.environ)
    with db.standing_in():
        assert os.environ != before
    assert dict(os.environ) == before


def test_a_listener_of_a_stock_client_gets_its_port(db: Firestore) -> None:
    """Only what needs a stream goes there."""
    with db.standing_in():
        client = firestore.Client()
        client.document("notes/n1").set({"n": 1})
        assert [each.id for each in client.collections()] == ["notes"]
        writer = client.bulk_writer()
        writer.set(client.document("notes/n2"), {"n": 2})
        writer.close()  # type: ignore[no-untyped-call]  # the client library publishes no type of it
        assert sorted(db.stored_in("notes")) == ["n1", "n2"]


# --- A database that begins anew -----------------------------------------------------------------------------------


def test_nothing_is_left_but_rules_indexes_and_clients(tmp_path: Path) -> None:
    indexes = tmp_path / "firestore.indexes.json"
    indexes.write_text('{"indexes": []}')
    with Firestore(rules=RULES, indexes=indexes, clock=VirtualClock()) as db:
        assert db.clock is not None
        start = db.clock.now()
        ana = db.as_user("ana")
        ana.document("notes/n1").set({"owner": "ana"})
        transaction = db.as_owner().transaction()
        transaction._begin()
        db.as_owner().document("notes/n1").get(transaction=transaction)
        db.clock.advance(hours=1)
        db.renew()
        assert db.clock.now() == start
        assert ana.document("notes/n1").set({"owner": "ana"}).update_time == start
        with pytest.raises(PermissionDenied):
            ana.document("notes/n2").set({"owner": "ben"})
        with pytest.raises(FailedPrecondition, match="index"):
            list(db.as_owner().collection("notes").where(filter=FieldFilter("a", "==", 1)).order_by("b").stream())


def test_what_others_see_or_keep_does_not_begin_anew(tmp_path: Path) -> None:
    with Firestore(data=tmp_path) as kept, pytest.raises(RuntimeError, match="in memory"):
        kept.renew()
    with Firestore() as served:
        served.serve()
        with pytest.raises(RuntimeError, match="no port"):
            served.renew()


def test_stored_values_are_pythons_own(db: Firestore) -> None:
    owner = db.as_owner()
    owner.document("notes/n1").set({"at": firestore.SERVER_TIMESTAMP, "list": [1], "map": {"a": None}})
    owner.document("notes/n2").set({"to": owner.document("notes/n1")})
    assert db.stored("notes/n1") == owner.document("notes/n1").get().to_dict()
    assert db.stored("notes/n2") == {"to": "notes/n1"}
    assert db.stored("notes/n3") is None
