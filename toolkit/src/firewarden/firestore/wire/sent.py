"""The fields of a document as a client sent them: judged at once, decoded only if somebody looks at them.

Protobuf writes a message in one way that is, for nearly all values, ours too (`serialising`), and does so in native
code. So what was sent is written once, and only looked through for what may be wrong or would be written otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

from firewarden.firestore.wire import protos
from firewarden.firestore.wire.serialising import encode_fields
from firewarden.firestore.wire.values import ARRAY, MAP, READ, content, parsed, parsers
from firewarden.limits import FIELD_NAME_BYTES, FIELD_PATH_BYTES, VALUE_BYTES

_PLAIN: Final = frozenset({b"\x08", b"\x10", b"\x8a", b"\x92"})
"""How the tags begin of booleans, integers, texts and bytes: a value of these types has one serialisation."""
_NAME, _FLOAT, _TIME, _NULL = b"\x0a", 0x19, 0x52, b"\x58\x00"
_SECONDS: Final = 0x08
_SECONDS_ALONE: Final = 8
"""So long is a moment without nanoseconds between 1978 and 3058: its seconds are a number of five bytes."""
_SECONDS_MAX, _NANOS_MAX, _MICROSECOND = 253_402_300_799, 999_999_999, 1_000
_SHORT: Final = min(FIELD_NAME_BYTES, FIELD_PATH_BYTES) // 8 - 1
"""A name with so many characters is within every limit, also inside of another: none has more than four bytes."""


class SentFields(Mapping[str, Any]):
    """Fields by name. If they are `small`, they can be stored: nothing is too long or deep, and no name reserved."""

    __slots__ = ("_data", "_known", "_values", "small")

    def __init__(
        self, known: Mapping[str, bytes], others: dict[str, Any], data: bytes | None = None, *, small: bool
    ) -> None:
        self._known = known
        self._values = others
        self._data = data
        self.small = small

    def __getitem__(self, name: str) -> Any:
        if name not in self._values:
            value = self._known[name]
            self._values[name] = READ[value[0]](value)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**dict.fromkeys(self._known), **self._values})

    def __len__(self) -> int:
        return len({*self._known, *self._values})

    def serialised(self) -> bytes:
        """What `encode_fields` makes of them."""
        return encode_fields(self, self._known) if self._data is None else self._data


def read_document(document: Any, read_other: Callable[[Any], Any]) -> SentFields:
    """The fields of a `Document`, whose times nobody asks for.

    `read_other` gets every `Value` that may be wrong, or be written otherwise than it was sent.
    """
    data = _fields_of(document)
    stored = parsed(data)
    names = tuple(stored)
    is_ordinary = _are_ordinary(names)
    small = is_ordinary and len(data) <= VALUE_BYTES
    others: dict[str, Any] = {}
    for name in names:
        value = stored[name]
        if value[:1] not in _PLAIN and not _is_settled(value):
            others[name] = read_other(protos.Value.FromString(value))
            small = small and (not value or value[0] not in (ARRAY, MAP))
    if is_ordinary and not others:
        return SentFields(stored, others, data, small=small)
    return SentFields({name: stored[name] for name in names if name not in others}, others, small=small)


def _fields_of(document: Any) -> bytes:
    """A serialised `Document` with nothing but its fields, in order of their names."""
    document.DiscardUnknownFields()
    document.ClearField("create_time")
    document.ClearField("update_time")
    data: bytes = document.SerializeToString(deterministic=True)
    # Only cut off here: a request that has to wait for others is read again, with its name.
    return data[_end_of_name(data) :] if data.startswith(_NAME) else data


def _end_of_name(data: bytes) -> int:
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
        return _is_moment(value)
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


def _is_moment(value: bytes) -> bool:
    if len(value) == _SECONDS_ALONE and value[2] == _SECONDS and value[3] & value[4] & value[5] & value[6] & 128:
        return True
    time = protos.Timestamp.FromString(content(value))
    nanos = time.nanos
    return 0 <= time.seconds <= _SECONDS_MAX and 0 <= nanos <= _NANOS_MAX and not nanos % _MICROSECOND


def _are_ordinary(names: tuple[str, ...]) -> bool:
    """Whether a map with these names can be stored, and is written in their order.

    Protobuf's own order puts a name behind the names that it is the beginning of.
    """
    return _known_as_ordinary(names) if len(names) <= _REMEMBERED_NAMES else _judged_ordinary(names)


def _judged_ordinary(names: tuple[str, ...]) -> bool:
    if not all(0 < len(name) <= _SHORT and not name.startswith("__") for name in names):
        return False
    return not any(second.startswith(first) for first, second in pairwise(sorted(names)))


_REMEMBERED_NAMES: Final = 32
_known_as_ordinary = lru_cache(maxsize=1024)(_judged_ordinary)
"""Most documents of a collection have the same names."""
