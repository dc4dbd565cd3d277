"""200 parallel RSVPs on 50 seats, by clients and over HTTP at once, every trigger delivered twice and out of order.

The negative control runs the same crowd with the transaction switched off and must oversell: a test that cannot
tell the difference would prove nothing.
"""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

import httpx
import pytest
from google.cloud import firestore as sdk

from firewarden.testing import Database, unsigned_id_token
from firewarden.triggers import FunctionsHost, repeated
from gather.transactions import Transact, run_transaction
from tests.support.events import assert_books_balance, event_document, ledger
from tests.support.stack import running_functions
from tests.support.trying import TRIES, write_until_taken
from tests.support.unprotected import run_unprotected

pytestmark = [pytest.mark.emulator, pytest.mark.xdist_group("functions")]

SEATS = 50
ANSWERS: set[int] = {httpx.codes.OK, httpx.codes.NO_CONTENT, httpx.codes.CONFLICT}
EVENT = "festival"
SEEDS = range(1, 1 + int(os.environ.get("GATHER_SEEDS", "2")))


@dataclass(frozen=True, slots=True)
class Guest:
    """One of the crowd: which way they write, how many they are, and what they do after their first answer."""

    uid: str
    over_http: bool
    party_size: int
    second_thought: str  # stay, leave, or grow


def crowd(size: int, rng: Random) -> list[Guest]:
    return [
        Guest(
            uid=f"guest{number:03}",
            over_http=rng.random() < 0.5,
            party_size=rng.choice([1, 1, 1, 2, 3, 4]),
            second_thought=rng.choice(["stay", "stay", "stay", "leave", "grow"]),
        )
        for number in range(size)
    ]


Rush = Callable[..., AbstractContextManager[FunctionsHost]]


@pytest.fixture
def rush(firestore_functions: Database, firestore_functions_server: Any) -> Rush:
    """``with rush(size, seed=...) as host``: the crowd has come; its functions are still at work inside the block."""

    @contextmanager
    def run(
        size: int,
        *,
        seed: int,
        transact: Transact = run_transaction,
        seats: int = SEATS,
        answers: set[int] = ANSWERS,
        policy: str = "skip",
    ) -> Iterator[FunctionsHost]:
        with running_functions(
            firestore_functions,
            address=firestore_functions_server.functions_address,
            plan=repeated(copies=2, within_s=0.3),
            transact=transact,
            seed=seed,
            workers=16,
        ) as host:
            firestore_functions.as_owner().document("events", EVENT).set(
                event_document(maxAttendees=seats, isWaitlistEnabled=True, waitlistPolicy=policy)
            )
            act = actor(firestore_functions, host, answers)
            with ThreadPoolExecutor(size) as pool:  # nobody waits for somebody else to be answered
                list(pool.map(act, crowd(size, Random(seed))))
            yield host

    return run


def actor(database: Database, host: FunctionsHost, answers: set[int]) -> Callable[[Guest], None]:
    """What one of the crowd does, through a user-acting client or over HTTP."""
    http = httpx.Client(base_url=f"http://{host.address}", timeout=60, trust_env=False)

    def act(guest: Guest) -> None:
        writes = _http_writes(http, database, guest, answers) if guest.over_http else _direct_writes(database, guest)
        for write in writes:
            write()

    return act


def _http_writes(
    http: httpx.Client, database: Database, guest: Guest, answers: set[int]
) -> Iterator[Callable[[], Any]]:
    token = unsigned_id_token(guest.uid, {"role": "member"}, project=database.project)
    path, headers = f"/events/{EVENT}/rsvp", {"Authorization": f"Bearer {token}"}

    def send(method: str, body: Any = None) -> None:
        for _ in range(TRIES):
            response = http.request(method, path, json=body, headers=headers)
            if response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
            time.sleep(float(response.headers["Retry-After"]))
        assert response.status_code in answers, response.text

    yield lambda: send("PUT", {"status": "going", "partySize": guest.party_size})
    if guest.second_thought == "leave":
        yield lambda: send("DELETE")
    elif guest.second_thought == "grow":
        yield lambda: send("PUT", {"status": "going", "partySize": guest.party_size + 1})


def _direct_writes(database: Database, guest: Guest) -> Iterator[Callable[[], Any]]:
    client = database.as_user(guest.uid, role="member")
    rsvp = client.document("events", EVENT, "rsvps", guest.uid)
    entry = {"status": "going", "changedAt": datetime.now(UTC), "changedBy": guest.uid}
    first = {
        "status": "going",
        "statusHistory": [entry],
        "partySize": guest.party_size,
        "createdAt": sdk.SERVER_TIMESTAMP,
        "updatedAt": sdk.SERVER_TIMESTAMP,
    }
    yield lambda: write_until_taken(lambda: rsvp.set(first), is_taken=lambda: bool(rsvp.get().exists))
    if guest.second_thought == "leave":
        yield lambda: write_until_taken(rsvp.delete)
    elif guest.second_thought == "grow":
        grown = {"partySize": guest.party_size + 1, "updatedAt": sdk.SERVER_TIMESTAMP}
        yield lambda: write_until_taken(lambda: rsvp.update(grown))


@pytest.mark.parametrize("seed", SEEDS)
def test_200_parallel_rsvps_fill_50_seats_exactly(rush: Rush, firestore_functions: Database, seed: int) -> None:
    with rush(200, seed=seed) as host:
        host.settle(timeout_s=240)
    owner = firestore_functions.as_owner()
    seats = assert_books_balance(owner, EVENT)
    assert owner.document("events", EVENT).get().get("attendingCount") == SEATS
    _assert_every_rsvp_is_answered(owner, seats)


def test_under_strict_the_head_of_the_line_waits_only_for_seats(rush: Rush, firestore_functions: Database) -> None:
    with rush(60, seed=7, seats=25, policy="strict") as host:
        host.settle(timeout_s=240)
    owner = firestore_functions.as_owner()
    seats = assert_books_balance(owner, EVENT)
    _assert_every_rsvp_is_answered(owner, seats)
    line = sorted((seat["since"], uid) for uid, seat in seats.items() if seat["state"] == "waitlisted")
    free = 25 - owner.document("events", EVENT).get().get("attendingCount")
    assert line
    assert seats[line[0][1]]["seats"] > free


def _assert_every_rsvp_is_answered(owner: Any, seats: dict[str, dict[str, Any]]) -> None:
    rsvps = {found.id: found.to_dict() for found in owner.collection("events", EVENT, "rsvps").stream()}
    assert set(seats) <= set(rsvps), "a seat belongs to nobody"
    for uid, rsvp in rsvps.items():
        history = rsvp["statusHistory"]
        assert history[0]["changedBy"] == uid
        assert history[-1]["status"] == rsvp["status"]
        assert rsvp["seatState"] == seats[uid]["state"], f"{uid} is shown something else than the ledger says"
        assert (rsvp["status"] == "going") == (rsvp["seatState"] == "admitted")
        assert seats[uid]["seats"] == rsvp["partySize"] + rsvp.get("kids", 0)


def test_without_the_transaction_the_same_crowd_oversells(rush: Rush, firestore_functions: Database) -> None:
    """Negative control: the proof above is worth something only if it can fail.

    Without isolation even the end may never come (deliveries undo each other), so it is not waited for.
    """
    owner = firestore_functions.as_owner()
    with rush(80, seed=1, transact=run_unprotected, seats=20, answers={*ANSWERS, httpx.codes.INTERNAL_SERVER_ERROR}):
        give_up_at = time.monotonic() + 60
        while (taken := _seats_given(owner)) <= 20 and time.monotonic() < give_up_at:
            time.sleep(0.2)
    assert taken > 20


def _seats_given(owner: Any) -> int:
    return sum(seat["seats"] for seat in ledger(owner, EVENT).values() if seat["state"] == "admitted")
