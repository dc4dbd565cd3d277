"""Why requests were denied while a test ran, shown with its report if it fails. A plugin of pytest's, with a server."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from firewarden.errors import FirewardenError
from firewarden.testing.control import EmulatorControl

_PLUGIN = "firewarden-denials"
_TIMEOUT_S = 10.0


class Denials:
    """The projects that tests of this process use, each on its server."""

    def __init__(self) -> None:
        self._watched: dict[tuple[str, str], None] = {}

    def watch(self, host: str, project: str) -> None:
        """From now on a failing test asks there."""
        self._watched.setdefault((host, project))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Adds what was denied since the database was cleared."""
        report = yield
        if report.failed:
            for host, project in self._watched:
                if text := _explained(host, project):
                    report.sections.append(("Firestore denials", text))
        return report


def watch_denials(config: pytest.Config, host: str, project: str) -> None:
    """Explain what this server denies in this project with tests that fail."""
    plugin = config.pluginmanager.get_plugin(_PLUGIN)
    if plugin is None:
        plugin = Denials()
        config.pluginmanager.register(plugin, _PLUGIN)
    plugin.watch(host, project)


def _explained(host: str, project: str) -> str:
    """Nothing where nobody keeps denials, as Google's emulator, whose log has its own words, or nobody answers."""
    try:
        with EmulatorControl(host, timeout_s=_TIMEOUT_S) as control:
            return control.denials(project)
    except FirewardenError:
        return ""
