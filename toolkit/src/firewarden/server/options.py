"""How a server behaves: chosen when it starts, the same for all its databases unless said otherwise."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from firewarden.limits import PRODUCTION as PRODUCTION_LIMITS
from firewarden.limits import Limits
from firewarden.rules.compatibility import PRODUCTION as PRODUCTION_RULES
from firewarden.rules.compatibility import Compatibility
from firewarden.server.auth import Verify

if TYPE_CHECKING:
    from firewarden.server.coverage import Coverage
    from firewarden.server.evaluations import Evaluations


class IndexMode(StrEnum):
    """What happens to a query whose index is not defined."""

    ENFORCE = "enforce"
    """It fails, as in production."""
    WARN = "warn"
    """It runs; what is missing is told."""
    OFF = "off"
    """It runs."""


class Concurrency(StrEnum):
    """How read-write transactions are kept apart."""

    PESSIMISTIC = "pessimistic"
    """What a transaction has read, others cannot change before it ends."""
    OPTIMISTIC = "optimistic"
    """A transaction whose reads do not hold any more at its end is aborted."""


class Options(NamedTuple):
    """Times are in seconds. `lock_wait` is how long a write waits for a transaction that has read what it changes."""

    limits: Limits = PRODUCTION_LIMITS
    compatibility: Compatibility = PRODUCTION_RULES
    indexes: IndexMode = IndexMode.OFF
    concurrency: Concurrency = Concurrency.PESSIMISTIC
    lock_wait: float = 2.0
    verify: Verify | None = None
    refresh: float = 300.0
    """A listener that is told nothing for so long is told that nothing has changed: its resume token stays young."""
    warn: Callable[[str], None] = lambda _: None
    """Is told what would go wrong in production."""
    coverage: Coverage | None = None
    """Counts what the expressions of rules come to; deciding takes several times as long then."""
    evaluations: Evaluations | None = None
    """Keeps what requests came to, for the requests page of the Emulator UI; each is evaluated once more for it."""
