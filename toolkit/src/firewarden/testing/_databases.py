"""The databases of one worker's tests: rules put once for the run, documents removed before every test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import pytest

from firewarden.errors import FirewardenError
from firewarden.testing._bill import watch_bill
from firewarden.testing._configured import watch_coverage
from firewarden.testing._denials import watch_denials
from firewarden.testing.clients import kept_connection
from firewarden.testing.control import EmulatorControl
from firewarden.testing.database import Database


class Controls:
    """The worker's project on every server that its tests use."""

    def __init__(self, config: pytest.Config, project: str, rules: Path | None) -> None:
        self._config = config
        self._project = project
        self._rules = rules
        self._open = ExitStack()
        self._prepared: dict[str, EmulatorControl] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def cleared(self, host: str) -> Iterator[Database]:
        """The project's database without documents; its clients are closed at the end."""
        control = self._prepared.get(host) or self._prepare(host)
        with Database(host=host, project=self._project, control=control) as database:
            database.clear()
            yield database

    def _prepare(self, host: str) -> EmulatorControl:
        """A server's control, with the rules in force for the project."""
        control = self._open.enter_context(EmulatorControl(host))
        if self._rules is not None:
            if not self._rules.is_file():
                raise FirewardenError(
                    f"There is no rules file at {self._rules}.",
                    hint="The ini option firewarden_rules, or firebase.json, names it.",
                )
            control.put_rules(self._project, self._rules.read_text())
        self._open.enter_context(kept_connection(host))
        watch_bill(self._config, host, self._project)
        watch_coverage(self._config, host, self._project)
        watch_denials(self._config, host, self._project)
        self._prepared[host] = control
        return control
