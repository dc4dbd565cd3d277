"""Security rules: decided in process as Firestore decides them, and assembled from fragments.

    rules = compile_rules(text)
    decision = decide(rules, Request(operation=Get(paths=(("events", "e1"),)), time=now), read)

No I/O: documents come from the `read` given to `decide`, and what reads files is `firewarden.cli`. Names are loaded
when they are first used: a database without rules needs none of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from firewarden.rules.assembling import Assembly, Fragment, Origin, assemble
    from firewarden.rules.checking import check
    from firewarden.rules.compatibility import OFFICIAL_1_19_9, PRESETS, PRODUCTION, Compatibility
    from firewarden.rules.compiled import CompiledRules, RulesetInvalid, compile_rules
    from firewarden.rules.deciding import decide
    from firewarden.rules.decision import Decision
    from firewarden.rules.judging import Reason
    from firewarden.rules.outcomes import EvalError
    from firewarden.rules.query import Both, Either, Filter, Query
    from firewarden.rules.requests import Commit, Get, List, Request, Transform, Write, auth_of

# INVARIANT: no module of this package has the name of something in this table, which it would hide once it is imported.
_HOMES = {
    "OFFICIAL_1_19_9": "compatibility",
    "PRESETS": "compatibility",
    "PRODUCTION": "compatibility",
    "Assembly": "assembling",
    "Both": "query",
    "Commit": "requests",
    "Compatibility": "compatibility",
    "CompiledRules": "compiled",
    "Decision": "decision",
    "Either": "query",
    "EvalError": "outcomes",
    "Filter": "query",
    "Fragment": "assembling",
    "Get": "requests",
    "List": "requests",
    "Origin": "assembling",
    "Query": "query",
    "Reason": "judging",
    "Request": "requests",
    "RulesetInvalid": "compiled",
    "Transform": "requests",
    "Write": "requests",
    "assemble": "assembling",
    "auth_of": "requests",
    "check": "checking",
    "compile_rules": "compiled",
    "decide": "deciding",
}

__all__ = [
    "OFFICIAL_1_19_9",
    "PRESETS",
    "PRODUCTION",
    "Assembly",
    "Both",
    "Commit",
    "Compatibility",
    "CompiledRules",
    "Decision",
    "Either",
    "EvalError",
    "Filter",
    "Fragment",
    "Get",
    "List",
    "Origin",
    "Query",
    "Reason",
    "Request",
    "RulesetInvalid",
    "Transform",
    "Write",
    "assemble",
    "auth_of",
    "check",
    "compile_rules",
    "decide",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return found
