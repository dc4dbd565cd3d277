"""Papers in Firestore: there with the payment or not at all, numbered without gaps, once however often asked for."""

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any, TypeVar

import pytest

from gather.receipts.sale import Refunded, Sale
from gather.receipts.store import Issued, Papers, contended_by_papers, open_papers, write_papers
from gather.runtime import Runtime
from gather.transactions import Contended, ContentionError, Transact, run_transaction
from tests.support.sales import ORGANIZATION, PAID_AT, refunded, sale
from tests.support.unprotected import Unprotected

T = TypeVar("T")
pytestmark = pytest.mark.emulator


@pytest.fixture
def client(gather_runtime: Runtime) -> Any:
    client = gather_runtime.firestore
    client.document("organizations/acme").set(ORGANIZATION)
    return client


def issue(
    client: Any, sold: Sale | None, back: Iterable[Refunded] = (), *, at: datetime = PAID_AT, payment_id: str = ""
) -> Issued:
    def body(transaction: Any) -> Issued:
        papers = opened(transaction, client, sold, payment_id, at)
        return write_papers(transaction, client, papers, sold, back)

    issued: Issued = run_transaction(client, body)
    return issued


def opened(transaction: Any, client: Any, sold: Sale | None, payment_id: str, at: datetime) -> Papers:
    name = payment_id if sold is None else sold.payment_id
    organization_id = "acme" if sold is None else sold.organization_id
    return open_papers(transaction, client, payment_id=name, organization_id=organization_id, at=at)


def stored(client: Any, collection: str) -> dict[str, dict[str, Any]]:
    return {found.id: found.to_dict() for found in client.collection(collection).stream()}


def test_generate_receipt_success(client: Any) -> None:
    issued = issue(client, sale())
    receipt = client.document("receipts/RCP-2026-0507-A1B2C3D4").get().to_dict()
    assert issued == Issued(receipt_number="RCP-2026-0507-A1B2C3D4", invoice_id="acme-2026-1", credit_notes={})
    assert receipt["paymentId"] == "a1b2c3d4e5f6g7h8i9j0"
    assert (receipt["amountCents"], receipt["currency"], receipt["uid"]) == (11_900, "EUR", "ana")
    assert (receipt["eventId"], receipt["invoiceId"]) == ("concert", "acme-2026-1")
    assert receipt["seller"]["name"] == "Acme Events GmbH"


def test_an_invoice_takes_the_vat_out_of_the_price(client: Any) -> None:
    issue(client, sale())
    invoice = client.document("invoices/acme-2026-1").get().to_dict()
    assert (invoice["kind"], invoice["number"], invoice["year"]) == ("invoice", 1, 2026)
    assert (invoice["netCents"], invoice["vatCents"], invoice["grossCents"]) == (10_000, 1_900, 11_900)
    assert invoice["seller"]["vatId"] == "DE123456789"


def test_issuing_again_writes_nothing(client: Any) -> None:
    first = issue(client, sale())
    assert issue(client, sale(), at=PAID_AT + timedelta(days=400)) == first
    assert list(stored(client, "receipts")) == ["RCP-2026-0507-A1B2C3D4"]
    assert list(stored(client, "invoices")) == ["acme-2026-1"]
    assert client.document("invoice_counters/acme-2026").get().to_dict()["last"] == 1


def test_two_payments_that_begin_alike_have_different_receipts(client: Any) -> None:
    issue(client, sale("a1b2c3d4e5f6g7h8i9j0"))
    issued = issue(client, sale("A1B2C3D4ZZZZZZZZ0000"))
    assert issued.receipt_number == "RCP-2026-0507-ZZZZZZZZ"
    assert len(stored(client, "receipts")) == 2


def test_without_an_organization_there_is_a_receipt_and_no_invoice(client: Any) -> None:
    issued = issue(client, sale(organization_id=None))
    assert issued.receipt_number is not None
    assert issued.invoice_id is None
    assert stored(client, "invoices") == {}


def test_a_refund_is_a_credit_note_of_the_same_series(client: Any) -> None:
    issue(client, sale())
    for _ in range(2):
        issued = issue(client, None, [refunded("re1", 5_950)], payment_id=sale().payment_id)
        assert issued.credit_notes == {"re1": "acme-2026-2"}
    note = client.document("invoices/acme-2026-2").get().to_dict()
    assert (note["kind"], note["refersTo"], note["refundId"]) == ("credit_note", "acme-2026-1", "re1")
    assert (note["netCents"], note["vatCents"], note["grossCents"]) == (5_000, 950, 5_950)
    assert len(stored(client, "invoices")) == 2


def test_a_credit_note_of_another_year_has_that_year_s_number(client: Any) -> None:
    issue(client, sale())
    later = datetime(2027, 1, 1, tzinfo=UTC)
    issued = issue(client, sale(), [refunded("re1", 11_900)], at=later)
    assert issued.credit_notes == {"re1": "acme-2027-1"}


def test_a_refund_that_came_back_is_a_debit_note(client: Any) -> None:
    issue(client, sale(), [refunded("re1", 5_950)])
    for _ in range(2):
        issue(client, sale(), [])
    notes = stored(client, "invoices")
    assert [notes[f"acme-2026-{n}"]["kind"] for n in (1, 2, 3)] == ["invoice", "credit_note", "debit_note"]
    assert len(notes) == 3


@pytest.mark.parametrize("damage", [None, {"last": "seven"}, {"last": -1}, {"last": True}])
def test_a_counter_that_is_lost_or_damaged_is_found_again(client: Any, damage: dict[str, Any] | None) -> None:
    for name in ("aaaaaaaa1", "bbbbbbbb1"):
        issue(client, sale(name))
    counter = client.document("invoice_counters/acme-2026")
    counter.delete() if damage is None else counter.set(damage)
    assert issue(client, sale("cccccccc1")).invoice_id == "acme-2026-3"
    assert counter.get().to_dict()["last"] == 3


class CrashError(Exception):
    """The process ends inside the transaction."""


NAMES = [f"{n:08}payment" for n in range(12)]


def storm(
    client: Any, *, seed: int, transact: Transact = run_transaction, names: Sequence[str] = NAMES
) -> dict[str, dict[str, Any]]:
    """Every payment is fulfilled at once, as webhooks do: again until it is through, and once more. The papers then."""
    rng = Random(seed)
    crashes = {name: rng.randrange(3) for name in names}

    def deliver(name: str) -> None:
        done = 0
        while done < 2:
            try:
                transact(client, partial(crash_or_issue, name=name), contend_on=contended_by_papers("acme"))
                done += 1
            except (CrashError, ContentionError):
                continue

    def crash_or_issue(transaction: Any, *, name: str) -> None:
        papers = opened(transaction, client, sale(name), "", PAID_AT)
        write_papers(transaction, client, papers, sale(name), [refunded(f"re-{name}", 1)])
        if crashes[name] > 0:
            crashes[name] -= 1
            raise CrashError

    threads = [threading.Thread(target=deliver, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return stored(client, "invoices")


@pytest.mark.parametrize("seed", range(3))
def test_concurrent_and_crashing_issues_leave_no_gap_and_no_duplicate(client: Any, seed: int) -> None:
    invoices = storm(client, seed=seed)
    assert sorted(paper["number"] for paper in invoices.values()) == list(range(1, 25))
    assert all(name == f"acme-2026-{paper['number']}" for name, paper in invoices.items())
    assert sorted(paper["paymentId"] for paper in invoices.values()) == sorted([*NAMES, *NAMES])
    assert len(stored(client, "receipts")) == 12


def test_without_the_queue_the_transaction_alone_leaves_no_gap_and_no_duplicate(client: Any) -> None:
    """As in several processes. Few at once: on Google's emulator a crowd that does not queue up gets nowhere."""
    names = NAMES[:3]
    invoices = storm(client, seed=0, transact=_unqueued, names=names)
    assert sorted(paper["number"] for paper in invoices.values()) == list(range(1, 7))
    assert sorted(paper["paymentId"] for paper in invoices.values()) == sorted([*names, *names])
    assert len(stored(client, "receipts")) == 3


def _unqueued(client: Any, body: Callable[[Any], T], *, contend_on: Contended = None) -> T:
    return run_transaction(client, body)


def test_without_the_transaction_numbers_are_given_twice(client: Any) -> None:
    """The negative control: the same storm, isolated by nothing, and papers set where they must be created."""
    assert len(storm(client, seed=0, transact=_run_carelessly)) < 24


class _Careless(Unprotected):
    def create(self, reference: Any, document: dict[str, Any]) -> None:
        self.set(reference, document)


def _run_carelessly(client: Any, body: Callable[[Any], T], *, contend_on: Contended = None) -> T:
    transaction = _Careless(client)
    result = body(transaction)
    transaction.finish()
    return result
