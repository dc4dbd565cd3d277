"""Expanding: identifiers in an answer are replaced by their objects. https://docs.stripe.com/expand"""

from typing import Any

from stripe_stand_in.account import Account, Object, visible
from stripe_stand_in.errors import StripeError

DEEPEST = 4

_REFERENCES = {
    "charge": "charge",
    "latest_charge": "charge",
    "payment_intent": "payment_intent",
    "payment_method": "payment_method",
    "product": "product",
}
"""Fields that hold an identifier, and what kind of object it names."""


def rendered(account: Account, made: Object, paths: list[str]) -> Object:
    """The object as the API shows it, with everything expanded that was asked for."""
    shown = visible(made)
    for index, path in enumerate(paths):
        parts = path.split(".")
        if len(parts) > DEEPEST:
            raise StripeError(
                f"You cannot expand more than {DEEPEST} levels of a property. Property: {path}",
                param=f"expand[{index}]",
            )
        _expand(account, shown, parts, path, f"expand[{index}]")
    return shown


def list_of(url: str, data: list[Object], *, has_more: bool = False) -> Object:
    """A list as the API shows it."""
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def _expand(account: Account, place: Any, parts: list[str], path: str, param: str) -> None:
    if isinstance(place, list):
        for each in place:
            _expand(account, each, parts, path, param)
        return
    name, *rest = parts
    if not _is_expandable(place, name):
        raise StripeError(f"This property cannot be expanded ({path}).", param=param)
    if isinstance(place.get(name), str):
        place[name] = visible(account.objects[_REFERENCES[name]][place[name]])
    elif name not in place:
        place[name] = _sublist(account, place, name)
    if rest and place[name] is not None:
        _expand(account, place[name], rest, path, param)


def _is_expandable(place: Object, name: str) -> bool:
    if place.get("object") == "list":
        return name == "data"
    if (place.get("object"), name) in {("checkout.session", "line_items"), ("charge", "refunds")}:
        return True
    return name in _REFERENCES and name in place


def _sublist(account: Account, place: Object, name: str) -> Object:
    if name == "line_items":
        items = account.line_items[place["id"]]
        return list_of(f"/v1/checkout/sessions/{place['id']}/line_items", [visible(item) for item in items])
    refunds = [visible(refund) for refund in account.all("refund") if refund["charge"] == place["id"]]
    return list_of(f"/v1/charges/{place['id']}/refunds", refunds)
