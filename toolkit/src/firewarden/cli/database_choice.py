"""Which database a command means, and where it is: in a server that runs, or in the folder of one that does not."""

from __future__ import annotations

import argparse
import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from firewarden.cli.options import address
from firewarden.cli.project import Project
from firewarden.errors import DataRefused, FirestoreUnreachable, RequestFailed
from firewarden.firestore.documents import DatabaseName

if TYPE_CHECKING:
    from firewarden.server.engine import Engine

_NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def add_choice_options(command: argparse.ArgumentParser) -> None:
    """Declare what the functions below read."""
    add = command.add_argument
    add("--project", metavar="ID", help="project id (default: GCLOUD_PROJECT, .firebaserc, else demo-local)")
    add("--database", default="(default)", metavar="ID", help="database id (default: the default one)")
    add("--data", type=Path, metavar="DIR", help="the folder of data of a server that does not run now")
    add("--firestore", type=address, metavar="HOST:PORT", help="a server (default: FIRESTORE_EMULATOR_HOST, 8080)")


def chosen(args: argparse.Namespace, project: Project) -> DatabaseName:
    """The database that is meant."""
    return DatabaseName(project.id(args.project, os.environ), args.database)


@contextmanager
def opened(folder: Path, *, make: bool = False) -> Iterator[Engine]:
    """The databases that a folder holds, or is to hold where it may be made.

    Raises `DataInUse` while a server keeps them, and `DataRefused`.
    """
    from firewarden.server.engine import Engine  # noqa: PLC0415 - only where no server is asked
    from firewarden.store import DATA_FILE, Store  # noqa: PLC0415 - as above

    if not make and not (folder / DATA_FILE).is_file():
        raise DataRefused(f"There is no data in {folder}.", hint="Name the folder that a server was given as --data.")
    engine = Engine(Store(folder / DATA_FILE))
    try:
        yield engine
    finally:
        engine.close()


def ask(args: argparse.Namespace, project: Project, name: DatabaseName, verb: str, body: Mapping[str, str]) -> str:
    """Have the server do it; returns its address. Google's emulator understands the same."""
    if args.firestore is not None:
        served = "{}:{}".format(*args.firestore)
    else:
        served = os.environ.get("FIRESTORE_EMULATOR_HOST") or f"127.0.0.1:{project.firestore_port}"
    request = urllib.request.Request(
        f"http://{served}/emulator/v1/projects/{name.project}:{verb}",
        json.dumps({"database": str(name), **body}).encode(),
        {"content-type": "application/json", "authorization": "Bearer owner"},
    )
    try:
        with _NO_PROXY.open(request) as answer:
            answer.read()
    except urllib.error.HTTPError as error:
        raise RequestFailed(f"{served} refused: {_message(error)}") from error
    except OSError as error:
        raise FirestoreUnreachable(
            f"No Firestore answers at {served}.",
            hint="Start one, name it with --firestore HOST:PORT, or name the folder of data with --data DIR.",
        ) from error
    return served


def _message(error: urllib.error.HTTPError) -> str:
    """What the server said, if it spoke as Google's services do."""
    text = error.read().decode(errors="replace")
    try:
        return str(json.loads(text)["error"]["message"])
    except (ValueError, LookupError, TypeError):
        return f"{error.code} {text.strip()}"
