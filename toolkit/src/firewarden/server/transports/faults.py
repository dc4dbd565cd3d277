"""What a client is told when a handler fails: its own status, or that this is the server's fault."""

from __future__ import annotations

import logging

from firewarden.firestore.status import Code, StatusError

_log = logging.getLogger("firewarden.server")


def status_of(fault: Exception) -> StatusError:
    """The status of whatever was raised; what is no status is logged, as it is a defect of ours."""
    if isinstance(fault, StatusError):
        return fault
    _log.error("A request failed", exc_info=fault)
    return StatusError(Code.INTERNAL, f"The server failed: {type(fault).__name__}: {fault}. Its log says where.")
