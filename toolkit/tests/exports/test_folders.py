"""Folders of exports: written whole or not, found, and refused when they are not what was written."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from firewarden.errors import ExportDamaged, ExportRefused
from firewarden.firestore.documents import DatabaseName
from firewarden.firestore.exporting.entities import write_entity
from firewarden.store.exports import (
    FIREBASE_FILE,
    database_of,
    exported,
    find_exports,
    new_place,
    record_exports,
    recorded_exports,
    write_export,
)
from firewarden.values import Timestamp

NAME = DatabaseName("demo-folders")
KILLED = """
import os, sys
from pathlib import Path
from firewarden.store.exports import write_export
from firewarden.values import Timestamp

def dying():
    yield b"x" * 3_000_000
    os._exit(9)

write_export(Path(sys.argv[1]), dying(), now=lambda: Timestamp(0))
"""


def entities(*values: int) -> Iterator[bytes]:
    for each in values:
        yield write_entity(NAME, ("numbers", f"n{each}"), {"value": each})


def failing(*values: int) -> Iterator[bytes]:
    yield from entities(*values)
    raise OSError(28, "No space left on device")


def written(folder: Path, *values: int) -> Path:
    metadata, number = write_export(folder, entities(*values), now=lambda: Timestamp(0))
    assert number == len(values)
    return metadata


def values(metadata: Path) -> list[int]:
    return [each.fields["value"] for each in exported(metadata, "demo-importing")]


def files(folder: Path) -> set[str]:
    return {each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file()}


def test_an_export_is_where_everybody_looks_for_it(tmp_path: Path) -> None:
    metadata = written(tmp_path / "first", 1, 2)
    assert values(metadata) == [1, 2]
    assert files(tmp_path) == {
        "first/first.overall_export_metadata",
        "first/all_namespaces/all_kinds/all_namespaces_all_kinds.export_metadata",
        "first/all_namespaces/all_kinds/output-0",
    }


def test_nothing_is_exported_as_metadata_alone(tmp_path: Path) -> None:
    written(tmp_path / "first", 1)
    metadata = written(tmp_path / "first")
    assert values(metadata) == []
    assert database_of(metadata) == "(default)"
    assert files(tmp_path) == {"first/first.overall_export_metadata"}


def test_the_next_export_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    for number in range(4):
        assert values(written(tmp_path / "same", *range(number))) == list(range(number))
    assert len(files(tmp_path)) == 3


def test_a_failed_export_leaves_the_one_before(tmp_path: Path) -> None:
    metadata = written(tmp_path / "same", 1, 2)
    before = files(tmp_path)
    with pytest.raises(ExportRefused, match=r"No space left on device\. An older export there is as it was"):
        write_export(tmp_path / "same", failing(3), now=lambda: Timestamp(0))
    assert (values(metadata), files(tmp_path)) == ([1, 2], before)


def test_an_export_that_was_cut_off_is_not_there(tmp_path: Path) -> None:
    """Whatever the moment: the old one is read until the new one is whole, and the next export cleans up."""
    metadata = written(tmp_path / "same", 1, 2)
    seen: list[list[int]] = []

    def looking() -> Iterator[bytes]:
        for each in entities(3, 4):
            seen.append(values(metadata))
            yield each
        seen.append(values(metadata))

    killed = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", KILLED, str(tmp_path / "same")], check=False, timeout=60
    )
    assert killed.returncode == 9
    assert len(files(tmp_path)) > 3
    assert values(metadata) == [1, 2]
    write_export(tmp_path / "same", looking(), now=lambda: Timestamp(0))
    assert seen == [[1, 2]] * 3
    assert values(metadata) == [3, 4]
    assert len(files(tmp_path)) == 3


def test_a_place_that_cannot_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportRefused, match="Not a directory"):
        written(tmp_path / "file" / "below", 1)


def test_a_firebase_export_names_each_database(tmp_path: Path) -> None:
    (tmp_path / FIREBASE_FILE).write_text(json.dumps({"version": "15.1.2", "auth": {"path": "auth_export"}}))
    first = {each: written(new_place(tmp_path, each), 1) for each in ("(default)", "second")}
    record_exports(tmp_path, first)
    assert recorded_exports(tmp_path) == first
    content = json.loads((tmp_path / FIREBASE_FILE).read_text())
    assert content["version"] == "15.1.2"
    assert content["auth"] == {"path": "auth_export"}
    assert content["firestore"]["metadata_file"] == "firestore_export/firestore_export.overall_export_metadata"

    again = written(new_place(tmp_path, "(default)"), 2)
    assert [values(each) for each in find_exports(tmp_path)] == [[1], [1]]
    record_exports(tmp_path, {"(default)": again})
    assert recorded_exports(tmp_path) == first | {"(default)": again}
    assert [values(each) for each in find_exports(tmp_path)] == [[2], [1]]
    assert not first["(default)"].exists()


def test_what_is_meant_is_found(tmp_path: Path) -> None:
    metadata = written(tmp_path / "one", 1)
    assert find_exports(metadata) == find_exports(tmp_path / "one") == [metadata]
    with pytest.raises(ExportDamaged, match="There is no export in"):
        find_exports(tmp_path)
    (tmp_path / "one" / "another.overall_export_metadata").write_bytes(metadata.read_bytes())
    with pytest.raises(ExportDamaged, match="There are several exports in"):
        find_exports(tmp_path / "one")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("{", "cannot be read"),
        ("[]", "is not a JSON object"),
        ("{}", "names no export of Firestore"),
        ('{"firestore": 1}', "names no export of Firestore"),
    ],
)
def test_a_broken_firebase_export_is_refused(tmp_path: Path, content: str, problem: str) -> None:
    (tmp_path / FIREBASE_FILE).write_text(content)
    with pytest.raises(ExportDamaged, match=problem):
        find_exports(tmp_path)


def damage(file: Path, at: int) -> None:
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(content)


def test_what_is_damaged_is_named_with_its_place(tmp_path: Path) -> None:
    metadata = written(tmp_path / "one", 1, 2, 3)
    kinds = tmp_path / "one/all_namespaces/all_kinds"
    output, described = kinds / "output-0", kinds / "all_namespaces_all_kinds.export_metadata"
    second = len(output.read_bytes()) // 3

    damage(output, second + 10)
    with pytest.raises(ExportDamaged, match=f"output-0 is damaged at byte {second}: the checksum does not match"):
        values(metadata)
    damage(output, second + 10)

    output.write_bytes(output.read_bytes()[:-1])
    with pytest.raises(ExportDamaged, match=f"the file ends inside the fragment that begins at {2 * second}"):
        values(metadata)
    output.write_bytes(output.read_bytes()[: 2 * second])
    with pytest.raises(ExportDamaged, match="2 documents are there, and it speaks of 3"):
        values(metadata)
    output.unlink()
    with pytest.raises(ExportDamaged, match=r"output-0 cannot be read: No such file or directory\."):
        values(metadata)

    described.write_bytes(b"\xff\xff")
    with pytest.raises(ExportDamaged, match=r"all_kinds\.export_metadata is damaged at byte 0"):
        values(metadata)
    described.unlink()
    with pytest.raises(ExportDamaged, match=r"all_kinds\.export_metadata cannot be read"):
        values(metadata)

    metadata.write_bytes(b"text")
    with pytest.raises(ExportDamaged, match=r"one\.overall_export_metadata is damaged at byte 0"):
        values(metadata)
    with pytest.raises(ExportDamaged, match=r"no\.overall_export_metadata cannot be read"):
        values(tmp_path / "no.overall_export_metadata")
