"""The seller on an invoice: what `organizations/{id}` says in `billing`. Pure; what cannot be used is left out.

`billing` is written by the organization's owners: legalName, address (lines), vatId, vatRateBasisPoints (1900 is
19 %), vatNote (why there is no VAT), email.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gather.events.fields import FieldReader
from gather.receipts.sale import Party

NAME_LENGTH_MAX = 200
ADDRESS_LINES_MAX = 5
VAT_RATE_BASIS_POINTS_MAX = 10_000
"""A rate above 100 % is a mistake in writing; nothing is charged on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """Who sells, and the VAT that is contained in every price."""

    party: Party
    vat_rate_basis_points: int
    vat_note: str | None


def parse_seller(organization_id: str, data: Mapping[str, Any] | None) -> Seller:
    """An organization that says nothing about billing sells under its name and contains no VAT."""
    organization = FieldReader(data or {})
    billing = FieldReader(organization.mapping("billing") or {})
    name = billing.text("legalName", NAME_LENGTH_MAX) or organization.text("name", NAME_LENGTH_MAX)
    rate = billing.whole("vatRateBasisPoints", 0) or 0
    party = Party(
        name=name or organization_id,
        address=billing.texts("address", ADDRESS_LINES_MAX, NAME_LENGTH_MAX),
        vat_id=billing.text("vatId", NAME_LENGTH_MAX),
        email=billing.text("email", NAME_LENGTH_MAX),
    )
    return Seller(
        party=party,
        vat_rate_basis_points=rate if rate <= VAT_RATE_BASIS_POINTS_MAX else 0,
        vat_note=billing.text("vatNote", NAME_LENGTH_MAX),
    )
