"""A ruleset, what is stored, and many requests about it: asked of both engines in turn.

After a request that was done, the documents are put back, so that each request stands for itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from toolkit.tests.conformance.rules.differences import Difference, of_decision, of_source
from toolkit.tests.conformance.rules.official import Json, Official
from toolkit.tests.conformance.rules.operations import operation, touched
from toolkit.tests.conformance.rules.ours import Engine
from toolkit.tests.conformance.rules.queries import query
from toolkit.tests.conformance.rules.records import Record, answered, refused
from toolkit.tests.conformance.rules.rulesets import ruleset
from toolkit.tests.conformance.rules.schema import Fields, caller, documents


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is generated together; each request comes with the claims of who asks."""

    rules: str
    documents: dict[str, Fields]
    requests: tuple[tuple[Json, Json | None], ...]

    def questions(self) -> Iterator[Record]:
        """Each request as a record without its answer."""
        for request, auth in self.requests:
            yield {"rules": self.rules, "documents": self.documents, "auth": auth, "request": request}


def scenario(random: Random, *, requests: int, query_share: float) -> Scenario:
    """A random one; this share of its requests are queries."""
    stored = documents(random)
    asked = [
        (query(random) if random.random() < query_share else operation(random, stored), caller(random))
        for _ in range(requests)
    ]
    return Scenario(ruleset(random), stored, tuple(asked))


def play(official: Official, scenario: Scenario) -> Iterator[tuple[Record, Difference | None]]:
    """Each answer of the emulator, and how ours differs from it; one only if the ruleset does not compile."""
    put = official.put_rules(scenario.rules)
    engine = Engine.of(scenario.rules)
    if not put.is_ok or engine is None:
        record = refused(scenario.rules, put) if not put.is_ok else {"source": scenario.rules, "accepted": True}
        yield record, of_source(record)
        return
    official.clear()
    if scenario.documents:
        official.store(scenario.documents)
    for question in scenario.questions():
        answer = official.ask(question["request"], question["auth"])
        if answer.is_ok and (changed := touched(question["request"])):
            official.store({path: scenario.documents.get(path) for path in changed})
        record = answered(question, answer)
        yield record, of_decision(record, engine)
