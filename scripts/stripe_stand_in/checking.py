"""Holds a request's parameters against what its endpoint knows, and reads them as the types that it wants.

Refuses in Stripe's words: unknown names, missing ones, wrong types, words that are no choice, metadata beyond limits.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from stripe_stand_in.errors import StripeError, missing
from stripe_stand_in.shapes import AnyOf, Choice, Kind, ListOf, Map, Number, Shape

METADATA_KEYS = 50
METADATA_KEY_LENGTH = 40
METADATA_VALUE_LENGTH = 500
"""https://docs.stripe.com/api/metadata"""
TEXT_LENGTH = 5000
_INTEGER = re.compile(r"[+-]?\d{1,18}")
_BOOLEANS = {"true": True, "false": False}


def checked(shape: Shape, form: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters with their types, or the first refusal: what is unknown before what is missing or wrong."""
    unknown = list(_unknown(shape, form, ""))
    if unknown:
        noun = "parameter" if len(unknown) == 1 else "parameters"
        raise StripeError(
            f"Received unknown {noun}: {', '.join(unknown)}", code="parameter_unknown", param=unknown[0], begun=False
        )
    return _object(shape, form, "")


def _unknown(kind: Kind, value: Any, name: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        return
    match kind:
        case Shape(fields=fields):
            for key, inner in value.items():
                inner_name = _named(name, key)
                if key not in fields:
                    yield inner_name
                else:
                    yield from _unknown(fields[key], inner, inner_name)
        case ListOf(item=item):
            for key, inner in value.items():
                yield from _unknown(item, inner, _named(name, key))
        case AnyOf(kinds=kinds):
            shape = next((each for each in kinds if isinstance(each, Shape | ListOf | Map)), None)
            if shape is not None:
                yield from _unknown(shape, value, name)


def _object(shape: Shape, form: Mapping[str, Any], name: str) -> dict[str, Any]:
    for key in sorted(shape.required):
        if key not in form:
            raise missing(_named(name, key))
    return {key: _read(shape.fields[key], value, _named(name, key)) for key, value in form.items()}


def _read(kind: Kind, value: Any, name: str) -> Any:  # noqa: PLR0911 - one line for each kind
    match kind:
        case AnyOf(kinds=kinds):
            return _first_fit(kinds, value, name)
        case Shape():
            return _object(kind, _mapping(value, name, "object"), name)
        case ListOf(item=item):
            return _list(item, value, name)
        case Map():
            return _map(_mapping(value, name, "object"), name)
    if not isinstance(value, str):
        raise StripeError(f"Invalid string: {value}", param=name, begun=False)
    if value == "" and not (isinstance(kind, Choice) and "" in kind.words):
        raise _emptied(name)
    match kind:
        case Choice(words=words):
            return _word(words, value, name)
        case Number(type=wanted):
            return _number(wanted, value, name)
    if len(value) > TEXT_LENGTH:
        raise StripeError(
            f"Invalid string: must be at most {TEXT_LENGTH} characters", code="parameter_invalid_string_too_long",
            param=name, begun=False,
        )  # fmt: skip
    return value


def _first_fit(kinds: tuple[Kind, ...], value: Any, name: str) -> Any:
    refused: StripeError | None = None
    for kind in kinds:
        try:
            return _read(kind, value, name)
        except StripeError as error:
            # The last one is the fullest: `Literal['']|Dict[str, str]` means an object that may be unset.
            refused = error
    assert refused is not None  # noqa: S101 - a union has kinds
    raise refused


def _list(item: Kind, value: Any, name: str) -> list[Any]:
    form = _mapping(value, name, "array")
    if not all(key.isdecimal() for key in form):
        raise StripeError("Invalid array", param=name, begun=False)
    return [_read(item, form[key], _named(name, key)) for key in sorted(form, key=int)]


def _map(form: Mapping[str, Any], name: str) -> dict[str, str]:
    if len(form) > METADATA_KEYS:
        raise StripeError(f"You can only set up to {METADATA_KEYS} metadata keys.", param=name, begun=False)
    for key, value in form.items():
        if len(key) > METADATA_KEY_LENGTH:
            raise StripeError(
                f"Metadata keys can have up to {METADATA_KEY_LENGTH} characters, but you passed in a key that is "
                f"{len(key)} characters. Invalid key: {key}", param=name, begun=False,
            )  # fmt: skip
        if not isinstance(value, str):
            raise StripeError(f"Invalid string: {value}", param=_named(name, key), begun=False)
        if len(value) > METADATA_VALUE_LENGTH:
            raise StripeError(
                f"Metadata values can have up to {METADATA_VALUE_LENGTH} characters, but you passed in a value that is "
                f"{len(value)} characters. Invalid value: {value}", param=_named(name, key), begun=False,
            )  # fmt: skip
    return dict(form)


def _mapping(value: Any, name: str, noun: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise StripeError(f"Invalid {noun}", param=name, begun=False)
    return value


def _word(words: tuple[str, ...], value: str, name: str) -> str:
    if value not in words:
        listed = f"{', '.join(words[:-1])}, or {words[-1]}" if len(words) > 2 else " or ".join(words)
        last = name.rpartition("[")[2].rstrip("]")
        raise StripeError(f"Invalid {last}: must be one of {listed}", param=name, begun=False)
    return value


def _number(wanted: type, value: str, name: str) -> int | bool | Decimal:
    if wanted is bool:
        if value not in _BOOLEANS:
            raise StripeError(f"Invalid boolean: {value}", param=name, begun=False)
        return _BOOLEANS[value]
    if wanted is int:
        if not _INTEGER.fullmatch(value):
            raise StripeError(f"Invalid integer: {value}", code="parameter_invalid_integer", param=name, begun=False)
        return int(value)
    try:
        number = Decimal(value)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise StripeError(f"Invalid decimal: {value}", param=name, begun=False)
    return number


def _emptied(name: str) -> StripeError:
    return StripeError(
        f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a parameter; however "
        f"'{name}' cannot be unset. You should remove '{name}' from your request or supply a non-empty value.",
        code="parameter_invalid_empty", param=name, begun=False,
    )  # fmt: skip


def _named(outer: str, key: str) -> str:
    return f"{outer}[{key}]" if outer else key
