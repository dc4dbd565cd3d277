"""Holds queries against index definitions: as they are planned, or as an emulator or a server has reported them.

Needs no client library: whoever calls says how a query is run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from firewarden.firestore.query.needs import Need
from firewarden.indexes.catalog import CatalogQuery
from firewarden.indexes.defined import Defined, is_vector
from firewarden.indexes.definitions import COLLECTION, COLLECTION_GROUP, Definitions, FieldOverride, Index
from firewarden.indexes.needs import planned_needs, recorded_need, reported_need, serving
from firewarden.indexes.notation import Query


class IndexJudge(Protocol):
    """What is asked of the emulator's control interface (`EmulatorControl` has it)."""

    def index_usage(self, project: str) -> Sequence[Mapping[str, Any]]:
        """The reports of a project."""
        ...


@dataclass(frozen=True, slots=True)
class QueryNeeds:
    """What one query needs; `name` is the catalog's."""

    name: str
    needs: tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """`missing`: (query's name, what it needs and nothing gives); `unused`: what no query needs."""

    missing: tuple[tuple[str, Need], ...]
    unused: tuple[Index | FieldOverride, ...]

    def __str__(self) -> str:
        lines = [f"missing for {name!r}: {need}" for name, need in self.missing]
        return "\n".join([*lines, *(f"used by no query: {each}" for each in self.unused)])


def query_needs(
    queries: Iterable[CatalogQuery],
    *,
    project: str,
    control: IndexJudge,
    run: Callable[[str, Query], object],
) -> tuple[QueryNeeds, ...]:
    """The emulator reports what a query needs when it is run; each runs in a fresh project of its own.

    `project` is what their names begin with, never used before on this server: reports cannot be cleared.
    `run(project, query)` runs the query there as the owner. No documents are needed.
    """
    found = []
    for number, each in enumerate(queries):
        own_project = f"{project}-{number}"
        run(own_project, each.query)
        reports = control.index_usage(own_project)
        single = [need for need in planned_needs(each.query) if not need.is_composite]  # which is never reported
        needs = dict.fromkeys([*(reported_need(report, each.query) for report in reports), *single])
        found.append(QueryNeeds(each.name, tuple(needs)))
    return tuple(found)


def planned(queries: Iterable[CatalogQuery]) -> tuple[QueryNeeds, ...]:
    """What queries need as they are planned here; no server takes part."""
    return tuple(QueryNeeds(each.name, planned_needs(each.query)) for each in queries)


def recorded(reports: Iterable[Mapping[str, Any]]) -> tuple[QueryNeeds, ...]:
    """What an ``:indexUsage`` answer says was needed: one index for every query, also where Firestore merges some."""
    needs = [recorded_need(each) for each in reports]
    return tuple(QueryNeeds(f"recorded query {number}", (need,)) for number, need in enumerate(needs, 1))


def judge(usages: Iterable[QueryNeeds], definitions: Definitions) -> Judgement:
    """Every need must be served, and every definition that costs writes must serve one."""
    missing: list[tuple[str, Need]] = []
    used: set[Index | FieldOverride] = set()
    defined = Defined(definitions)
    for usage in usages:
        for need in usage.needs:
            indexes = serving(need, definitions)
            if indexes is None:
                missing.append((usage.name, need))
            else:
                used.update(indexes)
                used.update(_overrides(need, defined))
    return Judgement(tuple(missing), tuple(each for each in _costly(definitions) if each not in used))


def _costly(definitions: Definitions) -> list[Index | FieldOverride]:
    """An override costs writes when it adds an index to the automatic ones, which cover collections only.

    Vector indexes are left out: catalogues hold no searches, and no server reports what they need.
    """
    added = [each for each in definitions.overrides if any(scope == COLLECTION_GROUP for scope, _ in each.indexes)]
    return [*(each for each in definitions.indexes if not is_vector(each)), *added]


def _overrides(need: Need, defined: Defined) -> Iterable[FieldOverride]:
    scope = COLLECTION_GROUP if need.group else COLLECTION
    for field in (*need.equal, *need.sort):
        override = defined.override(str(need.collection), field.path)
        if override is not None and any(each == scope for each, _ in override.indexes):
            yield override
