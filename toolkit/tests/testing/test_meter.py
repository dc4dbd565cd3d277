"""The meter as tests use it: on the fixture's server, on a database in this process, and where there is none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import firewarden
from firewarden.errors import NotMetered
from firewarden.firestore.billing.usage import Usage
from firewarden.testing import Database, EmulatorControl, Engine, Meter, UnexpectedCost
from firewarden.testing.meter import ServerSource
from firewarden.testing.session import Server

RULES = """rules_version = '2';
service cloud.firestore { match /databases/{d}/documents {
  match /notes/{n} {
    allow read, write: if get(/databases/$(d)/documents/users/$(request.auth.uid)).data.ok;
  }
} }"""


@pytest.fixture
def local() -> Iterator[firewarden.Firestore]:
    with firewarden.Firestore(rules=RULES) as firestore:
        firestore.as_owner().document("users/ana").set({"ok": True})
        yield firestore


@pytest.fixture
def own(firestore_engine: Engine) -> None:
    """For tests of what only our own server has."""
    if firestore_engine is Engine.OFFICIAL:
        pytest.skip("Google's emulator is not metered")


def test_what_is_expected_passes(local: firewarden.Firestore) -> None:
    ana = local.as_user("ana")
    with local.meter.expect(reads=3, writes=1, deletes=0, lookups=2) as spent:
        ana.document("notes/1").set({"n": 1})
        ana.document("notes/1").get()
    assert spent.usage.reads == 3
    assert [each.method for each in spent.requests] == ["Commit", "BatchGetDocuments"]


def test_what_is_not_expected_is_listed(local: firewarden.Firestore) -> None:
    ana, meter = local.as_user("ana"), local.meter

    def too_much() -> None:
        ana.document("notes/1").set({"n": 1})
        with meter.action("list notes"):
            ana.collection("notes").limit(5).get()

    with pytest.raises(UnexpectedCost) as caught, meter.expect(reads=1, writes=1):
        too_much()
    assert str(caught.value) == (
        "expected 1 reads, 1 writes; it came to 3 reads, 1 writes\n"
        "  Commit by ana: 1 read (1 by rules), 1 write\n"
        "    wrote notes/1\n"
        "    looked up users/ana\n"
        "  RunQuery by ana [list notes]: 2 reads (1 by rules)\n"
        "    queried notes limit 5\n"
        "    looked up users/ana"
    )
    assert (caught.value.usage.reads, len(caught.value.requests)) == (3, 2)


def test_a_range_is_all_right_within(local: firewarden.Firestore) -> None:
    with local.meter.expect(reads=range(3)):
        local.as_owner().document("notes/1").get()
    too_few = pytest.raises(UnexpectedCost, match="expected 2 to 3 reads; it came to 1 reads")
    with too_few, local.meter.expect(reads=range(2, 4)):
        local.as_owner().document("notes/1").get()


def test_a_block_without_requests(local: firewarden.Firestore) -> None:
    nothing = pytest.raises(UnexpectedCost, match="it came to 0 reads\n  no request that costs anything")
    with nothing, local.meter.expect(reads=1):
        pass


def test_the_blocks_own_failure_comes_first(local: firewarden.Firestore) -> None:
    with pytest.raises(ZeroDivisionError), local.meter.expect(reads=100):
        raise ZeroDivisionError


def test_something_has_to_be_expected(local: firewarden.Firestore) -> None:
    with pytest.raises(TypeError, match="expect what"), local.meter.expect():
        pass


def test_many_requests_are_cut_short(local: firewarden.Firestore) -> None:
    owner = local.as_owner()
    with pytest.raises(UnexpectedCost, match=r"and 2 requests more$"), local.meter.expect(reads=0):
        assert [owner.document(f"notes/{n}").get() for n in range(42)]


def test_actions_are_told_apart(local: firewarden.Firestore) -> None:
    owner, meter = local.as_owner(), local.meter
    with meter.action("write") as writing:
        owner.document("notes/1").set({"n": 1})
    owner.document("notes/1").get()
    assert (writing.usage.writes, writing.usage.reads) == (1, 0)
    assert {name: (each.reads, each.writes) for name, each in meter.by_action.items()} == {"write": (0, 1), "": (1, 0)}
    assert meter.snapshot().reads == 1
    assert len(meter.requests) == 2


@pytest.mark.parametrize("name", ["", " ", "ü", "a\nb"])
def test_an_action_needs_a_name_that_can_be_sent(local: firewarden.Firestore, name: str) -> None:
    with pytest.raises(ValueError, match="cannot be sent"), local.meter.action(name):
        pass


@pytest.mark.emulator
def test_the_fixture(meter: Meter, firestore: Database) -> None:
    owner = firestore.as_owner()
    with meter.expect(reads=1, writes=1), meter.action("both"):
        owner.document("notes/1").set({"n": 1})
        owner.document("notes/1").get()
    assert meter.by_action["both"].reads == 1
    assert meter.snapshot() != Usage()


@pytest.mark.emulator
@pytest.mark.usefixtures("own")
def test_tests_are_metered_one_by_one(firestore: Database) -> None:
    firestore.as_owner().document("notes/1").set({"n": 1})
    meter = Meter(ServerSource(firestore.control, firestore.project))
    assert meter.snapshot() == Usage()
    assert meter.requests == ()


@pytest.mark.emulator
def test_googles_emulator_is_not_metered(official_firestore_server: Server) -> None:
    not_metered = pytest.raises(NotMetered, match="is not metered")
    with EmulatorControl(official_firestore_server.host) as control, not_metered:
        Meter(ServerSource(control, "demo-m"))
