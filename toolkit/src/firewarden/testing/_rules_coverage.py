"""`pytest --rules-coverage`: what the rules came to in a whole run. A plugin of pytest's, once it is asked for.

Counted is what is decided in this process (`rules`, case files) and what the run's servers are asked. Workers of
pytest-xdist send their counts to the process that started them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from firewarden.coverage import Recorder, Report, Summary, as_lcov, as_page, as_text, chosen, read_report, summary
from firewarden.errors import FirewardenError
from firewarden.testing._configured import COVERAGE, rules_file_of
from firewarden.testing.control import EmulatorControl
from firewarden.testing.rules import World

_SENT = "firewarden_rules_coverage"
_FORMATS: Mapping[str, Callable[[Summary], str]] = {
    "text": as_text,
    "html": as_page,
    "json": lambda found: json.dumps(found.report.to_json(), ensure_ascii=False),
    "lcov": as_lcov,
}


class RulesCoverage:
    """The counts of the run; in a worker, the part that is sent to the process that started it.

    `asked` are the option's values, `rules_file` finds the file that the run is about.
    """

    def __init__(self, asked: Sequence[str], rules_file: Callable[[], Path | None]) -> None:
        self._wanted = [_wanted(each) for each in asked]
        self._rules_file = rules_file
        self._recorder = Recorder()
        self._reports: list[Report] = []
        self._watched: dict[tuple[str, str], None] = {}
        self._uncounted: dict[str, str] = {}

    def watched(self, world: World) -> World:
        """The world, with every request that is asked of it counted."""
        return replace(world, watch=self._recorder.record)

    def watch(self, host: str, project: str) -> None:
        """At the end of the run a server is asked what it has counted of this project."""
        self._watched.setdefault((host, project))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Servers are asked as long as they are there; a worker sends its counts."""
        for host, project in self._watched:
            self._collect(host, project)
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            told = [each.to_json() for each in self._all()]
            output[_SENT] = json.dumps({"reports": told, "uncounted": self._uncounted})

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Takes the counts of a worker that has ended."""
        sent = json.loads(getattr(node, "workeroutput", {}).get(_SENT, "{}"))
        self._reports += [read_report(json.dumps(each)) for each in sent.get("reports", ())]
        self._uncounted.update(sent.get("uncounted", {}))

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Writes what was asked for."""
        terminalreporter.section("coverage of security rules")
        for host, why in self._uncounted.items():
            terminalreporter.write_line(f"not counted: the requests to the Firestore at {host}: {why}")
        file = self._rules_file()
        text = file.read_text(encoding="utf-8") if file is not None and file.is_file() else None
        report = chosen(self._all(), text)
        if report is None:
            terminalreporter.write_line("Nothing was asked of the project's rules.")
            return
        found = summary(report if file is None else replace(report, file=file.name))
        for name, path in self._wanted:
            written = _FORMATS[name](found)
            if path is None:
                terminalreporter.write_line(written)
            else:
                path.write_text(written, encoding="utf-8")
                terminalreporter.write_line(f"{name} in {path}")

    def _collect(self, host: str, project: str) -> None:
        try:
            with EmulatorControl(host) as control:
                self._reports.append(read_report(json.dumps(control.rule_coverage(project))))
        except FirewardenError as error:
            self._uncounted[host] = error.message

    def _all(self) -> Iterator[Report]:
        yield from self._recorder.reports()
        yield from self._reports


def start_coverage(config: pytest.Config) -> None:
    """Count from now on."""
    asked = config.getoption("--rules-coverage")
    config.pluginmanager.register(RulesCoverage(asked, lambda: rules_file_of(config)), COVERAGE)


def _wanted(asked: str) -> tuple[str, Path | None]:
    """`FORMAT` or `FORMAT:FILE`."""
    name, _, path = asked.partition(":")
    if name not in _FORMATS:
        raise pytest.UsageError(
            f"--rules-coverage={asked}: {name!r} is none of {', '.join(_FORMATS)}. "
            "Before other arguments write --rules-coverage=text."
        )
    return name, Path(path) if path else None
