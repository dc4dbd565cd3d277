"""Writes an export: an older one of the same name stays whole and in force until the new one is.

An import follows the names in the overall metadata, the file `N/N.overall_export_metadata`. So the entities of a new
export go into a folder beside those of the older one, and the exchange of that one file decides which of them hold.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable
from itertools import count
from pathlib import Path
from typing import Final

from firewarden.errors import ExportRefused
from firewarden.firestore.exporting.log import LogWriter
from firewarden.firestore.exporting.metadata import OVERALL_SUFFIX, KindFolder, write_kind, write_overall
from firewarden.store.exports.files import replace_file, sync_folder, write_through
from firewarden.values import Timestamp

_NAMESPACES: Final = "all_namespaces"
_KINDS: Final = "all_kinds"
_KIND_FILE: Final = "all_namespaces_all_kinds.export_metadata"
_OUTPUT: Final = "output-0"
_BUFFER_BYTES: Final = 1 << 20

Progress = Callable[[int], None]
"""Is told, now and then, how many documents were done so far."""


def silent(_: int) -> None:
    """A `Progress` that tells nobody."""


def write_export(
    folder: Path, entities: Iterable[bytes], *, now: Callable[[], Timestamp], progress: Progress = silent
) -> tuple[Path, int]:
    """Write serialised entities as the export that is this folder; returns its metadata file and how many there were.

    Raises `ExportRefused` where that is not possible; an older export is as it was then.
    """
    try:
        return _written(folder, entities, now, progress)
    except OSError as error:
        raise ExportRefused(
            f"{folder} cannot be written: {error.strerror or error}. An older export there is as it was.",
            hint="Name a folder on a disk with room that may be written to.",
        ) from error


def _written(
    folder: Path, entities: Iterable[bytes], now: Callable[[], Timestamp], progress: Progress
) -> tuple[Path, int]:
    start = now()
    container = folder / _NAMESPACES
    kinds = _new_folder(container)
    overall = folder / f"{folder.name}{OVERALL_SUFFIX}"
    try:
        number, size = _write_log(kinds / _OUTPUT, entities, progress)
        found = []
        if number:
            write_through(kinds / _KIND_FILE, write_kind(folder.name, start, now(), [_OUTPUT]))
            found = [KindFolder(f"{_NAMESPACES}/{kinds.name}/{_KIND_FILE}", number, size)]
        for each in (kinds, container, folder, folder.parent):
            sync_folder(each)
        replace_file(overall, write_overall(found))
    except BaseException:
        shutil.rmtree(kinds, ignore_errors=True)
        raise
    _remove_others(container, kinds if found else None)
    return overall, number


def _new_folder(container: Path) -> Path:
    """A folder that nobody has written to, `all_kinds` if it can be."""
    container.mkdir(parents=True, exist_ok=True)
    for number in count(1):
        folder = container / (_KINDS if number == 1 else f"{_KINDS}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder
    raise AssertionError


def _write_log(path: Path, entities: Iterable[bytes], progress: Progress) -> tuple[int, int]:
    log = LogWriter()
    number = 0
    with path.open("wb", buffering=_BUFFER_BYTES) as file:
        for number, each in enumerate(entities, 1):
            file.write(log.record(each))
            progress(number)
        file.flush()
        os.fsync(file.fileno())
    return number, log.size


def _remove_others(container: Path, kinds: Path | None) -> None:
    """What the export consisted of before, and what exports left behind that were cut off."""
    for each in container.iterdir():
        if each != kinds:
            shutil.rmtree(each, ignore_errors=True)
    if kinds is None:
        container.rmdir()
