"""The fields of a document as a client sent them: judged at once, decoded only if somebody looks at them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from firewarden.firestore.wire import protos
from firewarden.firestore.wire.serialising import encode_fields, encode_map
from firewarden.firestore.wire.values import ARRAY, MAP, READ, content, parsed, parsers
from firewarden.limits import FIELD_NAME_BYTES, FIELD_PATH_BYTES, VALUE_BYTES

_PLAIN: Final = frozenset({0x08, 0x10, 0x8A})
"""The tags of booleans, integers and texts: a value of these types has one serialisation."""
_FLOAT, _TIME, _NULL = 0x19, 0x52, b"\x58\x00"
_SECONDS_MAX, _NANOS_MAX, _MICROSECOND = 253_402_300_799, 999_999_999, 1_000
_SHORT: Final = min(FIELD_NAME_BYTES, FIELD_PATH_BYTES) // 8
"""So many characters are within every limit, together with as many bytes of a map: none has more than four bytes."""


class SentFields(Mapping[str, Any]):
    """Fields by name. If they are `small`, nothing in them is too long or too deep to be stored."""

    __slots__ = ("_known", "_values", "small")

    def __init__(self, known: dict[str, bytes], others: dict[str, Any], *, small: bool) -> None:
        self._known = known
        self._values = others
        self.small = small

    def __getitem__(self, name: str) -> Any:
        if name not in self._values:
            value = self._known[name]
            self._values[name] = READ[value[0]](value)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._known, **self._values})

    def __len__(self) -> int:
        return len({**self._known, **self._values})

    def serialised(self) -> bytes:
        """What `encode_fields` makes of them."""
        return encode_fields(self if self._values else self._known, self._known)


def read_document(document: Any, read_other: Callable[[Any], Any]) -> SentFields:
    """The fields of a `Document`.

    `read_other` gets every `Value` that may be wrong, or be written otherwise than it was sent.
    """
    # What the schema does not know would stand behind the values.
    document.DiscardUnknownFields()
    known: dict[str, bytes] = {}
    others: dict[str, Any] = {}
    small = True
    stored = parsed(document.SerializeToString())
    for name in stored:
        value = stored[name]
        tag = value[0] if value else 0
        found = value if tag in _PLAIN else _known(tag, value)
        if found is not None:
            known[name] = found
        else:
            others[name] = read_other(protos.Value.FromString(value))
            small = small and tag not in (ARRAY, MAP)
        if not 0 < len(name) <= _SHORT or len(value) > (_SHORT if tag == MAP else VALUE_BYTES):
            small = False
    return SentFields(known, others, small=small)


def _known(tag: int, value: bytes) -> bytes | None:
    """What `encode_value` makes of a value that can be stored; None if one has to look closer."""
    if tag == _TIME:
        time = protos.Timestamp.FromString(content(value))
        nanos = time.nanos
        is_fine = 0 <= time.seconds <= _SECONDS_MAX and 0 <= nanos <= _NANOS_MAX and not nanos % _MICROSECOND
        return value if is_fine else None
    if tag == MAP:
        fields = parsers()[1](content(value)).fields
        found = {name: fields[name] for name in fields if not name.startswith("__")}
        if len(found) < len(fields) or "" in found or not all(map(_is_settled, found.values())):
            return None
        return encode_map(found, found)
    if tag == ARRAY:
        return value if all(map(_is_settled, parsers()[2](content(value)).values)) else None
    return value if _is_settled(value) else None


def _is_settled(value: bytes) -> bool:
    """Whether this is a scalar as `encode_value` writes it."""
    tag = value[0] if value else 0
    # Of infinity and NaN, all bits of the exponent are set.
    is_number = tag == _FLOAT and not (value[8] & 0x7F == 0x7F and value[7] & 0xF0 == 0xF0)
    return tag in _PLAIN or is_number or value == _NULL
