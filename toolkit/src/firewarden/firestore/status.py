"""How a request ends that cannot be done: a status of gRPC's with the text that a client is shown."""

from __future__ import annotations

from enum import IntEnum


class Code(IntEnum):
    """gRPC's status codes (https://grpc.github.io/grpc/core/md_doc_statuscodes.html)."""

    OK = 0
    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16


class StatusError(Exception):
    """A request that is refused: nothing of it has happened."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.code.name}: {self.message}"


def invalid(message: str) -> StatusError:
    """The request itself is wrong, whatever is stored."""
    return StatusError(Code.INVALID_ARGUMENT, message)


def failed_precondition(message: str) -> StatusError:
    """The request could be done, but not as things are."""
    return StatusError(Code.FAILED_PRECONDITION, message)


def not_found(message: str) -> StatusError:
    """What the request needs is not there."""
    return StatusError(Code.NOT_FOUND, message)
