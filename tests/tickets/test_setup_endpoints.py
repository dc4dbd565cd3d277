"""What an event sells, set up by who manages it: who may, what is refused, and that counters are never theirs."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from firewarden.testing import Database
from gather.runtime import Runtime
from gather.tickets import setup
from gather.tickets.setup import Organizer, SetupRefusedError, create_type
from tests.support.events import NOW, event_document
from tests.support.refusals import refusal
from tests.support.tickets import discount_document, type_document

pytestmark = pytest.mark.emulator

TYPE = {"name": "VIP", "priceCents": 2_500, "currency": "EUR"}
TYPES, POOL, CODE = "/events/e/ticket-types", "/events/e/pools/hall", "/events/e/discount-codes/SAVE"


@pytest.fixture
def client(firestore: Database) -> Any:
    owner = firestore.as_owner()
    owner.document("events/e").set(event_document())
    return owner


def fields_at_fault(response: Any) -> set[str]:
    assert refusal(response) == (422, "validation_failed")
    return {each["field"] for each in response.get_json()["error"]["details"]}


def test_a_type_is_put_up_for_sale_with_nothing_sold(client: Any, call: Any) -> None:
    call("PUT", POOL, {"capacity": 100})
    body = TYPE | {"poolId": "hall", "salesEndAt": "2026-05-01T18:00:00+02:00", "totalQuantity": 9, "description": None}
    answer = call("POST", TYPES, body)
    assert answer.status_code == 201
    created = answer.get_json()
    assert (created["soldCount"], created["heldCount"], created["salesEndAt"]) == (0, 0, "2026-05-01T16:00:00Z")
    assert answer.headers["Location"] == f"{TYPES}/{created['id']}"
    assert "description" not in client.document("events/e/ticketTypes", created["id"]).get().to_dict()


def test_a_type_is_changed_field_by_field_and_its_counters_stay(client: Any, call: Any) -> None:
    client.document("events/e/ticketTypes/t").set(type_document(soldCount=3, totalQuantity=9, description="x"))
    answer = call("PATCH", f"{TYPES}/t", {"priceCents": 3_000, "totalQuantity": None})
    changed = answer.get_json()
    assert (changed["priceCents"], changed["soldCount"], changed["description"]) == (3_000, 3, "x")
    assert "totalQuantity" not in changed
    before = client.document("events/e/ticketTypes/t").get().update_time
    assert call("PATCH", f"{TYPES}/t", {"priceCents": 3_000}).status_code == 200
    assert client.document("events/e/ticketTypes/t").get().update_time == before, "nothing to write was written"


BAD_TYPES: list[tuple[str, dict[str, Any], set[str]]] = [
    ("no price", {"priceCents": None}, {"priceCents"}),
    ("a price in euros", {"priceCents": 25.5}, {"priceCents"}),
    ("a counter", {"soldCount": 0}, {"soldCount"}),
    ("an unknown field", {"colour": "red"}, {"colour"}),
    ("several", {"currency": "EURO", "hidden": "yes"}, {"currency", "hidden"}),
    ("a time without an offset", {"salesStartAt": "2026-05-01T18:00:00"}, {"salesStartAt"}),
    ("no time at all", {"salesEndAt": 1_777_000_000}, {"salesEndAt"}),
    ("no time to buy", {"salesStartAt": "2026-05-01T18:00:00Z", "salesEndAt": "2026-05-01T18:00:00Z"}, {"salesEndAt"}),
    ("a pool that is not there", {"poolId": "nowhere"}, {"poolId"}),
    ("a pool that cannot be", {"poolId": "a/b"}, {"poolId"}),
    ("the name of another", {"name": " gold  CARD "}, {"name"}),
    ("thousandths", {"currency": "KWD", "priceCents": 2_505}, {"priceCents"}),
    ("too long", {"description": "d" * 2_001}, {"description"}),
]


@pytest.mark.parametrize(("fields", "faults"), [case[1:] for case in BAD_TYPES], ids=[case[0] for case in BAD_TYPES])
def test_a_type_that_could_not_be_sold_is_refused_with_every_fault(
    client: Any, call: Any, fields: dict[str, Any], faults: set[str]
) -> None:
    types = client.collection("events/e/ticketTypes")
    types.document("g").set(type_document(name="Gold card"))
    types.document("t").set(type_document())
    assert fields_at_fault(call("POST", TYPES, TYPE | {"name": "New"} | fields)) == faults
    assert fields_at_fault(call("PATCH", f"{TYPES}/t", fields)) == faults
    assert {each.id for each in types.stream()} == {"g", "t"}


@pytest.mark.parametrize("body", [[], "VIP", None], ids=str)
def test_a_body_that_is_no_object_is_refused(call: Any, body: Any) -> None:
    assert refusal(call("POST", TYPES, body)) == (422, "validation_failed")


def test_a_name_is_taken_once_however_many_ask_at_the_same_time(gather_runtime: Runtime, client: Any) -> None:
    class Cleo:
        uid, role = "cleo", "member"

    def create(number: int) -> bool:
        organizer: Any = Organizer(client=client, caller=Cleo(), now=NOW)  # type: ignore[arg-type]  # enough of a caller
        try:
            create_type(organizer, "e", TYPE | {"name": "vip" if number % 2 else "VIP"})
        except SetupRefusedError:
            return False
        return True

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(create, range(6))) == 1
    assert len(list(client.collection("events/e/ticketTypes").stream())) == 1


def test_an_event_sells_only_so_many_types_and_has_only_so_many_pools(
    client: Any, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "TYPES_MAX", 2)
    for number in range(2):
        client.document(f"events/e/ticketTypes/{number}").set(type_document(name=f"Type {number}"))
        client.document(f"events/e/pools/{number}").set({"capacity": 1})
    assert fields_at_fault(call("POST", TYPES, TYPE)) == {""}
    assert fields_at_fault(call("PUT", POOL, {"capacity": 1})) == {""}
    assert call("PUT", "/events/e/pools/1", {"capacity": 2}).status_code == 200


def test_what_somebody_has_keeps_its_type_and_its_pool(client: Any, call: Any) -> None:
    call("PUT", POOL, {"capacity": 9})
    for counter in ("soldCount", "heldCount"):
        client.document("events/e/ticketTypes/t").set(type_document(poolId="hall", **{counter: 1}))
        assert refusal(call("DELETE", f"{TYPES}/t")) == (409, "in_use")
        assert refusal(call("PATCH", f"{TYPES}/t", {"poolId": None})) == (409, "in_use")
    assert call("PATCH", f"{TYPES}/t", {"hidden": True, "poolId": "hall"}).status_code == 200
    assert refusal(call("DELETE", POOL)) == (409, "in_use")
    client.document("events/e/ticketTypes/t").set(type_document())
    client.document("events/e/pools/hall").set({"capacity": 9, "takenCount": 1})
    assert refusal(call("DELETE", POOL)) == (409, "in_use")


def test_what_nobody_has_can_go(client: Any, call: Any) -> None:
    type_id = call("POST", TYPES, TYPE).get_json()["id"]
    call("PUT", POOL, {"capacity": 9})
    call("PUT", CODE, {"percent": 5})
    for path in (f"{TYPES}/{type_id}", POOL, CODE):
        assert call("DELETE", path).status_code == 204
        assert call("DELETE", path).status_code == 404
    assert call("GET", "/events/e/ticket-setup").get_json() == {
        "eventId": "e",
        "ticketTypes": [],
        "pools": [],
        "discountCodes": [],
    }


def test_the_capacity_of_a_pool_is_set_and_what_is_taken_stays(client: Any, call: Any) -> None:
    client.document("events/e/pools/hall").set({"capacity": 9, "takenCount": 7})
    answer = call("PUT", POOL, {"capacity": 5}).get_json()
    assert (answer["capacity"], answer["takenCount"]) == (5, 7)
    assert fields_at_fault(call("PUT", POOL, {"capacity": -1})) == {"capacity"}
    assert fields_at_fault(call("PUT", "/events/e/pools/new", {})) == {"capacity"}
    assert fields_at_fault(call("PUT", POOL, {"takenCount": 0})) == {"takenCount"}


def test_a_code_is_replaced_and_how_often_it_was_used_stays(client: Any, call: Any) -> None:
    client.document("discountCodes/e:SAVE").set(discount_document(eventId="e", percent=10, usesMax=5, usesCount=3))
    answer = call("PUT", "/events/e/discount-codes/save", {"amountCents": 500, "currency": "EUR"})
    assert answer.get_json().items() >= {"code": "SAVE", "amountCents": 500, "usesCount": 3}.items()
    assert "percent" not in client.document("discountCodes/e:SAVE").get().to_dict()


def test_an_event_created_again_inherits_no_codes(client: Any, call: Any) -> None:
    call("PUT", CODE, {"percent": 100})
    client.document("discountCodes/e:SAVE").update({"usesCount": 3})
    client.document("events/e").delete()
    client.document("events/e").set(event_document())
    client.document("events/e/ticketTypes/t").set(type_document(priceCents=0))
    order = {"discountCode": "SAVE"}
    refused = call("POST", "/events/e/tickets/purchase", order)
    assert refusal(refused) == (422, "invalid_code")
    assert call("PUT", CODE, {"percent": 100}).get_json()["usesCount"] == 0
    assert call("POST", "/events/e/tickets/purchase", order).status_code == 201


NEVER = {"validFrom": "2026-05-02T00:00:00Z", "validUntil": "2026-05-01T00:00:00Z"}
BAD_CODES: list[tuple[str, str, dict[str, Any], set[str]]] = [
    ("nothing off", CODE, {}, {"percent"}),
    ("two things off", CODE, {"percent": 5, "amountCents": 5, "currency": "EUR"}, {"percent"}),
    ("more than all", CODE, {"percent": 101}, {"percent"}),
    ("an amount of what", CODE, {"amountCents": 5}, {"currency"}),
    ("its count", CODE, {"percent": 5, "usesCount": 0}, {"usesCount"}),
    ("never valid", CODE, {"percent": 5} | NEVER, {"validUntil"}),
    ("a type that is not there", CODE, {"percent": 5, "ticketTypeId": "nowhere"}, {"ticketTypeId"}),
    ("a code of one letter", "/events/e/discount-codes/A", {"percent": 5}, {"code"}),
    ("a code with a blank", "/events/e/discount-codes/A%20B", {"percent": 5}, {"code"}),
]


@pytest.mark.parametrize(
    ("path", "fields", "faults"), [case[1:] for case in BAD_CODES], ids=[case[0] for case in BAD_CODES]
)
def test_a_code_that_could_not_be_used_is_refused_with_every_fault(
    client: Any, call: Any, path: str, fields: dict[str, Any], faults: set[str]
) -> None:
    assert fields_at_fault(call("PUT", path, fields)) == faults
    assert list(client.collection("discountCodes").stream()) == []


def test_organizers_see_all_that_is_set_up(client: Any, call: Any) -> None:
    client.document("events/e/ticketTypes/t").set(type_document(hidden=True, accessCode="friends", heldCount=1))
    client.document("events/e/pools/hall").set({"capacity": 9, "takenCount": 1})
    until = NOW + timedelta(days=1)
    client.document("discountCodes/e:SAVE").set(discount_document(eventId="e", percent=10, validUntil=until))
    client.document("discountCodes/other:SAVE").set(discount_document(eventId="other", percent=10))
    answer = call("GET", "/events/e/ticket-setup").get_json()
    assert [(each["accessCode"], each["heldCount"]) for each in answer["ticketTypes"]] == [("friends", 1)]
    assert answer["pools"] == [{"id": "hall", "capacity": 9, "takenCount": 1}]
    assert [each["percent"] for each in answer["discountCodes"]] == [10]


CALLS: list[tuple[str, str, Any]] = [
    ("GET", "/events/e/ticket-setup", None),
    ("POST", TYPES, TYPE),
    ("PATCH", f"{TYPES}/t", {"priceCents": 0}),
    ("DELETE", f"{TYPES}/t", None),
    ("PUT", POOL, {"capacity": 1}),
    ("DELETE", POOL, None),
    ("PUT", CODE, {"percent": 100}),
    ("DELETE", CODE, None),
]


@pytest.mark.parametrize(("method", "path", "body"), CALLS, ids=[f"{method} {path}" for method, path, _ in CALLS])
def test_only_who_manages_the_event_sets_up_what_it_sells(
    client: Any, call: Any, method: str, path: str, body: Any
) -> None:
    client.document("events/e/ticketTypes/t").set(type_document())
    client.document("events/e/pools/hall").set({"capacity": 9})
    client.document("discountCodes/e:SAVE").set(discount_document(eventId="e", percent=10))
    assert refusal(call(method, path, body, by=None)) == (401, "not_signed_in")
    assert refusal(call(method, path, body, by="ben")) == (403, "forbidden")
    for name in ("nowhere", "__x__"):
        assert refusal(call(method, path.replace("/e/", f"/{name}/"), body)) == (404, "event_not_found")
    client.document("events/e").update({"visibility": "private"})
    assert refusal(call(method, path, body, by="ben")) == (404, "event_not_found")
    assert client.document("events/e/ticketTypes/t").get().get("priceCents") == 2_500
    assert client.document("events/e/pools/hall").get().get("capacity") == 9
    assert client.document("discountCodes/e:SAVE").get().get("percent") == 10
    assert list(client.collection("events/e/audit").stream()) == []


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("PATCH", f"{TYPES}/nowhere", "ticket_type_not_found"),
        ("PATCH", f"{TYPES}/__x__", "ticket_type_not_found"),
        ("DELETE", "/events/e/pools/nowhere", "pool_not_found"),
        ("DELETE", "/events/e/discount-codes/NONE", "discount_code_not_found"),
        ("DELETE", "/events/e/discount-codes/A", "discount_code_not_found"),
    ],
)
def test_what_is_not_there_is_named(call: Any, method: str, path: str, expected: str) -> None:
    assert refusal(call(method, path, {} if method == "PATCH" else None)) == (404, expected)


def test_every_change_is_in_the_trail_with_its_actor(client: Any, call: Any) -> None:
    type_id = call("POST", TYPES, TYPE).get_json()["id"]
    call("PATCH", f"{TYPES}/{type_id}", {"priceCents": 1})
    call("PUT", POOL, {"capacity": 1})
    call("PUT", CODE, {"percent": 1})
    call("DELETE", f"{TYPES}/{type_id}")
    trail = sorted(client.collection("events/e/audit").stream(), key=lambda entry: entry.get("at"))
    assert [(each.get("kind"), each.get("name"), each.get("actor")) for each in trail] == [
        ("ticketType.created", type_id, "cleo"),
        ("ticketType.changed", type_id, "cleo"),
        ("pool.changed", "hall", "cleo"),
        ("discountCode.changed", "SAVE", "cleo"),
        ("ticketType.deleted", type_id, "cleo"),
    ]
    assert trail[1].get("fields") == ["priceCents"]
