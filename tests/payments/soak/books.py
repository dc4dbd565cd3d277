"""The books of one event as its commits leave them: what is counted, what the ledger holds, what was issued."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Document = Mapping[str, Any]
TAKEN = frozenset({"admitted", "held"})
LAPSED = frozenset({"expired", "failed"})
LIMITS = {
    "events": ("maxAttendees", ("attendingCount",)),
    "ticketTypes": ("totalQuantity", ("soldCount", "heldCount")),
    "pools": ("capacity", ("takenCount",)),
    "discountCodes": ("usesMax", ("usesCount",)),
}
"""By collection: the field that says how many there may be, and those that count how many there are."""


@dataclass(slots=True)
class Books:
    """Copies of the documents that must agree, by collection and id."""

    documents: dict[str, dict[str, Document]] = field(default_factory=lambda: defaultdict(dict))
    used_by_rsvps: Counter[str] = field(default_factory=Counter)
    """How often a discount code has made the seats of an RSVP free: that is kept in the ledger entry alone."""

    def take(self, collection: str, name: str, after: Document | None) -> None:
        """A document has become another, or is gone."""
        if collection == "seats" and after is not None and "discountId" in after:
            before = self.documents["seats"].get(name, {})
            self.used_by_rsvps[after["discountId"]] += before.get("discountId") != after["discountId"]
        if after is None:
            self.documents[collection].pop(name, None)
        else:
            self.documents[collection][name] = after

    def faults(self) -> Iterator[str]:
        """What does not agree."""
        yield from self._seats()
        yield from self._pointers()
        yield from self._discounts()
        yield from self._papers()

    def _seats(self) -> Iterator[str]:
        seats = self.documents["seats"].values()
        sold, held, in_pool = Counter[str](), Counter[str](), Counter[str]()
        taken = waiting = 0
        for seat in seats:
            if seat["state"] not in TAKEN:
                waiting += 1
                continue
            taken += seat["seats"]
            by_type = sold if seat["state"] == "admitted" else held
            by_type[seat.get("ticketTypeId", "")] += seat["seats"]
            in_pool[seat.get("poolId", "")] += seat["seats"]
        for event in self.documents["events"].values():
            counted = (event["attendingCount"], event["waitlistCount"])
            if counted != (taken, waiting):
                yield f"{taken} seats are taken and {waiting} wait, {counted} are counted"
        for name, kind in self.documents["ticketTypes"].items():
            counted = (kind["soldCount"], kind["heldCount"])
            if counted != (sold[name], held[name]):
                yield f"{sold[name]} of {name} are sold and {held[name]} held, {counted} are counted"
        for name, pool in self.documents["pools"].items():
            if pool["takenCount"] != in_pool[name]:
                yield f"{in_pool[name]} seats of pool {name} are taken, {pool['takenCount']} are counted"

    def _pointers(self) -> Iterator[str]:
        """Who buys tickets has an entry that names the purchases which hold seats, each as it stands, and no seats."""
        seats, registrations = self.documents["seats"], self.documents["registrations"]
        bought: dict[str, dict[str, str]] = defaultdict(dict)
        for name, seat in seats.items():
            if name in registrations:
                bought[registrations[name]["uid"]][name] = seat["state"]
        for name, seat in seats.items():
            if seat.get("purchases") and seat["seats"]:
                yield f"{name} has bought tickets and holds {seat['seats']} seats besides"
            named = {each["registrationId"]: each["state"] for each in seat.get("purchases", ())}
            if name not in registrations and named and named != bought[name]:
                yield f"{name} has bought {bought[name]}, the ledger names {named}"

    def _discounts(self) -> Iterator[str]:
        uses = self.used_by_rsvps + Counter(
            payment["discountId"]
            for payment in self.documents["payments"].values()
            if "discountId" in payment and not _has_lapsed(payment)
        )
        uses += Counter(
            registration["discountId"]
            for registration in self.documents["registrations"].values()
            if "discountId" in registration and "paymentId" not in registration
            if registration["status"] != "cancelled"
        )
        for name, discount in self.documents["discountCodes"].items():
            if discount["usesCount"] != uses[name]:
                yield f"{name} is used {uses[name]} times, {discount['usesCount']} are counted"

    def _papers(self) -> Iterator[str]:
        numbers: dict[str, set[int]] = defaultdict(set)
        for name in self.documents["invoices"]:
            series, _, number = name.rpartition("-")
            numbers[series].add(int(number))
        for series, given in numbers.items():
            if given != set(range(1, len(given) + 1)):
                yield f"the numbers of {series} have gaps: {sorted(given)}"


def oversold(collection: str, before: Document, after: Document) -> str | None:
    """Say so if a commit takes more than there is; a limit that is lowered takes nothing."""
    if collection not in LIMITS:
        return None
    limit, counts = LIMITS[collection]
    was, is_now = (sum(document.get(count, 0) for count in counts) for document in (before, after))
    is_over = after.get(limit) is not None and is_now > after[limit]
    return f"oversold: {is_now} of {after[limit]}" if is_over and is_now > was else None


def _has_lapsed(payment: Document) -> bool:
    """Whether the seats were given back unpaid, and no money that came after all has brought them again."""
    return not payment["admitted"] and any(entry["status"] in LAPSED for entry in payment["history"])
