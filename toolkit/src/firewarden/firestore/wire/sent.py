"""The fields of a document as a client sent them: judged at once, decoded only if somebody looks at them.

Protobuf writes a message in one way that is, for nearly all values, ours too (`serialising`), and does so in native
code. So what was sent is written once, and only looked through for what may be wrong or would be written otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from firewarden.firestore.wire import protos
from firewarden.firestore.wire.serialising import encode_fields
from firewarden.firestore.wire.settled import is_moment
from firewarden.firestore.wire.values import ARRAY, MAP, READ, content, parsed, parsers
from firewarden.limits import FIELD_NAME_BYTES, FIELD_PATH_BYTES, VALUE_BYTES

_PLAIN: Final = frozenset({b"\x08", b"\x10", b"\x8a", b"\x92"})
"""How the tags begin of booleans, integers, texts and bytes: a value of these types has one serialisation."""
_NAME, _FLOAT, _TIME, _NULL = b"\x0a", 0x19, 0x52, b"\x58\x00"
_SHORT: Final = min(FIELD_NAME_BYTES, FIELD_PATH_BYTES) // 8 - 1
"""A name with so many characters is within every limit, also inside of another: none has more than four bytes."""


class SentFields(Mapping[str, Any]):
    """Fields by name. If they are `small`, they can be stored: nothing is too long or deep, and no name reserved.

    `data` are the fields serialised; of `others`, already decoded, it may hold what is not to be stored so.
    """

    __slots__ = ("_data", "_others", "_stored", "_values", "small")

    def __init__(self, data: bytes, others: Mapping[str, Any] | None = None, *, small: bool) -> None:
        self._data = data
        self._others = others
        self._stored: Mapping[str, bytes] | None = None
        self._values: dict[str, Any] = dict(others) if others else {}
        self.small = small

    def __getitem__(self, name: str) -> Any:
        if name not in self._values:
            value = self._parsed()[name]
            self._values[name] = READ[value[0]](value)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parsed())

    def __len__(self) -> int:
        return len(self._parsed())

    def serialised(self) -> bytes:
        """What `encode_fields` makes of them."""
        others = self._others
        if not others:
            return self._data
        stored = self._parsed()
        return encode_fields(self, {name: stored[name] for name in stored if name not in others})

    def _parsed(self) -> Mapping[str, bytes]:
        if self._stored is None:
            self._stored = parsed(self._data)
        return self._stored


def fields_of(document: Any) -> bytes:
    """A serialised `Document` with nothing but its fields, none of them unknown; its times nobody asks for."""
    document.DiscardUnknownFields()
    document.ClearField("create_time")
    document.ClearField("update_time")
    data: bytes = document.SerializeToString(deterministic=True)
    # Only cut off here: a request that has to wait for others is read again, with its name.
    return data[_end_of_name(data) :] if data.startswith(_NAME) else data


def read_fields(data: bytes, read_other: Callable[[Any], Any]) -> SentFields:
    """What `fields_of` gave, looked through value by value.

    `read_other` gets every `Value` that may be wrong, or be written otherwise than it was sent.
    """
    stored = parsed(data)
    names = tuple(stored)
    small = len(data) <= VALUE_BYTES and _are_ordinary(names)
    others: dict[str, Any] = {}
    for name in names:
        value = stored[name]
        if value[:1] not in _PLAIN and not _is_settled(value):
            others[name] = read_other(protos.Value.FromString(value))
            small = small and (not value or value[0] not in (ARRAY, MAP))
    return SentFields(data, others, small=small)


def _end_of_name(data: bytes) -> int:
    if data[1] < 128:
        return data[1] + 2
    size = shift = 0
    for at in range(1, len(data)):
        size |= (data[at] & 127) << shift
        if data[at] < 128:
            return at + 1 + size
        shift += 7
    return len(data)


def _is_settled(value: bytes) -> bool:
    """Whether this is a value as `encode_value` writes it, which can be stored wherever it is."""
    if value[:1] in _PLAIN:
        return True
    tag = value[0] if value else 0
    if tag == _TIME:
        return is_moment(content(value))
    if tag == _FLOAT:
        # Of infinity and NaN, all bits of the exponent are set.
        return not (value[8] & 0x7F == 0x7F and value[7] & 0xF0 == 0xF0)
    if tag == MAP:
        fields = parsers()[1](content(value)).fields
        names = tuple(fields)
        return _are_ordinary(names) and _are_scalars([fields[name] for name in names])
    if tag == ARRAY:
        return _are_scalars(parsers()[2](content(value)).values)
    return value == _NULL


def _are_scalars(values: Iterable[bytes]) -> bool:
    for each in values:
        if each[:1] not in _PLAIN and (not each or each[0] in (MAP, ARRAY) or not _is_settled(each)):
            return False
    return True


def _are_ordinary(names: tuple[str, ...]) -> bool:
    """Whether a map with these names can be stored."""
    return _known_as_ordinary(names) if len(names) <= _REMEMBERED_NAMES else _judged_ordinary(names)


def _judged_ordinary(names: tuple[str, ...]) -> bool:
    return all(0 < len(name) <= _SHORT and not name.startswith("__") for name in names)


_REMEMBERED_NAMES: Final = 32
_known_as_ordinary = lru_cache(maxsize=1024)(_judged_ordinary)
"""Most documents of a collection have the same names."""
