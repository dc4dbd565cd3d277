"""Payments and their refunds in Firestore, as a transaction reads them."""

from typing import Any

from gather.payments.model import Payment, Refund, parse_payment, parse_refund
from gather.transactions import read, read_query


def read_payment(transaction: Any, client: Any, payment_id: str) -> tuple[Payment | None, dict[str, Refund]]:
    """Read a payment, None where there is none, and its refunds by id."""
    snapshot = read(transaction, client.document("payments", payment_id))
    refunds = read_query(transaction, refunds_of(client, payment_id))
    payment = parse_payment(payment_id, snapshot.to_dict()) if snapshot.exists else None
    return payment, {each.id: parse_refund(each.id, payment_id, each.to_dict()) for each in refunds}


def refunds_of(client: Any, payment_id: str) -> Any:
    """All refunds of a payment, in order of id."""
    return client.collection("payments", payment_id, "refunds").order_by("__name__")


def refund_ref(client: Any, refund: Refund) -> Any:
    """The document of a refund."""
    return client.document("payments", refund.payment_id, "refunds", refund.id)
