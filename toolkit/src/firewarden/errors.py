"""What can go wrong in the toolkit, as exceptions a person can act on.

Not here: a refused Firestore operation. That stays the client library's own exception
(``google.api_core.exceptions.PermissionDenied`` and its kin), as in production.

    FirewardenError
    ├── EmulatorNotFound      no emulator to run, or none that this machine's Java can run
    ├── EmulatorFailed        it was started and died, or never answered
    ├── PortInUse             the asked port belongs to another process
    ├── RequestFailed         the server answered something else than was needed
    ├── RulesRejected         the server does not accept the rules (``.issues``)
    ├── FaultyFile            a file is not what it should be (``.faults``, all at once)
    │   ├── CaseFileError     a ``*.cases.yaml`` file
    │   └── QueryFileError    a query catalog, a query in it, or an index definition
    ├── FunctionsLoadError    a functions folder that cannot be loaded
    ├── FirestoreUnreachable  no Firestore answers where the functions should find one
    ├── EventsUndelivered     Firestore answers, but its events do not come to this host
    ├── EventMalformed        a request that should carry a CloudEvent does not
    ├── NotSettled            deliveries were still outstanding when the time was up
    ├── DataRefused           a data file is not one that this version can keep documents in
    ├── DataInUse             another process keeps its documents in the data file
    ├── BackupRefused         there is no place for a backup where it was asked for
    ├── ExportRefused         an export cannot be written where it was asked for
    ├── ExportDamaged         there is no export, or it is not what was written
    ├── CertificatesMissing   there is nothing to verify tokens with
    ├── PricesInvalid         a price file does not say what it should, or not for this location
    ├── NotMetered            the server does not say what requests would have cost
    ├── ScheduleFailed        a scenario fails on a schedule (``.choices``; in ``firewarden.testing.laboratory``)
    └── RulesetInvalid        rules do not compile (``.diagnostics``; defined in ``firewarden.rules``)
"""

# ruff: noqa: N818 - each name says what happened; the family is FirewardenError

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class FirewardenError(Exception):
    """Says what went wrong (``message``) and what to do next (``hint``)."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @property
    def code(self) -> str:
        """What it is, for programs: the name of its class, which stays as it is."""
        return type(self).__name__

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class EmulatorNotFound(FirewardenError):
    """There is no Firestore emulator that could be used or started."""


class EmulatorFailed(FirewardenError):
    """The emulator ended, or did not answer in time."""


class PortInUse(FirewardenError):
    """Another process listens on the asked port."""


class RequestFailed(FirewardenError):
    """The server refused a request of the toolkit itself."""


class FunctionsLoadError(FirewardenError):
    """The functions' source cannot be loaded."""


class FirestoreUnreachable(FirewardenError):
    """No Firestore answers at the given address, or it stopped answering."""


class EventsUndelivered(FirewardenError):
    """Firestore accepts triggers and sends their events nowhere, or elsewhere."""


class EventMalformed(FirewardenError):
    """A request is not a Firestore CloudEvent that a function could be called with."""


class NotSettled(FirewardenError):
    """Deliveries were still queued, running or on their way when the time was up."""


class DataRefused(FirewardenError):
    """A file is not one that this version can keep documents in. It was not touched."""


class DataInUse(FirewardenError):
    """Another process keeps its documents in this file."""


class BackupRefused(FirewardenError):
    """There is no place for a backup where it was asked for."""


class ExportRefused(FirewardenError):
    """An export cannot be written where it was asked for. An older one there is as it was."""


class ExportDamaged(FirewardenError):
    """There is no export where one was looked for, or it is not what was written. Nothing was imported."""


class CertificatesMissing(FirewardenError):
    """There are no certificates to verify tokens with."""


class PricesInvalid(FirewardenError):
    """A file has no prices in the form that is needed, or none for the location that was asked for."""


class NotMetered(FirewardenError):
    """The server has no meter: it is Google's emulator, or an older one of ours."""


class Issue(NamedTuple):
    """One remark of the server about a rules text; lines and columns count from 1, 0 is unknown."""

    severity: str
    description: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"L{self.line}:{self.column} {self.severity}: {self.description}"


class RulesRejected(FirewardenError):
    """The server does not accept the rules; ``issues`` says where and why."""

    def __init__(self, message: str, *, issues: Sequence[Issue], hint: str = "") -> None:
        super().__init__("\n".join([message, *(f"  {issue}" for issue in issues)]), hint=hint)
        self.issues = tuple(issues)


class Fault(NamedTuple):
    """One thing wrong in a file, at a line that counts from 1 (0: the file as a whole)."""

    file: str
    line: int
    problem: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.problem}" if self.line else f"{self.file}: {self.problem}"


class FaultyFile(FirewardenError):
    """A file holds faults; all of them are reported at once."""

    def __init__(self, faults: Sequence[Fault], *, hint: str = "") -> None:
        super().__init__("\n".join(str(fault) for fault in faults), hint=hint)
        self.faults = tuple(faults)


class CaseFileError(FaultyFile):
    """A file of decision cases is not what it should be."""


class QueryFileError(FaultyFile):
    """A query, a catalog of queries or an index definition is not what it should be."""
