"""firestore.indexes.json serves every query of queries.yaml and nothing else; the emulator says what a query needs."""

import secrets
from pathlib import Path

import pytest

from firewarden.indexes import CatalogQuery, judge, query_needs, read_catalog, read_definitions
from firewarden.indexes.notation import Query
from firewarden.testing import Case, Database, assert_case, build_query, firestore_as_owner, run_case
from firewarden.testing.cases import Actor, Operation

_FOLDER = Path(__file__).parents[2] / "indexes"
_CATALOG = read_catalog(_FOLDER / "queries.yaml")
_CLIENT_QUERIES = [query for query in _CATALOG.queries if query.run_by == "client"]
_ROLES = [pytest.param(query, actor, id=f"{query.name}-{actor}") for query in _CLIENT_QUERIES for actor in query.roles]


@pytest.mark.emulator
def test_every_query_is_served_and_no_index_is_idle(firestore: Database) -> None:
    def run(project: str, query: Query) -> None:
        client = firestore_as_owner(project=project, host=firestore.host)
        build_query(client, query).get()
        client.close()

    # The emulator never forgets what was asked in a project: each run takes new ones.
    project = f"demo-indexes-{secrets.token_hex(4)}"
    needs = query_needs(_CATALOG.queries, project=project, control=firestore.control, run=run)
    judgement = judge(needs, read_definitions(_FOLDER / "firestore.indexes.json"))
    assert (judgement.missing, judgement.unused) == ((), ()), str(judgement)


@pytest.mark.emulator
@pytest.mark.parametrize(("query", "actor"), _ROLES)
def test_the_rules_decide_a_query_as_declared(query: CatalogQuery, actor: str, firestore: Database) -> None:
    case = Case(
        name=query.name,
        file=_CATALOG.path,
        line=query.line,
        actor=Actor(actor, _CATALOG.actors.get(actor, {})),
        operations=(Operation("list", query=query.query),),
        batch=False,
        documents=_CATALOG.documents,
        expect="allow" if query.roles[actor] == "allow" else "deny",
    )
    assert_case(run_case(case, firestore))


@pytest.mark.parametrize("query", _CLIENT_QUERIES, ids=lambda query: query.name)
def test_a_client_query_declares_what_each_role_may(query: CatalogQuery) -> None:
    """At least a guest, somebody without a role, a member and an admin; and somebody may run it."""
    assert {"guest", "gus", "ben", "root"} <= query.roles.keys()
    assert "allow" in query.roles.values()
