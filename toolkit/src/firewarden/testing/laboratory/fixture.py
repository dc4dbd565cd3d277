"""What tests get from pytest: the project's database in the laboratory, and how many schedules the run asks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from firewarden.server.clock import VirtualClock
from firewarden.testing.in_process import Firestore
from firewarden.testing.laboratory.exploring import Explored, Scenario, explore
from firewarden.testing.laboratory.laboratory import Laboratory
from firewarden.triggers import Function, Manifest
from firewarden.triggers.faults import FaultPlan


class Laboratories:
    """Laboratories on one in-process Firestore with the project's rules and indexes; new documents for each."""

    def __init__(self, firestore: Firestore, *, schedules: int | None, seed: int | None) -> None:
        self.firestore = firestore
        self._schedules = schedules
        self._seed = seed

    def explore(
        self,
        scenario: Scenario,
        functions: Manifest | Iterable[Function],
        *,
        plan: FaultPlan | None = None,
        schedules: int = 25,
        seed: int = 1,
        **settings: Any,
    ) -> Explored:
        """`firewarden.testing.explore`; the options `--fault-schedules` and `--fault-seed` override the numbers."""
        return explore(
            scenario,
            self.firestore,
            functions,
            plan=plan,
            schedules=self._schedules or schedules,
            seed=seed if self._seed is None else self._seed,
            **settings,
        )

    @contextmanager
    def opened(self, functions: Manifest | Iterable[Function], **settings: Any) -> Iterator[Laboratory]:
        """One laboratory, with the arguments of `Laboratory`."""
        self.firestore.renew()
        with Laboratory(self.firestore, functions, **settings) as laboratory:
            yield laboratory


@contextmanager
def laboratories(
    *, rules: Path | None, indexes: Path | None, project: str, schedules: int | None, seed: int | None
) -> Iterator[Laboratories]:
    """Until it is left: a database with a clock that stands still."""
    with Firestore(rules=rules, indexes=indexes, project=project, clock=VirtualClock()) as firestore:
        yield Laboratories(firestore, schedules=schedules, seed=seed)
