"""What servers log while a test runs, shown with its report if it fails. A plugin of pytest's, once there is a log."""

from __future__ import annotations

import re
from collections.abc import Generator
from pathlib import Path

import pytest

PLUGIN = "firewarden-server-logs"
_LINES_MAX = 100
_SIZES: pytest.StashKey[dict[Path, int]] = pytest.StashKey()


class ServerLogs:
    """The logs of the servers that tests of this process use."""

    def __init__(self) -> None:
        self._starts: dict[Path, int] = {}

    def watch(self, log: Path) -> None:
        """From its end as it is now: what a server says when it starts concerns no test."""
        self._starts.setdefault(log, log.stat().st_size)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Remembers where each log ends as the test begins."""
        item.stash[_SIZES] = {log: log.stat().st_size for log in self._starts if log.exists()}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Adds what the servers logged since the test began to a failing test's report."""
        report = yield
        if report.failed:
            sizes = item.stash.get(_SIZES, {})
            for log, start in self._starts.items():
                if text := _text_after(log, sizes.get(log, start)):
                    report.sections.append((f"Firestore log ({log.parent.name})", text))
        return report


def watch_log(config: pytest.Config, log_path: str | None) -> None:
    """Show what is added to this log from now on with tests that fail; None is a log that nobody here can read."""
    if log_path is None:
        return
    logs = config.pluginmanager.get_plugin(PLUGIN)
    if logs is None:
        logs = ServerLogs()
        config.pluginmanager.register(logs, PLUGIN)
    logs.watch(Path(log_path))


def _text_after(log: Path, offset: int) -> str:
    """The end of the log from there on, without the Java stack traces that the emulator adds to each denial."""
    if not log.exists():
        return ""
    with log.open("rb") as stream:
        stream.seek(offset)
        lines = stream.read().decode(errors="replace").splitlines()
    told = [line for line in lines if not re.match(r"\s+(at |\.\.\. \d+ more)", line)]
    left_out = [f"... {len(told) - _LINES_MAX} lines before"] if len(told) > _LINES_MAX else []
    return "\n".join([*left_out, *told[-_LINES_MAX:]]).strip()
