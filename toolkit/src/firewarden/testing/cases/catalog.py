"""Decision cases out of a catalog of queries: one for each role that a query names."""

from __future__ import annotations

from firewarden.indexes import Catalog
from firewarden.testing.cases.model import Actor, Case, Operation


def catalog_cases(catalog: Catalog) -> tuple[Case, ...]:
    """Each query must be allowed or refused to each actor as the catalog's `roles` say."""
    return tuple(
        Case(
            name=f"{query.name} as {role}",
            file=catalog.path,
            line=query.line,
            actor=Actor(role, catalog.actors.get(role, {})),
            operations=(Operation("list", query=query.query),),
            batch=False,
            documents=catalog.documents,
            expect="allow" if decision == "allow" else "deny",
            because=query.why,
        )
        for query in catalog.queries
        for role, decision in query.roles.items()
    )
