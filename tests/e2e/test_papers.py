"""Papers by the functions as they are deployed: every trigger twice, and one PDF and one mail of each."""

from typing import Any

import httpx
import pytest

from firewarden.testing import Database, unsigned_id_token
from firewarden.triggers import repeated
from gather.receipts.store import open_papers, write_papers
from gather.transactions import run_transaction
from tests.support.events import event_document
from tests.support.papers import MemoryStorage
from tests.support.sales import ORGANIZATION, PAID_AT, refunded, sale
from tests.support.stack import running_functions

pytestmark = [pytest.mark.emulator, pytest.mark.xdist_group("functions")]

NUMBER = "RCP-2026-0507-A1B2C3D4"


def test_a_fulfilled_payment_leads_to_its_papers_and_one_mail(
    firestore_functions: Database, firestore_functions_server: Any
) -> None:
    database, storage = firestore_functions, MemoryStorage()
    owner = database.as_owner()
    with running_functions(
        database, address=firestore_functions_server.functions_address, plan=repeated(), storage=storage
    ) as host:
        owner.document("organizations/acme").set(ORGANIZATION)
        owner.document("events/concert").set(event_document(organizationId="acme"))
        _issue(owner)
        host.settle()
        assert sorted(storage.papers) == [
            "invoices/acme-2026-1.pdf",
            "invoices/acme-2026-2.pdf",
            f"receipts/{NUMBER}.pdf",
        ]
        assert [mail.get("type") for mail in owner.collection("mail").stream()] == ["purchase_confirmed"]
        token = unsigned_id_token("ana", {}, project=database.project)
        with httpx.Client(base_url=f"http://{host.address}", trust_env=False, timeout=60) as http:
            path = f"/payments/{sale().payment_id}/receipt"
            answer = http.get(path, headers={"Authorization": f"Bearer {token}"})
        assert answer.json()["receipt"]["number"] == NUMBER
        owner.document("events/concert").delete()
        host.settle()
        assert owner.document("receipts", NUMBER).get().get("eventId") is None


def _issue(client: Any) -> None:
    def body(transaction: Any) -> None:
        sold = sale()
        papers = open_papers(transaction, client, payment_id=sold.payment_id, organization_id="acme", at=PAID_AT)
        write_papers(transaction, client, papers, sold, [refunded("re1", 1_190)])

    run_transaction(client, body)
