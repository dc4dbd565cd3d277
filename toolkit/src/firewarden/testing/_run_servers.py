"""The servers that a pytest run's options ask for; what they log from now on is shown with tests that fail."""

from __future__ import annotations

import pytest

from firewarden.errors import EmulatorNotFound
from firewarden.testing import session
from firewarden.testing._configured import serving_of
from firewarden.testing._logs import watch_log
from firewarden.testing._run import folder_of, worker_of
from firewarden.testing.engine import Engine, is_official_required
from firewarden.testing.session import Server


def shared(config: pytest.Config, engine: Engine) -> Server:
    """The one server of the run."""
    return _watched(config, session.shared_server(folder_of(config), engine, serving_of(config)))


def with_functions(config: pytest.Config, engine: Engine) -> Server:
    """This worker's own, which delivers triggers."""
    server = session.functions_server(folder_of(config), worker_of(config), engine, serving_of(config))
    return _watched(config, server)


def official(config: pytest.Config) -> Server | str:
    """Google's emulator; or why there is none, unless REQUIRE_OFFICIAL makes that an error."""
    try:
        return _watched(config, session.official_server(folder_of(config)))
    except EmulatorNotFound as error:
        if is_official_required():
            raise
        return str(error.message)


def _watched(config: pytest.Config, server: Server) -> Server:
    watch_log(config, server.log_path)
    return server
