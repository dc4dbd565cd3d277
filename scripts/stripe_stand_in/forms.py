"""Reads forms as Stripe's clients write them: `line_items[0][price_data][currency]=eur`."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from stripe_stand_in.errors import StripeError

_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_PART = re.compile(r"\[([^\[\]]*)\]")


def pairs_of(text: str) -> list[tuple[str, str]]:
    """The names and values of a form or a query string; empty values count."""
    return parse_qsl(text, keep_blank_values=True)


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Brackets become nested dictionaries, also those with an index: the parameters' types say what is a list."""
    form: dict[str, Any] = {}
    for name, value in pairs:
        match = _KEY.fullmatch(name)
        if match is None:
            raise StripeError(f"Invalid parameter name: {name}", param=name, begun=False)
        _put(form, [match[1], *_PART.findall(match[2])], value, name)
    return form


def _put(form: dict[str, Any], parts: list[str], value: str, name: str) -> None:
    place = form
    for part in parts[:-1]:
        inner = place.setdefault(part or str(len(place)), {})
        if not isinstance(inner, dict):
            raise StripeError(f"Invalid object: {name} is given both with and without parts", param=name, begun=False)
        place = inner
    last = parts[-1] or str(len(place))
    if isinstance(place.get(last), dict):
        raise StripeError(f"Invalid object: {name} is given both with and without parts", param=name, begun=False)
    place[last] = value
