"""Case files as pytest collects them: each case one test, decided in process, explained when it fails."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from firewarden.errors import FirewardenError
from firewarden.rules import decide
from firewarden.rules.explain import explain
from firewarden.testing.cases import Case, load_cases
from firewarden.testing.rules import World, prepare


class CasesFile(pytest.File):
    """A `*.cases.yaml` file."""

    world: Callable[[], World]

    @classmethod
    def of(cls, parent: pytest.Collector, path: Path, world: Callable[[], World]) -> CasesFile:
        """The file with what gives its rules when the first case runs."""
        made: CasesFile = cls.from_parent(parent, path=path)
        made.world = world
        return made

    def collect(self) -> Iterator[CaseItem]:
        """Each case, named by its own id."""
        for case in load_cases(self.path).cases:
            yield CaseItem.of(self, case)

    def repr_failure(  # type: ignore[override]  # pytest's own Collector narrows it like this
        self, excinfo: pytest.ExceptionInfo[BaseException]
    ) -> Any:
        """What is wrong with the file, line by line."""
        if isinstance(excinfo.value, FirewardenError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)


class CaseItem(pytest.Item):
    """One case."""

    case: Case

    @classmethod
    def of(cls, parent: CasesFile, case: Case) -> CaseItem:
        """The case as a test."""
        made: CaseItem = cls.from_parent(parent, name=case.id.partition("/")[2])
        made.case = case
        return made

    def runtest(self) -> None:
        """Decide, and compare with what the case expects."""
        case, file = self.case, self.getparent(CasesFile)
        assert file is not None  # noqa: S101 - it is collected by one
        world = file.world()
        rules = world.rules
        prepared = prepare(case, now=datetime.now(UTC))
        if prepared.is_owner:
            outcome = "allow"
        else:
            if world.watch is not None:
                world.watch(rules, prepared.request, prepared.read)
            outcome = "allow" if decide(rules, prepared.request, prepared.read).allowed else "deny"
        if outcome != case.expect:
            raise CaseFailed(_told(case, outcome, explain(rules, prepared.request, prepared.read).text()))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The case, what was expected, and why the rules decided otherwise."""
        if isinstance(excinfo.value, CaseFailed | FirewardenError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[os.PathLike[str], int, str]:
        """Where the case is written."""
        return self.path, self.case.line - 1, self.case.id


class CaseFailed(AssertionError):  # noqa: N818 - says what happened
    """The rules decide otherwise than a case expects."""


def _told(case: Case, outcome: str, explanation: str) -> str:
    lines = [
        f"{case.place}: {case.name}",
        f"  {case.actor.name}: {case.request}",
        f"  expected {case.expect}, got {outcome}",
    ]
    if case.because:
        lines.append(f"  because: {case.because}")
    return "\n".join([*lines, "", explanation])
