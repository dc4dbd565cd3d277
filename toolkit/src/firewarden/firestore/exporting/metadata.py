"""What an export says of itself: which folders of entities there are, and which files each has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from firewarden.firestore.exporting.damage import Damaged
from firewarden.firestore.exporting.log import LogWriter, records
from firewarden.firestore.exporting.messages import message
from firewarden.values import Timestamp

OVERALL_SUFFIX = ".overall_export_metadata"
_FORMAT = b"\x33"
_LAYOUT, _ALL_KINDS = 2, 3
"""What stands before every folder in the exports that were seen."""
_MICROSECOND = 1_000


class KindFolder(NamedTuple):
    """A folder of entities: its description, relative to the export's folder, and how much it holds."""

    metadata: str
    entities: int
    size: int


def write_overall(kinds: Sequence[KindFolder]) -> bytes:
    """The file that an import begins with."""
    overall = message("OverallMetadata")()
    for each in kinds:
        kind = overall.kind.add(metadata=each.metadata.encode(), entities=each.entities, size=each.size)
        kind.version.layout, kind.version.kind = _LAYOUT, _ALL_KINDS
    log = LogWriter()
    return log.record(_FORMAT) + log.record(overall.SerializeToString())


def read_overall(blocks: Sequence[bytes]) -> list[KindFolder]:
    """The folders that the file names; raises `Damaged`."""
    found = list(records(blocks))
    if not found or found[0][1] != _FORMAT:
        raise Damaged(0, "not the metadata of an export that this version can read")
    kinds = [each for at, data in found[1:] for each in _parse("OverallMetadata", data, at).kind]
    return [KindFolder(_text(each.metadata, 0), each.entities, each.size) for each in kinds]


def write_kind(name: str, start: Timestamp, end: Timestamp, files: Sequence[str]) -> bytes:
    """The description of one folder."""
    kind = message("KindMetadata")()
    kind.span.name = name.encode()
    kind.span.start, kind.span.end = start.nanos // _MICROSECOND, end.nanos // _MICROSECOND
    for each in files:
        kind.output.add(kind=b"", file=each.encode())
    return bytes(kind.SerializeToString())


def read_kind(data: bytes) -> list[str]:
    """The files of a folder, relative to it; raises `Damaged`."""
    return [_text(each.file, 0) for each in _parse("KindMetadata", data, 0).output]


def _parse(name: str, data: bytes, at: int) -> Any:
    from google.protobuf.message import DecodeError  # noqa: PLC0415 - when it is needed

    try:
        return message(name).FromString(data)
    except DecodeError as error:
        raise Damaged(at, "not the metadata of an export") from error


def _text(data: bytes, at: int) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise Damaged(at, "the name of a file that is no text") from error
