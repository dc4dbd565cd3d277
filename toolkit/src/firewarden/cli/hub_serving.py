"""The emulator hub beside a local Firestore, where it was asked for."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from firewarden.cli.firestore_serving import say
from firewarden.server.background_triggers import triggers_of
from firewarden.server.serving import Server


@contextmanager
def hub_beside(args: argparse.Namespace, project: str, server: Server, *, host: str) -> Iterator[str | None]:
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

    emulators = [Emulator.at("firestore", server.address)]
    if args.functions is not None:
        emulators.append(Emulator("functions", *args.functions))
    hub = Hub(version("firewarden"), emulators, triggers_of(server.engine), export)
    with ExitStack() as stack:
        serving = stack.enter_context(HubServer(hub, host=host, port=args.hub))
        stack.enter_context(located(project, hub.locator(), report=say))
        yield serving.address
