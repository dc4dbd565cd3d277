"""`pytest --firestore-bill`: what every test came to, at the end of the run. A plugin of pytest's, if asked for.

A test's bill travels with the report of its teardown, so that workers of pytest-xdist need nothing more.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import pytest

from firewarden.errors import FirewardenError, NotMetered
from firewarden.firestore.billing.prices import Prices, known_prices, read_prices
from firewarden.firestore.billing.tables import Line, bill, explained, money
from firewarden.firestore.billing.usage import NOTHING, Usage
from firewarden.testing.control import EmulatorControl

PLUGIN = "firewarden-bill"
_ATTRIBUTE = "firewarden_bill"
_DEAREST = 5
"""So many tests are named one by one."""


class Bill:
    """The run's bill; in a worker, the part that is sent to the process that started it."""

    def __init__(self, prices: Prices, file: Path | None) -> None:
        self._prices = prices
        self._file = file
        self._controls: dict[tuple[str, str], EmulatorControl] = {}
        self._known: dict[tuple[str, str], Usage] = {}
        self._unmetered: set[str] = set()
        self._tests: dict[str, Usage] = {}

    def watch(self, host: str, project: str) -> None:
        """From now on whatever reaches the project is charged to the test that runs."""
        if (host, project) in self._controls or host in self._unmetered:
            return
        control = EmulatorControl(host)
        try:
            self._known[host, project] = Usage.of_json(control.meter(project)["usage"])
        except NotMetered:
            control.close()
            self._unmetered.add(host)
        else:
            self._controls[host, project] = control

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Takes the meter's reading when all of the test is over."""
        report = yield
        if call.when == "teardown":
            # pytest-xdist sends whatever a report has been given.
            vars(report)[_ATTRIBUTE] = {"usage": self._spent().as_json(), "unmetered": sorted(self._unmetered)}
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collects: in a run with workers, what they sent."""
        content: Any = getattr(report, _ATTRIBUTE, None)
        if content is None:
            return
        self._unmetered.update(content["unmetered"])
        if usage := Usage.of_json(content["usage"]):
            self._tests[report.nodeid] = self._tests.get(report.nodeid, NOTHING) + usage

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Writes the file, unless this is a worker."""
        for control in self._controls.values():
            control.close()
        if self._file is not None and not hasattr(session.config, "workerinput"):
            self._file.write_text(json.dumps(self.as_json(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Prints the bill."""
        terminalreporter.section("Firestore bill")
        for line in self.text(color=terminalreporter.hasmarkup):
            terminalreporter.write_line(line)

    def text(self, *, color: bool = False) -> list[str]:
        """Each file and the total, then the dearest tests."""
        lines = []
        if self._tests:
            lines += bill(self._ranked(self._files()), self._prices, color=color)
            dearest = self._ranked(self._tests)[:_DEAREST]
            lines += ["", *bill(dearest, self._prices, total=False, color=color)]
            lines += ["", *explained(self._prices, self._total()).splitlines()]
        elif not self._unmetered:
            lines.append("No test has asked a metered Firestore for anything.")
        if self._unmetered:
            lines.append(f"Not metered: {', '.join(sorted(self._unmetered))}. Google's emulator counts no costs.")
        return lines

    def as_json(self) -> dict[str, Any]:
        """The same for programs; money is text, so that nobody rounds it."""
        return {
            "location": self._prices.location,
            "currency": self._prices.currency,
            "prices": {"source": self._prices.source, "asOf": self._prices.as_of},
            "total": self._entry(self._total()),
            "files": {each.name: self._entry(each.usage) for each in self._ranked(self._files())},
            "tests": {each.name: self._entry(each.usage) for each in self._ranked(self._tests)},
            "unmetered": sorted(self._unmetered),
        }

    def _entry(self, usage: Usage) -> dict[str, Any]:
        return {**usage.as_json(), "cost": money(self._prices.cost(usage))}

    def _files(self) -> dict[str, Usage]:
        files: dict[str, Usage] = {}
        for test, usage in self._tests.items():
            name = test.partition("::")[0]
            files[name] = files.get(name, NOTHING) + usage
        return files

    def _ranked(self, usages: dict[str, Usage]) -> Sequence[Line]:
        """The dearest first."""
        lines = [Line(name, usage) for name, usage in usages.items()]
        return sorted(lines, key=lambda each: (-self._prices.cost(each.usage), each.name))

    def _total(self) -> Usage:
        return sum(self._tests.values(), NOTHING)

    def _spent(self) -> Usage:
        """What came to the meters since they were read the last time."""
        spent = NOTHING
        for key, control in self._controls.items():
            now = Usage.of_json(control.meter(key[1])["usage"])
            spent += now - self._known[key]
            self._known[key] = now
        return spent


def start_bill(config: pytest.Config) -> None:
    """Register the plugin, if the options ask for a bill; raises pytest's UsageError for prices that cannot be read."""
    file: str | None = config.getoption("--firestore-bill-json")
    if not (config.getoption("--firestore-bill") or file):
        return
    named, location = config.getini("firewarden_prices"), config.getini("firewarden_location") or None
    try:
        prices = read_prices(config.rootpath / named, location) if named else known_prices(location)
    except FirewardenError as error:
        raise pytest.UsageError(str(error)) from error
    config.pluginmanager.register(Bill(prices, None if file is None else Path(file)), PLUGIN)


def watch_bill(config: pytest.Config, host: str, project: str) -> None:
    """Charge what reaches this project to the tests, if there is a bill."""
    found = config.pluginmanager.get_plugin(PLUGIN)
    if found is not None:
        found.watch(host, project)
