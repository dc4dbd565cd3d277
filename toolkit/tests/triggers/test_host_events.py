"""Real events: the sample's functions behind the local Firestore, and behind Google's emulator."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

import firebase_admin
import pytest
from google.cloud.firestore import Client

from firewarden.errors import EventsUndelivered, FirestoreUnreachable, NotSettled
from firewarden.server.engine import Engine
from firewarden.server.events import telling
from firewarden.server.serving import Server
from firewarden.store import Store
from firewarden.testing import EmulatorControl, firestore_as_owner, start_emulator
from firewarden.triggers import FunctionsHost, Manifest, Outcome, RetryPolicy, listen, repeated
from firewarden.triggers.sending import Sender
from toolkit.tests.waiting import until

PROJECT = "demo-sample"
SOON = RetryPolicy(first_delay_s=0.05, max_delay_s=0.2, window_s=20)


@pytest.fixture(scope="module", params=["ours", pytest.param("official", marks=pytest.mark.emulator)])
def emulator(
    request: pytest.FixtureRequest, environment: pytest.MonkeyPatch
) -> Iterator[tuple[EmulatorControl, tuple[str, int]]]:
    """A Firestore, and the address that it sends events to."""
    with listen("127.0.0.1", 0) as reserved:
        address = reserved.getsockname()
    if request.param == "official":
        request.getfixturevalue("installed_emulator")
    start = local_firestore if request.param == "ours" else official_firestore
    with start(f"{address[0]}:{address[1]}") as host, EmulatorControl(host) as control:
        environment.setenv("FIRESTORE_EMULATOR_HOST", host)
        yield control, address


@contextmanager
def official_firestore(functions: str) -> Iterator[str]:
    with start_emulator(functions_emulator=functions) as running:
        yield running.host


@contextmanager
def local_firestore(functions: str) -> Iterator[str]:
    sender = Sender(functions)
    engine = Engine(Store())
    engine.on_commit.append(telling(sender.changed))
    with Server(engine, events=sender) as server:
        yield server.address
    sender.stop()
    engine.close()


@pytest.fixture
def db(emulator: tuple[EmulatorControl, tuple[str, int]]) -> Iterator[Client]:
    client = firestore_as_owner(project=PROJECT, host=emulator[0].host)
    yield client
    client.close()


@pytest.fixture
def wired(emulator: tuple[EmulatorControl, tuple[str, int]], manifest: Manifest) -> Iterator[FunctionsHost]:
    """The sample on an empty database, failures retried soon."""
    control, address = emulator
    with FunctionsHost(manifest, project=PROJECT, address=address, retry=SOON) as host:
        host.register(control)
        with host.ignoring():
            control.clear(PROJECT)
        yield host


def notes(db: Client) -> Counter[str]:
    texts = [snapshot.get("text") for snapshot in db.collection("notes").stream()]
    return Counter("by somebody" if each in ("by unknown", "by service_account") else each for each in texts)


def test_every_change_reaches_the_functions_that_asked_for_it(wired: FunctionsHost, db: Client) -> None:
    """Also with a document id that is not ASCII, which the emulator sends as it is."""
    document = db.document("users/Zoë b")
    document.set({"n": 1})
    document.update({"n": 2})
    document.delete()
    wired.settle()
    assert notes(db) == {
        "created {'n': 1}": 1,
        "updated 1 to 2": 1,
        "deleted {'n': 2}": 1,
        "written False True": 1,
        "written True True": 1,
        "written True False": 1,
        "by somebody": 3,
    }
    assert {snapshot.get("uid") for snapshot in db.collection("notes").stream()} == {"Zoë b"}


def test_an_empty_document_is_not_an_absent_one(wired: FunctionsHost, db: Client) -> None:
    db.document("users/ana").set({})
    wired.settle()
    assert notes(db) == {"created {}": 1, "written False True": 1, "by somebody": 1}


def test_settling_follows_functions_that_write_for_others(wired: FunctionsHost, db: Client) -> None:
    """Each of five functions writes the document that starts the next."""
    db.document("chains/1").set({})
    wired.settle()
    assert sorted(snapshot.id for snapshot in db.collection("chains").stream()) == ["1", "2", "3", "4", "5"]


def test_a_burst_is_settled_to_the_last_event(wired: FunctionsHost, db: Client) -> None:
    """Events are sent one after the other, so the last ones come long after the commit."""
    batch = db.batch()
    for n in range(100):
        batch.create(db.document(f"fragile/f{n}"), {})
    batch.commit()
    wired.settle()
    assert Counter(delivery.document for delivery in wired.deliveries) == {f"fragile/f{n}": 1 for n in range(100)}


def test_a_failure_is_retried_where_the_function_declares_it(wired: FunctionsHost, db: Client) -> None:
    db.document("flaky/a").set({"failures": 2})
    db.document("fragile/a").set({})
    wired.settle()
    outcomes = {
        name: [delivery.outcome for delivery in wired.deliveries if delivery.function == name]
        for name in ("flaky", "fragile")
    }
    assert outcomes == {
        "flaky": [Outcome.RETRY, Outcome.RETRY, Outcome.OK],
        "fragile": [Outcome.DROPPED],
    }


def test_settling_says_what_is_outstanding(wired: FunctionsHost, db: Client) -> None:
    db.document("flaky/a").set({"failures": 1000})
    with pytest.raises(NotSettled, match=r"flaky for flaky/a, attempt \d"):
        wired.settle(1.5)


@pytest.mark.parametrize("seed", [1, 2])
def test_deliveries_can_be_doubled_and_shuffled_by_seed(
    emulator: tuple[EmulatorControl, tuple[str, int]], manifest: Manifest, db: Client, seed: int
) -> None:
    control, address = emulator
    plan, rng = repeated(copies=2, within_s=0.3), Random(seed)
    with FunctionsHost(manifest, project=PROJECT, address=address, plan=plan, rng=rng) as host:
        host.register(control)
        with host.ignoring():
            control.clear(PROJECT)
        for n in range(12):
            db.document(f"fragile/{n:02}").set({})
        host.settle()
    seen = [delivery.document for delivery in host.deliveries]
    assert Counter(seen) == {f"fragile/{n:02}": 2 for n in range(12)}
    assert seen != sorted(seen), f"seed {seed} shuffled nothing"


def test_first_events_may_come_at_once(wired: FunctionsHost, db: Client) -> None:
    """firebase-functions makes the default app on the first event, and two at once would make it twice."""
    with pytest.raises(ValueError, match="does not exist"):
        firebase_admin.get_app()
    batch = db.batch()
    for n in range(8):
        batch.create(db.document(f"users/u{n}"), {"n": n})
    batch.commit()
    wired.settle()
    assert {delivery.outcome for delivery in wired.deliveries} == {Outcome.OK}


def test_what_is_committed_while_ignoring_starts_nothing(
    wired: FunctionsHost, db: Client, emulator: tuple[EmulatorControl, tuple[str, int]]
) -> None:
    """Clearing a database has Google's emulator send a deletion for every document."""
    for n in range(5):
        db.document(f"users/u{n}").set({"n": n})
    wired.settle()
    with wired.ignoring():
        emulator[0].clear(PROJECT)
    wired.settle()
    assert (wired.deliveries, notes(db)) == ((), {})


def test_a_stopped_host_leaves_no_threads_and_no_app_behind(
    emulator: tuple[EmulatorControl, tuple[str, int]], manifest: Manifest, db: Client
) -> None:
    control, address = emulator
    before = {thread.name for thread in threading.enumerate()}
    with FunctionsHost(manifest, project=PROJECT, address=address) as host:
        host.register(control)
        db.document("users/ana").set({})
        host.settle()

    def left() -> set[str]:
        return {each.name for each in threading.enumerate() if each.name.startswith(("delivery", "functions"))} - before

    until(lambda: not left())
    with pytest.raises(ValueError, match="does not exist"):
        firebase_admin.get_app()


def test_an_emulator_that_sends_events_elsewhere_is_found_out(
    emulator: tuple[EmulatorControl, tuple[str, int]], manifest: Manifest
) -> None:
    control, _ = emulator
    with (
        FunctionsHost(manifest, project=PROJECT) as host,
        pytest.raises(EventsUndelivered, match=f"sent no event to {host.address} within 1 s") as caught,
    ):
        host.register(control, prove_s=1)
    assert f"--functions_emulator={host_address(caught.value)}" in caught.value.hint


def host_address(error: EventsUndelivered) -> str:
    return error.message.split("sent no event to ")[1].split(" ")[0]


def test_something_else_than_a_firestore_is_found_out(manifest: Manifest) -> None:
    """A host of functions, say, answers HTTP too."""

    class Accepts:
        host = ""

        def register_trigger(self, project: str, key: str, **_: str) -> None:
            """Takes everything, as any emulator does."""

    with FunctionsHost(manifest, project=PROJECT) as host:
        registry = Accepts()
        registry.host = host.address
        with pytest.raises(FirestoreUnreachable, match="does not answer as one"):
            host.register(registry)
