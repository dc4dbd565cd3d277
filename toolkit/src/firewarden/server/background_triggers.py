"""Whether functions hear of what changes: a test may set its scene without them."""

from __future__ import annotations

from firewarden.server.database import Committed, OnCommit
from firewarden.server.engine import Engine


class BackgroundTriggers:
    """Stands between commits and who tells functions of them.

    What changes while it is not `enabled`, functions are never told of. The moment of the commit decides: what was
    committed before is still told.
    """

    def __init__(self, tell: OnCommit) -> None:
        self.enabled = True
        self._tell = tell

    def __call__(self, committed: Committed) -> None:
        """Told of every commit."""
        if self.enabled:
            self._tell(committed)


def triggers_of(engine: Engine) -> BackgroundTriggers | None:
    """The one that an engine tells of its commits, if functions are served at all."""
    return next((each for each in engine.on_commit if isinstance(each, BackgroundTriggers)), None)
