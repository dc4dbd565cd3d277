"""Asks our engine, in every way that it can run a condition: the ways must agree with each other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from firewarden.rules import OFFICIAL_1_19_9, CompiledRules, Decision, Request, RulesetInvalid, compile_rules, decide
from firewarden.rules.recordings import requests, wire
from firewarden.rules.recordings.recorder import NOW
from toolkit.tests.conformance.rules.official import Json

Read = Callable[[tuple[str, ...]], Mapping[str, Any] | None]
_NEVER = 1 << 30
_ENTRY_END = re.compile(r"(?<= @ L\d), |(?<= @ L\d\d), |(?<= @ L\d\d\d), |(?<= @ L\d\d\d\d), ")


@dataclass(frozen=True, slots=True)
class Engine:
    """A ruleset compiled for each way: by generated functions, by closures, and traced."""

    ways: Mapping[str, CompiledRules]

    @classmethod
    def of(cls, source: str) -> Engine | None:
        """The engine for a source; None if it does not compile."""
        try:
            generated = compile_rules(source, compatibility=OFFICIAL_1_19_9, warm_up=0)
        except RulesetInvalid:
            return None
        closures = compile_rules(generated.ruleset, compatibility=OFFICIAL_1_19_9, warm_up=_NEVER)
        return cls({"generated": generated, "closures": closures})

    def decide(self, request: Request, read: Read) -> dict[str, Decision]:
        """The decision by each way."""
        return {way: decide(rules, request, read) for way, rules in self.ways.items()}


def request_of(record: Json) -> Request:
    """The request of a record as our engine takes it."""
    return requests.request(record["request"], record["auth"], NOW)


def reader_of(documents: Json) -> Read:
    """Reads the documents of a record."""
    stored = {tuple(path.split("/")): wire.fields(each) for path, each in documents.items()}
    return stored.get


def entries(message: str | None) -> Counter[str]:
    """The entries of a denial. Their order is not compared: several documents are judged in one of its own."""
    return Counter(_ENTRY_END.split(message.removeprefix("\n"))) if message else Counter()
