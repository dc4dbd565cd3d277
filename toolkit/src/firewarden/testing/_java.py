"""Which Java there is and which one a jar needs. Starts nothing but ``java -version``."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path

from firewarden.errors import EmulatorNotFound

MAIN_CLASS = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"
_FIRST_CLASS_FILE_VERSION = 44  # Java 1.0 wrote 44; every major release since adds one


def require_java(jar: Path, environ: Mapping[str, str]) -> str:
    """The ``java`` that runs this jar; raises EmulatorNotFound when there is none or it is too old."""
    java = find_java(environ)
    if java is None:
        raise EmulatorNotFound(
            f"The Firestore emulator at {jar} needs Java, and there is no `java` in JAVA_HOME or on PATH.",
            hint="Install a Java runtime, version 21 or newer (for example Eclipse Temurin), and try again.",
        )
    present, needed = java_version(java), needed_java(jar)
    if present is not None and needed is not None and present < needed:
        raise EmulatorNotFound(
            f"The Firestore emulator at {jar} needs Java {needed} or newer; {java} is Java {present}.",
            hint=f"Install Java {needed} or newer and put it on PATH, or point JAVA_HOME at it.",
        )
    return java


def find_java(environ: Mapping[str, str]) -> str | None:
    """JAVA_HOME is asked before PATH, as other Java launchers do."""
    home = environ.get("JAVA_HOME")
    if home and (found := shutil.which("java", path=str(Path(home) / "bin"))):
        return found
    return shutil.which("java", path=environ.get("PATH", ""))


def java_version(java: str) -> int | None:
    """The major version that ``java -version`` prints, or None where it prints something unknown."""
    answer = subprocess.run(  # noqa: S603 - the program is the java that will run the emulator
        [java, "-version"], capture_output=True, text=True, timeout=30, check=False
    )
    match = re.search(r'version "(?:1\.)?(\d+)', answer.stderr + answer.stdout)
    return int(match.group(1)) if match else None


def needed_java(jar: Path) -> int | None:
    """The version the jar's main class was compiled for (bytes 6 and 7 of every class file)."""
    try:
        with zipfile.ZipFile(jar) as archive:
            head = archive.open(MAIN_CLASS.replace(".", "/") + ".class").read(8)
    except (OSError, KeyError, zipfile.BadZipFile):
        return None
    return int.from_bytes(head[6:8], "big") - _FIRST_CLASS_FILE_VERSION
