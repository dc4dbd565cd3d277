"""Batches of generated questions, each determined by the seed and its number, asked of both engines."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from random import Random

from toolkit.tests.conformance.rules import batches, constructs, differences
from toolkit.tests.conformance.rules.differences import Difference
from toolkit.tests.conformance.rules.known import reason_of
from toolkit.tests.conformance.rules.official import Official
from toolkit.tests.conformance.rules.programs import program
from toolkit.tests.conformance.rules.records import is_invalid
from toolkit.tests.conformance.rules.scenarios import play, scenario

PROGRAMS_PER_BATCH = 60
REQUESTS_PER_BATCH = 60
_FAMILIES = ("programs", "programs", "requests", "requests", "queries")


@dataclass(slots=True)
class Result:
    """What came of some batches."""

    counts: Counter[str] = field(default_factory=Counter)
    constructs: Counter[str] = field(default_factory=Counter)
    explained: Counter[str] = field(default_factory=Counter)
    unexplained: list[Difference] = field(default_factory=list)

    def add(self, other: Result) -> None:
        """Count another's with these."""
        self.counts += other.counts
        self.constructs += other.constructs
        self.explained += other.explained
        self.unexplained += other.unexplained

    def differ(self, difference: Difference) -> None:
        """Note a difference."""
        reason = reason_of(difference)
        if reason is None:
            self.unexplained.append(difference)
        else:
            self.explained[reason] += 1


def batch(official: Official, *, seed: int, number: int) -> Result:
    """One batch; its family follows from its number."""
    random = Random(f"{seed}/{number}")
    family = _FAMILIES[number % len(_FAMILIES)]
    if family == "programs":
        return _programs(official, random)
    return _scenario(official, random, query_share=0.9 if family == "queries" else 0.1)


def _programs(official: Official, random: Random) -> Result:
    programs = [program(random) for _ in range(PROGRAMS_PER_BATCH)]
    result = Result()
    official.clear()
    asked, refusals = batches.ask(official, programs)
    suspects = []
    for each in asked:
        outcome = each.value["outcome"] if each.value else "untold"
        result.counts.update(("decisions", f"programs: {outcome}", each.decided["outcome"]))
        result.constructs += constructs.in_program(each.program)
        if next(differences.of_asked(each), None):
            suspects.append(each.program)
    for record in refusals:
        result.counts.update(("sources refused",))
        if difference := differences.of_source(record):
            result.differ(difference)
    for suspect in suspects:
        for difference in differences.of_programs(official, [suspect])[:1]:
            result.differ(difference)
    return result


def _scenario(official: Official, random: Random, *, query_share: float) -> Result:
    made = scenario(random, requests=REQUESTS_PER_BATCH, query_share=query_share)
    result = Result(constructs=constructs.in_ruleset(made.rules))
    for record, difference in play(official, made):
        if "source" in record:
            result.counts.update(("sources refused",))
        elif is_invalid(record):
            result.counts.update(("requests refused",))
        else:
            result.counts.update(("decisions", record["outcome"]))
            result.constructs += constructs.in_request(record["request"])
        if difference:
            result.differ(difference)
    return result
