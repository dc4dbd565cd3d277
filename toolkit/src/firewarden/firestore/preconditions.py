"""Whether a write may happen as things are stored, in the words of Google's emulator."""

from __future__ import annotations

from collections.abc import Iterator

from firewarden.firestore.documents import DatabaseName, DocumentPath, StoredDocument
from firewarden.firestore.names import numeric_id
from firewarden.firestore.status import Code, StatusError, failed_precondition, invalid, not_found
from firewarden.firestore.writes import Write

_NANOS_PER_MICRO = 1_000
_DEFAULT = "(default)"
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


def check_precondition(write: Write, stored: StoredDocument | None, database: DatabaseName) -> None:
    """Refuse a write whose precondition does not hold. A document that is not there has the version 0."""
    if write.exists is False and stored is not None:
        raise StatusError(Code.ALREADY_EXISTS, f"entity already exists: EntityRef{{{_place(write.path, database)}}}")
    if write.exists and stored is None:
        raise not_found(f"no entity to update: {_entity(write.path, database)}")
    if write.update_time is not None:
        version = 0 if stored is None else stored.update_time.nanos // _NANOS_PER_MICRO
        required = write.update_time.nanos // _NANOS_PER_MICRO
        if stored is not None and required > version:
            raise invalid(
                f"Invalid base version, it is greater than the stored version: {_entity(write.path, database)}"
            )
        if version != required:
            raise failed_precondition(
                f"the stored version ({version}) does not match the required base version ({required})"
            )


def _place(path: DocumentPath, database: DatabaseName) -> str:
    named = "" if database.database == _DEFAULT else f"#{database.database}"
    numbers = ((each, numeric_id(each) if at % 2 else None) for at, each in enumerate(path))
    ids = "/".join(each if number is None else f"{number}L" for each, number in numbers)
    return f"partitionRef=dev~{database.project}{named}, path=/{ids}"


def _entity(path: DocumentPath, database: DatabaseName) -> str:
    elements = "".join(_elements(path))
    named = "" if database.database == _DEFAULT else f'database_id: "{database.database}"\n'
    return f'app: "dev~{database.project}"\npath <\n{elements}>\n{named}'


def _elements(path: DocumentPath) -> Iterator[str]:
    for kind, name in zip(path[::2], path[1::2], strict=True):
        number = numeric_id(name)
        shown = f'name: "{_escaped(name)}"' if number is None else f"id: {number}"
        yield f'  Element {{\n    type: "{_escaped(kind)}"\n    {shown}\n  }}\n'


def _escaped(text: str) -> str:
    """A text as Java's protobuf text shows it: octal below 256, then UTF-16."""
    units = text.encode("utf-16-be")
    return "".join(_unit(int.from_bytes(units[at : at + 2])) for at in range(0, len(units), 2))


def _unit(code: int) -> str:
    character = chr(code)
    if character in _ESCAPES:
        return _ESCAPES[character]
    if " " <= character <= "~":
        return character
    return f"\\{code:03o}" if code <= 0xFF else f"\\u{code:04x}"
