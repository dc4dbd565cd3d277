"""What a functions folder deploys: its functions, what starts each, and which are not served locally.

Reads decorated functions only (`__firebase_endpoint__`, the same as `firebase deploy` goes by). Loading the
code is `loading`'s business, serving it `host`'s.
"""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import Any

from firebase_functions import params

from firewarden.errors import FunctionsLoadError
from firewarden.triggers.cloudevents import PREFIX, FirestoreEvent
from firewarden.triggers.patterns import PathPattern

_PARAMETER = re.compile(r"\{\{ params\.(?P<name>\w+) \}\}")
DEFAULT_REGION = "us-central1"  # where the Firebase CLI deploys a function that names none


class Kind(StrEnum):
    """What starts a function that is served here."""

    HTTP = "http"
    CALLABLE = "callable"
    TASK = "task"
    SCHEDULE = "schedule"
    FIRESTORE = "firestore"


# Reached by a URL of their own; the others are started through the host.
SERVED_OVER_HTTP = frozenset({Kind.HTTP, Kind.CALLABLE, Kind.TASK})


@dataclass(frozen=True, slots=True)
class FirestoreTrigger:
    """Which changes start a function, and whether a failed delivery is tried again."""

    event_type: str
    document: PathPattern
    database: str
    retry: bool

    def matches(self, event: FirestoreEvent) -> bool:
        """An event starts a function of exactly its type and database whose pattern its path matches."""
        return (
            event.type == self.event_type
            and event.database == self.database
            and self.document.match(event.document) is not None
        )


@dataclass(frozen=True, slots=True)
class Function:
    """One deployed function; `trigger`, `schedule` and its `timezone` are set for their kinds only."""

    name: str
    kind: Kind
    regions: tuple[str, ...]
    handler: Callable[[Any], Any]
    trigger: FirestoreTrigger | None = None
    schedule: str | None = None
    timezone: str | None = None

    @property
    def key(self) -> str:
        """The id under which the function's trigger is registered."""
        return f"{self.regions[0]}-{self.name}-0"


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything one source folder deploys; `unserved` maps names to what would start them."""

    source: Path
    functions: tuple[Function, ...]
    unserved: Mapping[str, str]

    def get(self, name: str) -> Function | None:
        """Return the function of that name, if it is served."""
        return next((function for function in self.functions if function.name == name), None)

    def of_kind(self, *kinds: Kind) -> Iterator[Function]:
        """Functions in the order of their names."""
        return (function for function in self.functions if function.kind in kinds)


def read_manifest(module: ModuleType, *, source: Path) -> Manifest:
    """A function is deployed when it is in the module's namespace, imported or not, and decorated."""
    functions: list[Function] = []
    unserved: dict[str, str] = {}
    for attribute, handler in inspect.getmembers(module, inspect.isfunction):
        endpoint = getattr(handler, "__firebase_endpoint__", None)
        if endpoint is None:
            continue
        _require_own_name(attribute, endpoint.entryPoint, source)
        function = _function(handler, endpoint)
        if function is None:
            unserved[endpoint.entryPoint] = _starter(endpoint)
        else:
            functions.append(function)
    return Manifest(source=source, functions=tuple(functions), unserved=unserved)


def _require_own_name(attribute: str, entry_point: str, source: Path) -> None:
    if attribute != entry_point:
        raise FunctionsLoadError(
            f"{source / 'main.py'}: the function {entry_point} is known there as {attribute}",
            hint=f"Production starts it by its own name: keep the name {entry_point} in main.py.",
        )


def _function(handler: Callable[[Any], Any], endpoint: Any) -> Function | None:
    kind = _kind(endpoint)
    if kind is None:
        return None
    return Function(
        name=endpoint.entryPoint,
        kind=kind,
        regions=tuple(str(_resolved(region)) for region in endpoint.region or ()) or (DEFAULT_REGION,),
        handler=handler,
        trigger=_trigger(endpoint.eventTrigger) if kind is Kind.FIRESTORE else None,
        schedule=str(_resolved(endpoint.scheduleTrigger["schedule"])) if kind is Kind.SCHEDULE else None,
        timezone=_timezone(endpoint.scheduleTrigger) if kind is Kind.SCHEDULE else None,
    )


def _kind(endpoint: Any) -> Kind | None:
    if endpoint.eventTrigger is not None:
        return Kind.FIRESTORE if endpoint.eventTrigger["eventType"].startswith(PREFIX) else None
    declared = {
        Kind.HTTP: endpoint.httpsTrigger,
        Kind.CALLABLE: endpoint.callableTrigger,
        Kind.SCHEDULE: endpoint.scheduleTrigger,
        Kind.TASK: endpoint.taskQueueTrigger,
    }
    return next((kind for kind, trigger in declared.items() if trigger is not None), None)


def _trigger(declared: Mapping[str, Any]) -> FirestoreTrigger:
    filters = {**declared["eventFilters"], **declared.get("eventFilterPathPatterns", {})}
    return FirestoreTrigger(
        event_type=declared["eventType"],
        document=PathPattern.parse(str(_resolved(filters["document"]))),
        database=str(_resolved(filters["database"])),
        # firebase-functions 0.6 has no `retry=` for Firestore triggers, but it deploys what stands here.
        retry=_resolved(declared.get("retry")) is True,
    )


def _timezone(declared: Mapping[str, Any]) -> str | None:
    zone = _resolved(declared.get("timeZone"))
    return zone if isinstance(zone, str) and zone else None


def _starter(endpoint: Any) -> str:
    if endpoint.eventTrigger is not None:
        return str(endpoint.eventTrigger["eventType"])
    return "blocking trigger" if endpoint.blockingTrigger is not None else "unknown trigger"


def _resolved(value: Any) -> Any:
    """Options may be parameters, which read the environment when asked; most arrive here as a reference."""
    reference = _PARAMETER.fullmatch(value) if isinstance(value, str) else None
    if reference is not None:
        value = params._params.get(reference["name"], value)  # noqa: SLF001 - the SDK has no public way
    return getattr(value, "value", value)
