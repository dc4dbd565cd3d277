"""Holds our answers against the emulator's.

A difference is a record that `firewarden rules replay` finds fault with.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from firewarden.rules import Decision
from firewarden.rules.recordings.replay import replay
from toolkit.tests.conformance.rules.batches import Asked, ask
from toolkit.tests.conformance.rules.official import Json, Official
from toolkit.tests.conformance.rules.ours import Engine, entries, reader_of, request_of
from toolkit.tests.conformance.rules.programs import Program
from toolkit.tests.conformance.rules.records import Record, answered, has_crashed, is_invalid, refused

_TIME = re.compile(r"\brequest\b(?!\.(?!time\b))")
"""`request` as a whole, or its time."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A record in one of the formats of recordings, in what (`kind`) we differ from it, and what we say instead."""

    format: str
    record: Json
    kind: str
    expected: Any
    got: Any

    @property
    def signature(self) -> tuple[str, str]:
        """What stays the same while the difference is made smaller."""
        return self.format, self.kind


def of_record(official: Official, question: Json) -> tuple[Record, Difference | None]:
    """Ask the emulator and our engine for one request, with its rules and documents put first."""
    put = official.put_rules(question["rules"])
    if not put.is_ok:
        return {**question, **refused(question["rules"], put)}, of_source(refused(question["rules"], put))
    official.clear()
    if question["documents"]:
        official.store(question["documents"])
    record = answered(question, official.ask(question["request"], question["auth"]))
    engine = Engine.of(question["rules"])
    if engine is None:
        return record, of_source({"source": question["rules"], "accepted": True, "error": ""})
    return record, of_decision(record, engine)


def of_programs(official: Official, programs: Sequence[Program]) -> list[Difference]:
    """The differences of programs, those that do not compile included; each is asked alone before it counts."""
    asked, refusals = ask(official, programs)
    found = [each for record in refusals if (each := of_source(record))]
    suspects = [each.program for each in asked if next(of_asked(each), None)]
    for program in suspects:
        (alone,), _ = ask(official, [program])
        found += list(of_asked(alone))[:1]
    return found


def of_asked(asked: Asked) -> Iterator[Difference]:
    """The differences of one program: in its value, its warnings, or how its request was decided."""
    if asked.value is not None and not is_time_dependent(asked):
        discrepancy = replay("expr", asked.value)
        if discrepancy:
            kind = "warnings" if isinstance(discrepancy.expected, list) else discrepancy.kind
            yield Difference("expr", asked.value, kind, discrepancy.expected, discrepancy.got)
    engine = Engine.of(asked.decided["rules"])
    if engine is None:
        yield Difference("request", asked.decided, "refused", asked.decided["outcome"], "refused")
    elif difference := of_decision(asked.decided, engine):
        yield difference


def is_time_dependent(asked: Asked) -> bool:
    """Whether the value shows when the request was made."""
    text = "" if asked.value is None else f"{asked.value['expr']}{asked.value.get('functions', '')}"
    return _TIME.search(text) is not None


def of_source(record: Json) -> Difference | None:
    """How our compiler's answer differs."""
    discrepancy = replay("compile", record)
    if discrepancy is None:
        return None
    kind = "compiles" if discrepancy.kind == "outcome" else "compile message"
    return Difference("compile", record, kind, discrepancy.expected, discrepancy.got)


def of_decision(record: Json, engine: Engine) -> Difference | None:
    """How our decision differs, by whichever way of running the rules."""
    if is_invalid(record):
        return None
    expected = "crash" if has_crashed(record) else "deny" if record["outcome"] == "deny" else "allow"
    expected_entries = entries(record["message"]) if expected == "deny" else Counter()
    decisions = engine.decide(request_of(record), reader_of(record["documents"]))
    for way, decision in decisions.items():
        outcome = outcome_of(decision)
        got: Mapping[str, Any] = {"way": way, "outcome": outcome, "message": decision.message}
        if outcome != expected:
            return Difference("request", record, "outcome", expected, got)
        if entries(decision.message) != expected_entries:
            return Difference("request", record, "message", record["message"], got)
    return None


def outcome_of(decision: Decision) -> str:
    """A decision as recordings name it."""
    return "allow" if decision.allowed else "crash" if decision.crashed else "deny"
