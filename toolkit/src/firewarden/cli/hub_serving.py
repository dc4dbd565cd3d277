"""The emulator hub beside a local Firestore, where it was asked for."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from firewarden.cli.firestore_serving import say
from firewarden.server.background_triggers import triggers_of
from firewarden.server.serving import Server

if TYPE_CHECKING:
    from firewarden.server.evaluations_server import EvaluationsServer


@contextmanager
def hub_beside(
    args: argparse.Namespace,
    project: str,
    server: Server,
    *,
    host: str,
    evaluations: EvaluationsServer | None = None,
) -> Iterator[str | None]:
    """The address of the hub, as FIREBASE_EMULATOR_HUB has it; None if there is to be none."""
    if args.hub is None:
        yield None
        return
    from importlib.metadata import version  # noqa: PLC0415 - most do without

    from firewarden.server.exporting import export_project  # noqa: PLC0415 - as above
    from firewarden.server.hub import Emulator, Hub, HubServer  # noqa: PLC0415 - as above
    from firewarden.server.hub_locator import located  # noqa: PLC0415 - as above

    def export(folder: Path) -> object:
        return export_project(server.engine, project, folder)

    websocket = None if evaluations is None else evaluations.port
    emulators = [replace(Emulator.at("firestore", server.address), websocket_port=websocket)]
    if args.functions is not None:
        emulators.append(Emulator("functions", *args.functions))
    hub = Hub(version("firewarden"), emulators, triggers_of(server.engine), export)
    with ExitStack() as stack:
        serving = stack.enter_context(HubServer(hub, host=host, port=args.hub))
        stack.enter_context(located(project, hub.locator(), report=say))
        yield serving.address
