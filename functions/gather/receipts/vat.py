"""VAT contained in a price, in whole minor units. Pure."""

from dataclasses import dataclass

BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A gross amount taken apart; net and VAT always sum up to it."""

    gross_cents: int
    vat_cents: int

    @property
    def net_cents(self) -> int:
        """What is left without VAT."""
        return self.gross_cents - self.vat_cents


def split(gross_cents: int, rate_basis_points: int) -> Split:
    """VAT is computed once, on the total, and rounded half up to the minor unit."""
    whole = BASIS_POINTS + rate_basis_points
    return Split(gross_cents=gross_cents, vat_cents=(2 * gross_cents * rate_basis_points + whole) // (2 * whole))


def split_between(before_cents: int, after_cents: int, rate_basis_points: int) -> Split:
    """Take apart what was added between two totals, so that all parts of a total sum up to its VAT to the unit."""
    before, after = split(before_cents, rate_basis_points), split(after_cents, rate_basis_points)
    return Split(gross_cents=after_cents - before_cents, vat_cents=after.vat_cents - before.vat_cents)
