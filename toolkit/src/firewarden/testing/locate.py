"""Finds Google's Firestore emulator on this machine. Starts and downloads nothing."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from firewarden.errors import EmulatorNotFound
from firewarden.testing._java import MAIN_CLASS, require_java

_JAR_IN_SDK = Path("platform/cloud-firestore-emulator/cloud-firestore-emulator.jar")
COMMON_SDK_ROOTS = (
    "~/google-cloud-sdk",
    "/usr/lib/google-cloud-sdk",
    "/usr/local/google-cloud-sdk",
    "/opt/google-cloud-sdk",
    "/opt/homebrew/share/google-cloud-sdk",
    "/usr/local/share/google-cloud-sdk",
    "/snap/google-cloud-cli/current",
)
_INSTALL_HINT = """\
Any one of these is enough:
  1. gcloud:          gcloud components install cloud-firestore-emulator
                      (Debian and Ubuntu: apt-get install google-cloud-cli-firestore-emulator), and Java
  2. firebase-tools:  npx firebase-tools setup:emulators:firestore, and Java 21 or newer
  3. a running one:   FIRESTORE_EMULATOR_HOST=127.0.0.1:8080"""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that somebody else started and keeps."""

    host: str
    port: int

    @property
    def address(self) -> str:
        """``host:port``, as FIRESTORE_EMULATOR_HOST writes it."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Installation:
    """An emulator on disk, and the Java that runs it."""

    jar: Path
    java: str

    def command(
        self,
        *,
        port: int,
        host: str = "127.0.0.1",
        functions_emulator: str | None = None,
        rules: Path | None = None,
    ) -> list[str]:
        """The command line that serves on this address; `functions_emulator` is who gets the triggers.

        `rules` hold for every project that gets none of its own.
        """
        command = [self.java, "-Duser.language=en", "-cp", str(self.jar), MAIN_CLASS, "start"]
        command += [f"--host={host}", f"--port={port}"]
        if functions_emulator is not None:
            command.append(f"--functions_emulator={functions_emulator}")
        if rules is not None:
            command.append(f"--rules={rules}")
        return command


def locate_emulator(
    environ: Mapping[str, str] = os.environ, *, sdk_roots: Sequence[str] = COMMON_SDK_ROOTS
) -> Running | Installation:
    """A running server named by FIRESTORE_EMULATOR_HOST goes before an installed one.

    Raises EmulatorNotFound when the named one does not answer, or when nothing is installed.
    """
    if environ.get("FIRESTORE_EMULATOR_HOST"):
        return locate_running(environ)
    return locate_installation(environ, sdk_roots=sdk_roots)


def locate_running(environ: Mapping[str, str] = os.environ) -> Running:
    """The server that FIRESTORE_EMULATOR_HOST names; raises EmulatorNotFound when it does not answer."""
    return _require_answering(environ["FIRESTORE_EMULATOR_HOST"])


def locate_installation(
    environ: Mapping[str, str] = os.environ, *, sdk_roots: Sequence[str] = COMMON_SDK_ROOTS
) -> Installation:
    """The first installed emulator in the order: FIRESTORE_EMULATOR_BINARY_PATH, gcloud, firebase-tools."""
    looked_at: list[str] = []
    for place, jar in _candidates(environ, sdk_roots):
        if jar is not None and jar.is_file():
            return Installation(jar=jar, java=require_java(jar, environ))
        looked_at.append(f"  - {place}")
    raise EmulatorNotFound("\n".join(["No Firestore emulator found. Looked at:", *looked_at]), hint=_INSTALL_HINT)


def answers(address: str) -> bool:
    """A Firestore emulator says ``Ok`` to ``GET /``."""
    try:
        return httpx.get(f"http://{address}/", timeout=2, trust_env=False).text.strip() == "Ok"
    except httpx.HTTPError:
        return False


def _require_answering(address: str) -> Running:
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise EmulatorNotFound(
            f"FIRESTORE_EMULATOR_HOST is {address!r}, which is not HOST:PORT.",
            hint="Write it like 127.0.0.1:8080, or unset it to have a server started.",
        )
    if not answers(address):
        raise EmulatorNotFound(
            f"FIRESTORE_EMULATOR_HOST names {address}, but no Firestore emulator answers there.",
            hint="Start it, correct the variable, or unset it to have a server started.",
        )
    return Running(host=host, port=int(port))


def _candidates(environ: Mapping[str, str], sdk_roots: Sequence[str]) -> Iterator[tuple[str, Path | None]]:
    """(what to tell the user, the jar if it is there) for each place, best first."""
    if named := environ.get("FIRESTORE_EMULATOR_BINARY_PATH"):
        yield f"FIRESTORE_EMULATOR_BINARY_PATH: {named}", Path(named).expanduser()
    yield from _gcloud_candidates(environ, sdk_roots)
    cache = _home(environ, "~/.cache/firebase/emulators")
    pattern = "cloud-firestore-emulator-v*.jar"
    yield (
        f"firebase-tools' cache: {cache / pattern}",
        max(cache.glob(pattern), key=_jar_version, default=None),
    )


def _gcloud_candidates(environ: Mapping[str, str], sdk_roots: Sequence[str]) -> Iterator[tuple[str, Path]]:
    if named := environ.get("CLOUDSDK_ROOT_DIR"):
        yield f"CLOUDSDK_ROOT_DIR: {Path(named) / _JAR_IN_SDK}", Path(named) / _JAR_IN_SDK
    gcloud = shutil.which("gcloud", path=environ.get("PATH", ""))
    if gcloud is None:
        yield "gcloud: not on PATH", Path("gcloud-is-not-on-path")
    else:
        # The launcher lives in <sdk>/bin; asking gcloud itself would take more than a second.
        jar = Path(gcloud).resolve().parent.parent / _JAR_IN_SDK
        yield f"gcloud's component: {jar}", jar
    for root in sdk_roots:
        yield f"usual place: {_home(environ, root) / _JAR_IN_SDK}", _home(environ, root) / _JAR_IN_SDK


def _home(environ: Mapping[str, str], path: str) -> Path:
    """HOME is the caller's, not the process's: the environment is a parameter here."""
    return Path(environ.get("HOME", "~") + path[1:]) if path.startswith("~") else Path(path)


def _jar_version(jar: Path) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", jar.stem.rpartition("-v")[2]))
