"""What an event sells, set up by who manages it: ticket types, pools and discount codes, one transaction each.

The rules let no client write these: a name is unique among the event's types, a pool is there when a type names it,
and what is sold or held keeps its type and its pool. None of that can be seen by rules.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from google.cloud import firestore

from gather.events.body import Detail
from gather.events.fields import is_document_id
from gather.events.store import SignedIn
from gather.events.write import managed
from gather.tickets.body import discount_faults, pool_faults, type_faults
from gather.tickets.discount import normalised
from gather.tickets.model import TYPES_MAX, TicketType, name_key, parse_pool, parse_ticket_type
from gather.tickets.store import discount_ref, pool_ref, pools_of, read_types, type_ref
from gather.transactions import Transact, read, read_all, read_query, run_transaction

T = TypeVar("T")
Fields = Mapping[str, Any]
TYPE_COUNTERS: Fields = {"soldCount": 0, "heldCount": 0}
POOL_COUNTERS: Fields = {"takenCount": 0}


class SetupRefusedError(Exception):
    """Nothing was changed; `code` is one of the client's error codes, `details` every fault."""

    def __init__(self, code: str, details: Sequence[Detail] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.details = list(details)


@dataclass(frozen=True, slots=True, kw_only=True)
class Organizer:
    """Who sets up what an event sells, and when; an event that is not theirs to manage refuses as events do."""

    client: Any
    caller: SignedIn
    now: datetime
    transact: Transact = run_transaction

    def at(self, event_id: str, body: Callable[[Any], T]) -> T:
        """Run `body(transaction)` if the event is theirs to manage."""

        def guarded(transaction: Any) -> T:
            event = read(transaction, self.client.document("events", event_id))
            managed(self.client, event, self.caller, now=self.now)
            return body(transaction)

        return self.transact(self.client, guarded, contend_on=f"events/{event_id}")


def create_type(organizer: Organizer, event_id: str, fields: Fields) -> str:
    """Put a ticket type up for sale; returns its id."""
    reference = organizer.client.collection("events", event_id, "ticketTypes").document()

    def body(transaction: Any) -> None:
        types = read_types(transaction, organizer.client, event_id)
        if len(types) >= TYPES_MAX:
            raise SetupRefusedError("validation_failed", [_fault("", f"an event sells at most {TYPES_MAX} types")])
        document = _merged(TYPE_COUNTERS, fields)
        _refuse(_type_faults(transaction, organizer, event_id, reference.id, document, types))
        transaction.create(reference, document | _stamps())
        _audit(transaction, organizer, event_id, "ticketType.created", reference.id, document)

    organizer.at(event_id, body)
    return str(reference.id)


def change_type(organizer: Organizer, event_id: str, type_id: str, fields: Fields) -> None:
    """Change the fields sent (None: removed); what is sold or held keeps its price and stays in its pool."""

    def body(transaction: Any) -> None:
        types = read_types(transaction, organizer.client, event_id)
        snapshot = _found(transaction, type_ref(organizer.client, event_id, type_id), "ticket_type_not_found")
        stored = snapshot.to_dict()
        document = _merged(stored, fields)
        _refuse(_type_faults(transaction, organizer, event_id, type_id, document, types))
        if document.get("poolId") != stored.get("poolId") and _is_used(parse_ticket_type(type_id, stored)):
            raise SetupRefusedError("in_use")
        _rewrite(transaction, organizer, event_id, "ticketType.changed", snapshot, document)

    organizer.at(event_id, body)


def delete_type(organizer: Organizer, event_id: str, type_id: str) -> None:
    """Delete a ticket type that nobody has; one that somebody has can be hidden, or its sale ended."""

    def body(transaction: Any) -> None:
        snapshot = _found(transaction, type_ref(organizer.client, event_id, type_id), "ticket_type_not_found")
        if _is_used(parse_ticket_type(type_id, snapshot.to_dict())):
            raise SetupRefusedError("in_use")
        transaction.delete(snapshot.reference)
        _audit(transaction, organizer, event_id, "ticketType.deleted", type_id, {})

    organizer.at(event_id, body)


def put_pool(organizer: Organizer, event_id: str, pool_id: str, fields: Fields) -> None:
    """Make a pool, or set its capacity; lowered below what is taken, it throws nobody out and takes nobody in."""
    reference = pool_ref(organizer.client, event_id, pool_id)

    def body(transaction: Any) -> None:
        pools = read_query(transaction, pools_of(organizer.client, event_id))
        snapshot = read(transaction, reference)
        if not snapshot.exists and len(pools) >= TYPES_MAX:
            raise SetupRefusedError("validation_failed", [_fault("", f"an event has at most {TYPES_MAX} pools")])
        document = _merged(snapshot.to_dict() if snapshot.exists else POOL_COUNTERS, fields)
        _refuse(pool_faults(document))
        _rewrite(transaction, organizer, event_id, "pool.changed", snapshot, document)

    organizer.at(event_id, body)


def delete_pool(organizer: Organizer, event_id: str, pool_id: str) -> None:
    """Delete a pool in which nobody is and that no ticket type names."""

    def body(transaction: Any) -> None:
        types = read_types(transaction, organizer.client, event_id)
        snapshot = _found(transaction, pool_ref(organizer.client, event_id, pool_id), "pool_not_found")
        is_taken = parse_pool(pool_id, snapshot.to_dict()).taken_count > 0
        if is_taken or any(each.pool_id == pool_id for each in types):
            raise SetupRefusedError("in_use")
        transaction.delete(snapshot.reference)
        _audit(transaction, organizer, event_id, "pool.deleted", pool_id, {})

    organizer.at(event_id, body)


def put_discount(organizer: Organizer, event_id: str, code: str, fields: Fields) -> str:
    """Make a discount code, or replace what it is good for; how often it was used stays. Returns it in capitals."""
    kept, reference = normalised(code), discount_ref(organizer.client, event_id, code)
    if kept is None or reference is None:
        raise SetupRefusedError("validation_failed", [_fault("code", "is not 2 to 40 letters, digits, - and _")])

    def body(transaction: Any) -> None:
        event, snapshot = read_all(transaction, [organizer.client.document("events", event_id), reference])
        stored = snapshot.to_dict() if snapshot.exists else {}
        is_ours = stored.get("eventCreatedAt") in {None, event.create_time}
        stays = {name: stored[name] for name in ("usesCount", "createdAt") if is_ours and name in stored}
        ours = {"usesCount": 0} | stays | {"eventId": event_id, "eventCreatedAt": event.create_time, "code": kept}
        document = _merged(ours, fields)
        _refuse([*discount_faults(document), *_unknown_type(transaction, organizer, event_id, document)])
        _rewrite(transaction, organizer, event_id, "discountCode.changed", snapshot, document)

    organizer.at(event_id, body)
    return kept


def delete_discount(organizer: Organizer, event_id: str, code: str) -> None:
    """Delete a discount code; orders placed with it keep their price."""

    def body(transaction: Any) -> None:
        reference = discount_ref(organizer.client, event_id, code)
        if reference is None:
            raise SetupRefusedError("discount_code_not_found")
        snapshot = _found(transaction, reference, "discount_code_not_found")
        transaction.delete(snapshot.reference)
        _audit(transaction, organizer, event_id, "discountCode.deleted", str(snapshot.get("code")), {})

    organizer.at(event_id, body)


def _type_faults(
    transaction: Any, organizer: Organizer, event_id: str, type_id: str, document: Fields, types: Sequence[TicketType]
) -> list[Detail]:
    details = type_faults(document)
    key = name_key(str(document.get("name", "")))
    if any(name_key(each.name) == key for each in types if each.id != type_id):
        details.append(_fault("name", "is the name of another ticket type of the event"))
    pool_id = document.get("poolId")
    is_named = isinstance(pool_id, str) and is_document_id(pool_id)
    if is_named and not read(transaction, pool_ref(organizer.client, event_id, str(pool_id))).exists:
        details.append(_fault("poolId", "is no pool of the event"))
    return details


def _unknown_type(transaction: Any, organizer: Organizer, event_id: str, document: Fields) -> list[Detail]:
    type_id = document.get("ticketTypeId")
    if not isinstance(type_id, str) or not is_document_id(type_id):
        return []
    is_there = read(transaction, type_ref(organizer.client, event_id, type_id)).exists
    return [] if is_there else [_fault("ticketTypeId", "is no ticket type of the event")]


def _found(transaction: Any, reference: Any, missing: str) -> Any:
    snapshot = read(transaction, reference)
    if not snapshot.exists:
        raise SetupRefusedError(missing)
    return snapshot


def _rewrite(
    transaction: Any, organizer: Organizer, event_id: str, kind: str, snapshot: Any, document: dict[str, Any]
) -> None:
    """Make a document read so; nothing is written where it does."""
    stored = snapshot.to_dict() if snapshot.exists else {}
    changed = {name for name in {*stored, *document} if stored.get(name) != document.get(name)} - {"updatedAt"}
    if not changed:
        return
    if snapshot.exists:
        transaction.set(snapshot.reference, document | {"updatedAt": firestore.SERVER_TIMESTAMP})
    else:
        transaction.create(snapshot.reference, document | _stamps())
    name = str(document.get("code", snapshot.id))
    _audit(transaction, organizer, event_id, kind, name, dict.fromkeys(changed))


def _audit(transaction: Any, organizer: Organizer, event_id: str, kind: str, name: str, fields: Fields) -> None:
    audit = organizer.client.collection("events", event_id, "audit").document()
    entry = {"kind": kind, "actor": organizer.caller.uid, "name": name, "fields": sorted(fields)}
    transaction.set(audit, entry | {"at": firestore.SERVER_TIMESTAMP})


def _merged(stored: Fields, fields: Fields) -> dict[str, Any]:
    return {name: value for name, value in {**stored, **fields}.items() if value is not None or name not in fields}


def _is_used(ticket_type: TicketType) -> bool:
    return ticket_type.sold_count + ticket_type.held_count > 0


def _stamps() -> dict[str, Any]:
    return {"createdAt": firestore.SERVER_TIMESTAMP, "updatedAt": firestore.SERVER_TIMESTAMP}


def _refuse(details: Sequence[Detail]) -> None:
    if details:
        raise SetupRefusedError("validation_failed", details)


def _fault(name: str, problem: str) -> Detail:
    return {"field": name, "problem": problem}
