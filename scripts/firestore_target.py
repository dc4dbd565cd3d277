"""Which Firestore a script works on: a local one by address, or a project in production that was named twice."""

import argparse
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore


class Refused(Exception):  # noqa: N818  # an answer to the person at the keyboard
    """The script cannot run as asked; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Target:
    """A project, in an emulator (`host`) or in production (None)."""

    project: str
    host: str | None


def add_target_options(parser: argparse.ArgumentParser) -> None:
    """The options by which every script is told where to work."""
    add = parser.add_argument
    add("--project", help="project to work on (default: GCLOUD_PROJECT)")
    add("--firestore", metavar="HOST:PORT", help="a local Firestore (default: FIRESTORE_EMULATOR_HOST)")
    add("--yes-i-mean", metavar="PROJECT", help="write to this project in production; repeat its name")


def target_of(args: argparse.Namespace, environ: Mapping[str, str], *, writes: bool) -> Target:
    """Raise `Refused` without a project, without an answer of a local Firestore, or for unconfirmed writes."""
    host = args.firestore or environ.get("FIRESTORE_EMULATOR_HOST")
    project = args.project or environ.get("GCLOUD_PROJECT") or environ.get("GOOGLE_CLOUD_PROJECT")
    if not project:
        raise Refused("which project? give --project or set GCLOUD_PROJECT")
    if host:
        check_answers(host)
    elif writes and args.yes_i_mean != project:
        raise Refused(
            f"this would write to {project} in production: start an emulator and give --firestore HOST:PORT, "
            f"or, if you mean it, add --yes-i-mean {project}"
        )
    return Target(project, host)


def check_answers(host: str) -> None:
    """Raise `Refused` where nothing answers at HOST:PORT, before a client waits for it."""
    name, _, port = host.rpartition(":")
    if not name or not port.isascii() or not port.isdigit():
        raise Refused(f"{host!r} is not HOST:PORT, such as 127.0.0.1:8080")
    try:
        socket.create_connection((name.strip("[]"), int(port)), timeout=5).close()
    except (OSError, OverflowError) as error:
        raise Refused(f"no Firestore answers at {host} ({error}): start an emulator there") from error


def client_of(target: Target) -> firestore.Client:
    """A client that acts as the operator."""
    if target.host is None:
        return firestore.Client(project=target.project)
    # The client library takes the address of an emulator from the environment only.
    os.environ["FIRESTORE_EMULATOR_HOST"] = target.host
    credentials = AnonymousCredentials()  # type: ignore[no-untyped-call]  # google-auth leaves it untyped
    return firestore.Client(project=target.project, credentials=credentials)
