"""Answers as `java`, first on the PATH of the Firebase CLI: its Firestore emulator is then our server.

Three calls are known: which version Java is; Google's Firestore emulator, from its jar; and everything else, which is
for the Java that comes next on the PATH. `java_first` puts this there, for one command only.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

FOLDER_VARIABLE = "FIREWARDEN_JAVA_FOLDER"
OPTIONS_VARIABLE = "FIREWARDEN_JAVA_OPTIONS"
"""More options of `firewarden serve`, as a JSON list."""

_JAR = "cloud-firestore-emulator.jar"
_IS_EMULATOR_JAR = re.compile(r"cloud-firestore-emulator(-v[\d.]+)?\.jar")
_EMULATOR_CLASS = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"
_VERSION = 'openjdk version "21.0.0" 2023-09-19\nFirewarden, in the place of Java for the Firestore emulator'
"""The Firebase CLI wants 21 or newer, and reads the number in quotation marks."""

_ASKS_VERSION = {"-version", "--version", "-fullversion", "--full-version"}
_TAKES_VALUE = {"-cp", "-classpath", "--class-path", "-p", "--module-path", "--add-modules"}
_SERVE = {
    "host": "--host",
    "port": "--port",
    "websocket_port": "--websocket-port",
    "project_id": "--project",
    "rules": "--rules",
    "functions_emulator": "--functions",
    "seed_from_export": "--import",
    "import-data": "--import",
}
_WITHOUT_EFFECT = {"single_project_mode", "single_project_mode_error", "database-mode"}
_EDITION = "database-edition"
_CANNOT = 1
_NO_JAVA = """There is no Java on the PATH, and this is not the Firestore emulator: {}
Install Java for the other emulators that need it, or leave them out with --only."""


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """What the process ends with."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if asks_version(arguments):
        print(_VERSION, file=sys.stderr)
        return 0
    asked = emulator_arguments(arguments)
    if asked is None:
        java = next_java(environ)
        if java is None:
            print(_NO_JAVA.format(shlex.join(["java", *arguments])), file=sys.stderr)
            return _CANNOT
        os.execve(java, [java, *arguments], {**environ})  # noqa: S606 - the program that was asked for
    command, problems = serve_command(asked)
    if command is None:
        print("\n".join(problems), file=sys.stderr)
        return _CANNOT
    for each in problems:
        print(each, file=sys.stderr)
    from firewarden.cli.main import main as firewarden  # noqa: PLC0415 - other calls are answered sooner without

    # Emulators that cannot run end with 1.
    return min(firewarden([*command, *json.loads(environ.get(OPTIONS_VARIABLE, "[]"))]), _CANNOT)


def asks_version(arguments: Sequence[str]) -> bool:
    """Whether a call only asks which Java there is."""
    options, program, _ = _split(arguments)
    return program is None and bool(_ASKS_VERSION & set(options))


def emulator_arguments(arguments: Sequence[str]) -> Sequence[str] | None:
    """What Google's Firestore emulator is started with; None if it is not what is started."""
    options, program, rest = _split(arguments)
    if program is None:
        return None
    is_jar = "-jar" in options and _IS_EMULATOR_JAR.fullmatch(Path(program).name)
    return rest if is_jar or program == _EMULATOR_CLASS else None


def serve_command(asked: Sequence[str]) -> tuple[list[str] | None, list[str]]:
    """The arguments of `firewarden` for those of the emulator, and what there is to say of them; None if it cannot."""
    # Google's emulator sends events in base64, and the functions emulator of the Firebase CLI expects that.
    command, said = ["serve", "--events", "base64"], []
    given = iter(asked[1:] if asked[:1] == ["start"] else asked)
    for word in given:
        name, separator, value = word.removeprefix("--").partition("=")
        if not separator:
            value = next(given, "")
        if name == _EDITION and value != "standard":
            return None, [f"Firewarden serves the standard edition of Firestore, not {value}."]
        if name in _SERVE:
            command += [_SERVE[name], value]
        elif name not in {*_WITHOUT_EFFECT, _EDITION}:
            said.append(f"Firewarden does not know --{name}: it has no effect.")
    return command, said


@contextmanager
def java_first(environ: Mapping[str, str], options: Sequence[str]) -> Iterator[dict[str, str]]:
    """The environment in which `java` is this, and the emulator's jar is there without being downloaded."""
    folder = Path(tempfile.mkdtemp(prefix="firewarden-java-"))
    try:
        script = folder / "java"
        # Not with the working directory on the path of imports: it is the project's.
        script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P -m firewarden.cli.as_java "$@"\n')
        script.chmod(0o755)
        jar = folder / _JAR
        jar.write_text("This is not Google's emulator: Firewarden answers in its place.\n")
        yield {
            **environ,
            "PATH": os.pathsep.join(filter(None, (str(folder), environ.get("PATH", "")))),
            "FIRESTORE_EMULATOR_BINARY_PATH": str(jar),
            FOLDER_VARIABLE: str(folder),
            OPTIONS_VARIABLE: json.dumps(list(options)),
        }
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _split(arguments: Sequence[str]) -> tuple[Sequence[str], str | None, Sequence[str]]:
    """Java's own options, the jar or class that it runs, and what that is given."""
    at = 0
    while at < len(arguments) and arguments[at].startswith("-"):
        if arguments[at] == "-jar":
            break
        at += 2 if arguments[at] in _TAKES_VALUE else 1
    if at < len(arguments) and arguments[at] == "-jar":
        at += 1
    program = arguments[at] if at < len(arguments) else None
    return arguments[:at], program, arguments[at + 1 :]


def next_java(environ: Mapping[str, str]) -> str | None:
    """The Java that would have been called without us."""
    own = environ.get(FOLDER_VARIABLE, "")
    folders = (each for each in environ.get("PATH", "").split(os.pathsep) if each != own)
    return shutil.which("java", path=os.pathsep.join(folders))


if __name__ == "__main__":
    sys.exit(main())
