"""Papers are rendered once and kept: whoever comes second, or late, finds them. Takes the storage as it is given."""

from collections.abc import Mapping
from typing import Any

from gather.receipts.sheet import Sheet, invoice_sheet, receipt_sheet
from gather.receipts.storage import PaperStorage


def receipt_name(receipt: Mapping[str, Any]) -> str:
    """Where the PDF of a receipt is kept."""
    return f"receipts/{receipt['number']}.pdf"


def invoice_name(paper: Mapping[str, Any]) -> str:
    """Where the PDF of an invoice or a note is kept."""
    return f"invoices/{paper['id']}.pdf"


def keep_receipt(storage: PaperStorage, receipt: Mapping[str, Any]) -> str:
    """After it, the PDF of the receipt is kept under the name returned."""
    return _keep(storage, receipt_name(receipt), receipt_sheet(receipt))


def keep_invoice(storage: PaperStorage, paper: Mapping[str, Any]) -> str:
    """After it, the PDF of the invoice or note is kept under the name returned."""
    return _keep(storage, invoice_name(paper), invoice_sheet(paper))


def _keep(storage: PaperStorage, name: str, sheet: Sheet) -> str:
    if not storage.has(name):
        # Imported here: reportlab and the fonts would cost every start of every function.
        from gather.receipts.pdf import render  # noqa: PLC0415

        storage.put(name, render(sheet))
    return name
