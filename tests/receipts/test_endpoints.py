"""Papers over HTTP: for whoever paid, organizers and admins; for everybody else there are none."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from gather.receipts.sale import Sale
from gather.receipts.store import open_papers, write_papers
from gather.runtime import Runtime
from gather.transactions import run_transaction
from tests.conftest import SignIn
from tests.support.events import event_document
from tests.support.sales import ORGANIZATION, PAID_AT, refunded, sale

pytestmark = pytest.mark.emulator

BEFORE = PAID_AT - timedelta(days=30)
PAYMENT = sale().payment_id
RECEIPT = f"/payments/{PAYMENT}/receipt"


@pytest.fixture
def client(gather_runtime: Runtime) -> Any:
    client = gather_runtime.firestore
    client.document("organizations/acme").set(ORGANIZATION)
    client.document("organizations/acme/members/olga").set({"role": "organizer"})
    client.document("organizations/acme/members/mia").set({"role": "member"})
    client.document("events/concert").set(event_document(organizationId="acme", createdAt=BEFORE))
    issue(client, sale())
    return client


def issue(client: Any, sold: Sale) -> None:
    def body(transaction: Any) -> None:
        organization_id = sold.organization_id
        papers = open_papers(
            transaction, client, payment_id=sold.payment_id, organization_id=organization_id, at=PAID_AT
        )
        write_papers(transaction, client, papers, sold, [refunded("re1", 5_950)])

    run_transaction(client, body)


@pytest.mark.usefixtures("client")
def test_get_receipt_success(http: FlaskClient, signed_in: SignIn) -> None:
    answer = http.get(RECEIPT, headers=signed_in("ana"))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
    receipt = answer.get_json()["receipt"]
    assert (receipt["number"], receipt["amountCents"]) == ("RCP-2026-0507-A1B2C3D4", 11_900)
    assert receipt["paidAt"] == "2026-05-07T18:30:00+00:00"
    assert answer.get_json()["invoices"] == [
        {"id": "acme-2026-1", "kind": "invoice", "grossCents": 11_900, "refersTo": None},
        {"id": "acme-2026-2", "kind": "credit_note", "grossCents": 5_950, "refersTo": "acme-2026-1"},
    ]


@pytest.mark.usefixtures("client")
def test_get_receipt_not_found(http: FlaskClient, signed_in: SignIn) -> None:
    answer = http.get("/payments/nothing/receipt", headers=signed_in("ana"))
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (404, "not_found")


CALLERS = [
    ("ana", {}, 200),  # whoever paid needs no role
    ("root", {"role": "admin"}, 200),
    ("olga", {"role": "member"}, 200),  # organizes for the organization
    ("cleo", {"role": "member"}, 200),  # has created the event
    ("mia", {"role": "member"}, 404),
    ("ben", {"role": "member"}, 404),
    ("olga", {}, 404),
]


@pytest.mark.parametrize(
    ("uid", "claims", "status", "path"),
    [(*caller, "receipt") for caller in CALLERS]
    + [(*caller, path) for caller in CALLERS[3:5] for path in ("receipt.pdf", "invoice.pdf")],
)
@pytest.mark.usefixtures("client")
def test_who_may_read_papers(
    http: FlaskClient, signed_in: SignIn, uid: str, claims: dict[str, str], status: int, path: str
) -> None:
    answer = http.get(f"/payments/{PAYMENT}/{path}", headers=signed_in(uid, **claims))
    assert answer.status_code == (302 if status == 200 and path.endswith(".pdf") else status)


@pytest.mark.usefixtures("client")
def test_guests_are_asked_to_sign_in(http: FlaskClient) -> None:
    assert http.get(RECEIPT).status_code == 401


@pytest.mark.parametrize(("uid", "status"), [("olga", 200), ("cleo", 404), ("mia", 404), ("ana", 200)])
def test_organizers_of_the_organization_read_papers_of_an_event_that_is_gone(
    client: Any, http: FlaskClient, signed_in: SignIn, uid: str, status: int
) -> None:
    client.document("events/concert").delete()
    assert http.get(RECEIPT, headers=signed_in(uid, role="member")).status_code == status


@pytest.mark.parametrize("fields", [{"createdAt": BEFORE}, {"organizationId": "acme"}], ids=["other seller", "later"])
def test_who_creates_another_event_of_that_name_reads_nothing(
    client: Any, http: FlaskClient, signed_in: SignIn, fields: dict[str, Any]
) -> None:
    client.document("events/concert").set(event_document(createdBy="ben", **fields))
    assert http.get(RECEIPT, headers=signed_in("ben", role="member")).status_code == 404


def test_without_an_organization_the_creator_reads_and_other_members_do_not(
    client: Any, http: FlaskClient, signed_in: SignIn
) -> None:
    client.document("events/picnic").set(event_document(createdAt=BEFORE))
    issue(client, sale("zzzzzzzz1", event_id="picnic", organization_id=None))
    answers = [
        http.get("/payments/zzzzzzzz1/receipt", headers=signed_in(uid, role="member")) for uid in ("cleo", "ben")
    ]
    assert [answer.status_code for answer in answers] == [200, 404]
    client.document("events/picnic").delete()
    gone = http.get("/payments/zzzzzzzz1/receipt", headers=signed_in("cleo", role="member"))
    assert gone.status_code == 404


@pytest.mark.usefixtures("client")
def test_a_pdf_is_kept_when_it_is_first_asked_for_and_answered_by_a_link(
    http: FlaskClient, signed_in: SignIn, gather_runtime: Runtime
) -> None:
    answer = http.get(f"{RECEIPT}.pdf", headers=signed_in("ana"))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (302, "private, no-store")
    assert answer.headers["Location"] == gather_runtime.storage.link("receipts/RCP-2026-0507-A1B2C3D4.pdf")
    assert gather_runtime.storage.has("receipts/RCP-2026-0507-A1B2C3D4.pdf")


@pytest.mark.usefixtures("client")
def test_a_page_that_asks_for_json_gets_the_link_itself(
    http: FlaskClient, signed_in: SignIn, gather_runtime: Runtime
) -> None:
    headers = signed_in("ana") | {"Accept": "application/json"}
    answer = http.get(f"/payments/{PAYMENT}/invoice.pdf", headers=headers)
    link = gather_runtime.storage.link("invoices/acme-2026-1.pdf")
    assert (answer.status_code, answer.get_json()) == (200, {"url": link, "expiresInSeconds": 300})


@pytest.mark.parametrize(("paper", "status"), [("acme-2026-2", 302), ("acme-2026-3", 404), ("", 404)])
def test_a_credit_note_is_asked_for_by_its_id(
    client: Any, http: FlaskClient, signed_in: SignIn, paper: str, status: int
) -> None:
    issue(client, sale("zzzzzzzz1", uid="ben"))  # acme-2026-3 is somebody else's
    answer = http.get(f"/payments/{PAYMENT}/invoice.pdf?id={paper}", headers=signed_in("ana"))
    assert answer.status_code == status
