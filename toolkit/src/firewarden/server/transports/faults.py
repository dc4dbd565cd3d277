"""What a client is told when a handler fails: its own status, or that this is the server's fault."""

from __future__ import annotations

from firewarden.firestore.status import Code, StatusError


def status_of(fault: Exception) -> StatusError:
    """The status of whatever was raised; what is no status is logged, as it is a defect of ours."""
    if isinstance(fault, StatusError):
        return fault
    import logging  # noqa: PLC0415 - takes longer than the rest of the server's core, and is needed for defects only

    logging.getLogger("firewarden.server").error("A request failed", exc_info=fault)
    return StatusError(Code.INTERNAL, f"The server failed: {type(fault).__name__}: {fault}. Its log says where.")
