"""Where an emulator is looked for, and what a user is told when none can be used."""

from __future__ import annotations

import socket
import zipfile
from pathlib import Path

import pytest

from firewarden.errors import EmulatorNotFound
from firewarden.testing import Installation, Running, locate_emulator
from firewarden.testing.session import Server

SDK_JAR = "platform/cloud-firestore-emulator/cloud-firestore-emulator.jar"
CACHE = ".cache/firebase/emulators"
MAIN_CLASS_FILE = "com/google/cloud/datastore/emulator/firestore/CloudFirestore.class"


def make_jar(path: Path, *, java: int = 11) -> Path:
    """A jar whose main class says which Java it was compiled for, as javac writes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(MAIN_CLASS_FILE, b"\xca\xfe\xba\xbe\x00\x00" + (java + 44).to_bytes(2, "big"))
    return path


def make_program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    """The environment of a machine that has Java 17 and nothing else."""
    make_program(tmp_path / "bin/java", "echo 'openjdk version \"17.0.15\" 2025-04-15' >&2")
    return {"HOME": str(tmp_path / "home"), "PATH": str(tmp_path / "bin")}


def located_jar(environ: dict[str, str], *sdk_roots: str) -> Path:
    located = locate_emulator(environ, sdk_roots=sdk_roots)
    assert isinstance(located, Installation)
    return located.jar


def test_nothing_found_names_every_place_and_three_ways_out(machine: dict[str, str]) -> None:
    with pytest.raises(EmulatorNotFound) as failure:
        locate_emulator(machine, sdk_roots=("~/google-cloud-sdk",))

    assert (
        str(failure.value)
        == f"""\
No Firestore emulator found. Looked at:
  - gcloud: not on PATH
  - usual place: {machine["HOME"]}/google-cloud-sdk/{SDK_JAR}
  - firebase-tools' cache: {machine["HOME"]}/{CACHE}/cloud-firestore-emulator-v*.jar
Any one of these is enough:
  1. gcloud:          gcloud components install cloud-firestore-emulator
                      (Debian and Ubuntu: apt-get install google-cloud-cli-firestore-emulator), and Java
  2. firebase-tools:  npx firebase-tools setup:emulators:firestore, and Java 21 or newer
  3. a running one:   FIRESTORE_EMULATOR_HOST=127.0.0.1:8080"""
    )


def test_gcloud_on_the_path_leads_to_its_component(machine: dict[str, str], tmp_path: Path) -> None:
    """The launcher on PATH is usually a link into the SDK."""
    jar = make_jar(tmp_path / "sdk" / SDK_JAR)
    launcher = make_program(tmp_path / "sdk/bin/gcloud", "exit 1")
    (tmp_path / "bin/gcloud").symlink_to(launcher)

    assert located_jar(machine) == jar


def test_gcloud_without_the_component_is_not_enough(machine: dict[str, str], tmp_path: Path) -> None:
    make_program(tmp_path / "sdk/bin/gcloud", "exit 1")
    (tmp_path / "bin/gcloud").symlink_to(tmp_path / "sdk/bin/gcloud")

    with pytest.raises(EmulatorNotFound, match=r"gcloud's component: .*/sdk/platform/"):
        located_jar(machine)


def test_the_named_sdk_root_comes_before_others(machine: dict[str, str], tmp_path: Path) -> None:
    make_jar(tmp_path / "usual" / SDK_JAR)
    jar = make_jar(tmp_path / "named" / SDK_JAR)

    assert located_jar({**machine, "CLOUDSDK_ROOT_DIR": str(tmp_path / "named")}, str(tmp_path / "usual")) == jar


def test_the_newest_jar_of_firebase_tools_is_taken(machine: dict[str, str], tmp_path: Path) -> None:
    for version in ("1.9.2", "1.19.8", "1.19.10"):
        make_jar(tmp_path / "home" / CACHE / f"cloud-firestore-emulator-v{version}.jar")

    assert located_jar(machine).name == "cloud-firestore-emulator-v1.19.10.jar"


def test_a_named_jar_comes_first(machine: dict[str, str], tmp_path: Path) -> None:
    make_jar(tmp_path / "sdk" / SDK_JAR)
    jar = make_jar(tmp_path / "mine.jar")

    assert located_jar({**machine, "FIRESTORE_EMULATOR_BINARY_PATH": str(jar)}, str(tmp_path / "sdk")) == jar


def test_without_java_it_says_so(machine: dict[str, str], tmp_path: Path) -> None:
    make_jar(tmp_path / "sdk" / SDK_JAR)

    with pytest.raises(EmulatorNotFound, match="no `java` in JAVA_HOME or on PATH"):
        located_jar({**machine, "PATH": ""}, str(tmp_path / "sdk"))


@pytest.mark.parametrize(
    ("needed", "answer", "verdict"),
    [
        (11, 'openjdk version "17.0.15" 2025-04-15', "fits"),
        (17, 'openjdk version "17" 2021-09-14', "fits"),
        (21, 'openjdk version "17.0.15" 2025-04-15', "too old"),
        (11, 'java version "1.8.0_402"', "too old"),
        (8, 'java version "1.8.0_402"', "fits"),
        (21, "a java that speaks otherwise", "fits"),
    ],
)
def test_java_must_be_new_enough_for_the_jar(
    needed: int, answer: str, verdict: str, machine: dict[str, str], tmp_path: Path
) -> None:
    """What the jar was compiled for is read from the jar; an unknown Java is given the benefit of the doubt."""
    make_program(tmp_path / "bin/java", f"echo '{answer}' >&2")
    jar = make_jar(tmp_path / "sdk" / SDK_JAR, java=needed)

    if verdict == "fits":
        assert located_jar(machine, str(tmp_path / "sdk")) == jar
    else:
        with pytest.raises(EmulatorNotFound, match=f"needs Java {needed} or newer; .*/bin/java is Java "):
            located_jar(machine, str(tmp_path / "sdk"))


def test_java_home_comes_before_the_path(machine: dict[str, str], tmp_path: Path) -> None:
    make_jar(tmp_path / "sdk" / SDK_JAR)
    java = make_program(tmp_path / "jdk/bin/java", "echo 'openjdk version \"21\"' >&2")

    located = locate_emulator({**machine, "JAVA_HOME": str(tmp_path / "jdk")}, sdk_roots=(str(tmp_path / "sdk"),))
    assert isinstance(located, Installation)
    assert located.java == str(java)


@pytest.mark.emulator
def test_a_running_server_is_used_before_an_installed_one(firestore_server: Server) -> None:
    host, _, port = firestore_server.host.rpartition(":")

    assert locate_emulator({"FIRESTORE_EMULATOR_HOST": firestore_server.host}) == Running(host, int(port))


def test_a_named_server_that_does_not_answer_is_an_error() -> None:
    """Starting another one instead would test something else than was asked for."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(EmulatorNotFound, match=f"names {address}, but no Firestore emulator answers there"):
            locate_emulator({"FIRESTORE_EMULATOR_HOST": address})


@pytest.mark.parametrize("value", ["localhost", "127.0.0.1:", ":8080", "http://127.0.0.1"])
def test_a_named_server_has_a_host_and_a_port(value: str) -> None:
    with pytest.raises(EmulatorNotFound, match="which is not HOST:PORT"):
        locate_emulator({"FIRESTORE_EMULATOR_HOST": value})
