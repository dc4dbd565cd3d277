"""Random rulesets: versions, services, nested matches with captures and globs, functions at every level."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from toolkit.tests.conformance.rules.conditions import METHODS, conditions
from toolkit.tests.conformance.rules.programs import functions
from toolkit.tests.conformance.rules.sentences import Grammar, Speaker

_VERSIONS = ("rules_version = '2';", "rules_version = '2';", "rules_version = '2';", "rules_version = '1';", "")
_PATTERNS = (
    *("/c/{id}", "/c/{id}", "/d/{id}", "/users/{uid}", "/c/a", "/{kind}/{id}", "/c/{rest=**}", "/{rest=**}", "/e/{id}"),
    *("/c/{id}/s/{sub}", "/{kind}/{id}/s/{sub}", "/users/ana", "/{one}/{two}/{three}/{four}"),
)
_VERSION_2_PATTERNS = ("/{rest=**}/s/{sub}", "/{rest=**}/c/{id}", "/{rest=**}/{id}")
_INNER_PATTERNS = ("/s/{sub}", "/s/{sub}", "/s/x", "/{kind}/{sub}", "/{rest=**}", "/t/{deep}")
_SPELLINGS = ("get", "list", "create", "update", "delete", "read", "write", "read", "write", "get", "list", "GET")


def ruleset(random: Random) -> str:
    """The source of a ruleset for the world of `schema`."""
    version = random.choice(_VERSIONS)
    writer = _Writer(random, is_version_2="2" in version)
    lines = [version] if version else []
    lines += writer.functions(("top",), "  " * 0) if random.random() < 0.15 else []
    lines.append("service cloud.firestore {")
    lines += writer.functions(("served",), "  ") if random.random() < 0.15 else []
    lines.append("  match /databases/{database}/documents {")
    lines += writer.functions(("shared", "own")[: random.randint(1, 2)], "    ") if random.random() < 0.6 else []
    for _ in range(random.randint(2, 6)):
        lines += writer.match(writer.pattern(), (), "    ")
    return "\n".join([*lines, "  }", "}", ""])


@dataclass(slots=True)
class _Writer:
    """Remembers the calls of the functions in scope, by what they give."""

    random: Random
    is_version_2: bool
    calls: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def functions(self, names: tuple[str, ...], indent: str) -> list[str]:
        """Functions that every later condition may call."""
        grammar = conditions(self.random.choice(METHODS), ()).extended(self.calls)
        lets = self.is_version_2 or self.random.random() < 0.05
        declared, calls, _ = functions(self.random, grammar, names, lets_max=3 if lets else 0)
        self.calls = {**self.calls, "bool": self.calls.get("bool", ()) + tuple(calls)}
        return [indent + each for each in declared]

    def pattern(self) -> str:
        """The path of an outer match."""
        more = _VERSION_2_PATTERNS if self.is_version_2 or self.random.random() < 0.1 else ()
        return self.random.choice(_PATTERNS + more)

    def match(self, pattern: str, captures: tuple[str, ...], indent: str) -> list[str]:
        """One match block."""
        inside = indent + "  "
        captures += tuple(each.split("}")[0].split("=")[0] for each in pattern.split("{")[1:])
        outer = self.calls
        lines = [f"{indent}match {pattern} {{"]
        lines += self.functions(("local",), inside) if self.random.random() < 0.12 else []
        lines += [inside + self.allow(captures) for _ in range(self.random.choice((1, 1, 2, 2, 3)))]
        # Below a glob that is not last, which the emulator misreads, only now and then.
        share = 0.02 if "=**}/" in pattern else 0.3
        if len(indent) < 8 and self.random.random() < share:
            lines += self.match(self.random.choice(_INNER_PATTERNS), captures, inside)
        self.calls = outer
        return [*lines, f"{indent}}}"]

    def allow(self, captures: tuple[str, ...]) -> str:
        """One allow statement."""
        methods = self.random.sample(_SPELLINGS, self.random.choice((1, 1, 1, 2, 3)))
        if self.random.random() < 0.06:
            return f"allow {', '.join(methods)}{self.random.choice((';', ': if true;'))}"
        condition = Speaker(self.random, self._grammar(methods[0].lower(), captures), slip=0.006)
        return f"allow {', '.join(methods)}: if {condition.say('bool', self.random.choice((1, 1, 2, 2, 3)))};"

    def _grammar(self, method: str, captures: tuple[str, ...]) -> Grammar:
        grammar = conditions(method, captures)
        return grammar.extended(self.calls, weight=15) if self.calls else grammar
