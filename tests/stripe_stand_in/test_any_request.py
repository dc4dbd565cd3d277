"""Whatever is asked, the answer is Stripe's: success or an error in its shape, never a fault of the stand-in."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stripe_stand_in import SECRET_KEY, Clock, StandIn
from stripe_stand_in.api import ApiRequest
from stripe_stand_in.endpoints import ENDPOINTS, Endpoint
from stripe_stand_in.shapes import AnyOf, Choice, Kind, ListOf, Map, Number, Shape, shape_of
from tests.stripe_stand_in.conftest import START, sdk, session_params

TYPES = {"invalid_request_error", "card_error", "idempotency_error", "api_error"}
WORDS = [
    "pm_card_visa",
    "pm_card_chargeDeclined",
    "pm_sepaDebit_success",
    "eur",
    "usd",
    "kwd",
    "4242424242424242",
    "x",
    "",
]
NUMBERS = [-1, 0, 1, 30, 500, 2500, START + 1800, 10**9]


def forms(kind: Kind, words: list[str]) -> st.SearchStrategy[Any]:  # noqa: PLR0911 - one line for each kind
    """What might be sent for parameters of this kind."""
    match kind:
        case Shape(fields=fields, required=required):
            parts = {name: forms(field, words) for name, field in fields.items()}
            needed = {name: parts.pop(name) for name in required}
            return st.fixed_dictionaries(needed, optional=parts) if len(parts) < 4 else few(needed, parts)
        case ListOf(item=item):
            return st.lists(forms(item, words), max_size=2).map(lambda found: dict(enumerate(found)))
        case AnyOf(kinds=kinds):
            return st.one_of([forms(each, words) for each in kinds])
        case Map():
            return st.dictionaries(st.sampled_from("ab"), st.sampled_from(words), max_size=2)
        case Choice(words=choices):
            return st.sampled_from(choices)
        case Number(type=wanted):
            return st.sampled_from(["true", "false"] if wanted is bool else [str(number) for number in NUMBERS])
    return st.sampled_from(words)


def few(needed: dict[str, Any], parts: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Most requests give few of many parameters."""
    chosen = st.lists(st.sampled_from(sorted(parts)), max_size=3, unique=True)
    return chosen.flatmap(lambda names: st.fixed_dictionaries({**needed, **{name: parts[name] for name in names}}))


def pairs(form: Any, outer: str = "") -> list[tuple[str, str]]:
    if not isinstance(form, dict):
        return [(outer, form)]
    found = [pairs(value, f"{outer}[{name}]" if outer else str(name)) for name, value in form.items()]
    return [pair for each in found for pair in each]


def history() -> tuple[StandIn, list[str]]:
    """A stand-in in which something has happened, and the names of what is there."""
    stand_in = StandIn(clock=Clock.standing(START))
    client = sdk(stand_in)
    paid, open_one = (client.v1.checkout.sessions.create(session_params()).id for _ in range(2))
    stand_in.pay(paid)
    refund = stand_in.refund(paid, 100)
    intent = client.v1.payment_intents.create({"amount": 2500, "currency": "eur"})
    return stand_in, [paid, open_one, refund["id"], refund["charge"], refund["payment_intent"], intent.id]


# Nested types without end would be generated without end, too.
@settings(deadline=None, max_examples=30, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_every_request_is_answered(data: st.DataObject) -> None:
    stand_in, names = history()
    endpoint: Endpoint = data.draw(st.sampled_from(ENDPOINTS))
    words = [*names, *WORDS]
    form = data.draw(forms(shape_of(endpoint.parameters), words))
    answer = stand_in.answer(
        ApiRequest(
            method=endpoint.method,
            path=endpoint.path.replace("{id}", data.draw(st.sampled_from(names))),
            pairs=pairs(form),
            headers={"authorization": f"Bearer {SECRET_KEY}", "idempotency-key": "k"},
        )
    )
    assert answer.status in {200, 400, 402, 404}, answer.body
    shown = answer.json()
    assert (answer.status == 200) == ("object" in shown)
    if answer.status != 200:
        assert shown["error"]["type"] in TYPES
        assert shown["error"]["message"]
