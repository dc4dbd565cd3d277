"""What a client asks of a channel: its query string, and forms that carry messages and headers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

_HEADERS_IN_FORM, _HEADERS_IN_QUERY = "headers", "$httpHeaders"
_OTHER_FIELDS = 8
_DIGITS_MAX = 15


class Malformed(ValueError):  # noqa: N818 - says what the request is
    """A request that is none; its text says why."""


@dataclass(frozen=True, slots=True)
class Form:
    """Messages as they were sent, the first of them under the number `first`."""

    first: int
    messages: Sequence[bytes]
    fields: Mapping[str, str]


def read_form(body: bytes, *, maps: int) -> Form:
    """A form with at most so many messages. Raises `Malformed`."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=maps + _OTHER_FIELDS
        )
    except ValueError as fault:  # bytes that are no text, or too many fields
        raise Malformed(f"The form cannot be read: {fault}") from fault
    fields = dict(pairs)
    count = read_number("count", fields.get("count", "0"))
    if count > maps:
        raise Malformed(f"count={count}: at most {maps} messages go into one request")
    try:
        messages = [fields.pop(f"req{index}___data__").encode() for index in range(count)]
    except KeyError as missing:
        raise Malformed(f"count={count}, but there is no {missing.args[0]}") from None
    return Form(read_number("ofs", fields.get("ofs", "0")), messages, fields)


def read_number(name: str, value: str) -> int:
    """A whole number that is not negative. Raises `Malformed`."""
    if not (value.isascii() and value.isdigit() and len(value) <= _DIGITS_MAX):
        raise Malformed(f"{name}={value[:40]!r} is no number")
    return int(value)


def read_headers(query: Mapping[str, str], form: Form) -> dict[str, str]:
    """The headers of the whole session: a browser cannot send them as such without asking the server first.

    Clients that are older have them in the query string.
    """
    lines = form.fields.get(_HEADERS_IN_FORM, query.get(_HEADERS_IN_QUERY, "")).splitlines()
    pairs = (line.partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, colon, value in pairs if colon}
