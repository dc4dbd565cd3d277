"""Security rules: decided in process as Firestore decides them, and assembled from fragments.

    rules = compile_rules(text)
    decision = decide(rules, Request(operation=Get(paths=(("events", "e1"),)), time=now), read)

No I/O: documents come from the `read` given to `decide`, and what reads files is `firewarden.cli`.
"""

from firewarden.rules.assemble import Assembly, Fragment, Origin, assemble
from firewarden.rules.checking import check
from firewarden.rules.compatibility import OFFICIAL_1_19_9, PRESETS, PRODUCTION, Compatibility
from firewarden.rules.compiled import CompiledRules, RulesetInvalid, compile_rules
from firewarden.rules.decide import decide
from firewarden.rules.decision import Decision
from firewarden.rules.judging import Reason
from firewarden.rules.outcomes import EvalError
from firewarden.rules.query import Both, Either, Filter, Query
from firewarden.rules.requests import Commit, Get, List, Request, Transform, Write, auth_of

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
