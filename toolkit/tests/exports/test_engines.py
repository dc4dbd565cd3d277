"""Exports go both ways between Google's emulator and ours: what comes back is what was exported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from firewarden.firestore.documents import Fields
from firewarden.firestore.exporting.log import LogWriter
from firewarden.firestore.exporting.messages import message
from firewarden.firestore.exporting.metadata import KindFolder, write_kind, write_overall
from firewarden.server.serving import Server
from firewarden.testing.session import Server as Found
from firewarden.values import Timestamp
from toolkit.tests.exports.documents import DEFAULT, EVERYTHING, OTHERS, SECOND, Asked, serialised

pytestmark = [
    pytest.mark.emulator,
    pytest.mark.official_firestore(reason="exchanges exports with it"),
]
LARGE: Mapping[str, Fields] = {"large/whole": {"text": "é" * 524_000}}
DATABASES = [
    pytest.param(DEFAULT, EVERYTHING, id="default"),
    pytest.param(SECOND, OTHERS, id="second"),
    pytest.param("empty", {}, id="empty"),
    pytest.param(DEFAULT, LARGE, id="large"),
]


@contextmanager
def two(server: Server, official: Found, project: str, database: str = DEFAULT) -> Iterator[tuple[Asked, Asked]]:
    """The same empty database of both engines."""
    with Asked(server.address, project, database) as ours, Asked(official.host, project, database) as theirs:
        theirs.clear()
        yield ours, theirs


@pytest.mark.parametrize(("database", "documents"), DATABASES)
def test_what_we_export_comes_back_from_there(
    server: Server,
    official_firestore_server: Found,
    firestore_project: str,
    tmp_path: Path,
    database: str,
    documents: Mapping[str, Fields],
) -> None:
    with two(server, official_firestore_server, firestore_project, database) as (ours, theirs):
        ours.write(documents)
        theirs.import_(ours.export(tmp_path / "ours"))
        assert theirs.read() == serialised(documents)
        ours.clear()
        ours.import_(theirs.export(tmp_path / "theirs"))
        assert ours.read() == serialised(documents)


@pytest.mark.parametrize(("database", "documents"), DATABASES)
def test_what_they_export_comes_back_from_here(
    server: Server,
    official_firestore_server: Found,
    firestore_project: str,
    tmp_path: Path,
    database: str,
    documents: Mapping[str, Fields],
) -> None:
    with two(server, official_firestore_server, firestore_project, database) as (ours, theirs):
        theirs.write(documents)
        ours.import_(theirs.export(tmp_path / "theirs"))
        assert ours.read() == serialised(documents)
        theirs.clear()
        # The second export of that name: its entities are in another folder than usual.
        ours.export(tmp_path / "ours")
        theirs.import_(ours.export(tmp_path / "ours"))
        assert theirs.read() == serialised(documents)


def managed(folder: Path) -> Path:
    """An export as production's looks: by kinds, in several files, with indexed properties."""
    point = {"reference": {"app": b"s~shop", "element": [{"type": b"a", "name": b"b"}]}}
    entity = message("Entity")(
        property=[
            {"name": b"indexed", "multiple": False, "value": point},
            {"name": b"listed", "multiple": True, "value": point},
            {"name": b"at", "multiple": False, "meaning": 7, "value": {"int64": 5}},
        ],
        raw_property=[{"name": b"raw", "multiple": False, "value": point}],
    )
    entity.key.app = b"s~shop"
    kinds = []
    for kind in (b"users", b"orders"):
        named = f"all_namespaces/kind_{kind.decode()}"
        (folder / named).mkdir(parents=True)
        files, size = [], 0
        for number in range(2):
            del entity.key.path.element[:]
            entity.key.path.element.add(type=kind, name=f"n{number}".encode())
            entity.entity_group.CopyFrom(entity.key.path)
            log = LogWriter()
            files.append(f"output-{number}")
            (folder / named / files[-1]).write_bytes(log.record(entity.SerializeToString()))
            size += log.size
        described = f"{named}/all_namespaces_kind_{kind.decode()}.export_metadata"
        (folder / described).write_bytes(write_kind(folder.name, Timestamp(0), Timestamp(0), files))
        kinds.append(KindFolder(described, 2, size))
    overall = folder / f"{folder.name}.overall_export_metadata"
    overall.write_bytes(write_overall(kinds))
    return overall


def test_a_managed_export_is_read_alike(
    server: Server, official_firestore_server: Found, firestore_project: str, tmp_path: Path
) -> None:
    """A reference in what is indexed names the importing project, any other keeps its own."""
    metadata = managed(tmp_path / "managed")
    with two(server, official_firestore_server, firestore_project) as (ours, theirs):
        ours.import_(metadata)
        theirs.import_(metadata)
        assert len(ours.read()) == 4
        assert ours.read() == theirs.read()


def test_what_is_there_stays_and_keeps_its_times_alike(
    server: Server, official_firestore_server: Found, firestore_project: str, tmp_path: Path
) -> None:
    """A document that is overwritten keeps its time of creation; one that is the same already stays as it is."""
    for address in (server.address, official_firestore_server.host):
        with Asked(address, firestore_project) as asked:
            asked.clear()
            asked.write({"a/same": {"n": 1}, "a/other": {"n": 1}})
            metadata = asked.export(tmp_path / address.replace(":", "-"))
            asked.write({"a/other": {"n": 2}, "a/third": {"n": 3}})
            before = asked.documents()
            asked.import_(metadata)
            after = asked.documents()
            assert after["a/same"] == before["a/same"]
            assert after["a/third"] == before["a/third"]
            assert after["a/other"]["createTime"] == before["a/other"]["createTime"]
            assert after["a/other"]["updateTime"] > before["a/other"]["updateTime"]
            assert after["a/other"]["fields"] == before["a/same"]["fields"]
