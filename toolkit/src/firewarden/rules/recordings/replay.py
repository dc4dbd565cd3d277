"""One record, asked again: what this engine answers, and in what it differs."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Literal

from firewarden.rules.compatibility import OFFICIAL_1_19_9, Compatibility
from firewarden.rules.compiled import CompiledRules, compile_rules
from firewarden.rules.compiler.code import Evaluation
from firewarden.rules.decide import decide
from firewarden.rules.decision import Decision
from firewarden.rules.environment import read_request, root
from firewarden.rules.kinds import Value
from firewarden.rules.lookups import Documents, Lookups
from firewarden.rules.outcomes import EvalError, LimitReached, RequestCrashed
from firewarden.rules.recordings import requests, typed, wire
from firewarden.rules.requests import Get, Request, auth_of
from firewarden.values import Path, Timestamp

Record = Mapping[str, Any]
Difference = Literal["outcome", "value", "message"]
_NOW = Timestamp(1_800_000_000_123_000_000)
_TOKEN = {
    "sub": "alice",
    "user_id": "alice",
    "iss": "https://securetoken.google.com/demo-x",
    "aud": "demo-x",
    "iat": 1700000000,
    "auth_time": 1700000000,
    "exp": 4000000000,
    "firebase": {"sign_in_provider": "custom", "identities": {}},
}
_ASKED = Request(operation=Get(paths=(("e", "x"),)), time=_NOW, auth=auth_of(_TOKEN))
_ENTRY_END = re.compile(r"(?<= @ L\d), |(?<= @ L\d\d), |(?<= @ L\d\d\d), ")
_HEAD = "rules_version = '2';\nservice cloud.firestore {\nmatch /databases/{db}/documents {\nmatch /e/{d} {\n"
_HEAD_LINES = 4


def replay(format_: str, record: Record, *, compatibility: Compatibility = OFFICIAL_1_19_9) -> Difference | None:
    """What differs from the recorded answer; None if nothing does, or if the answer was not the rules' own."""
    return _FORMATS[format_](record, compatibility)


def concerns_rules(record: Record) -> bool:
    """Whether rules had a say: not for refused rules or tokens, invalid requests, and administrators."""
    if record["outcome"] == "compile_error" or _is_owner(record["auth"]):
        return False
    return record["outcome"] != "error" or record["grpc_status"] not in ("INVALID_ARGUMENT", "UNKNOWN")


def _request(record: Record, compatibility: Compatibility) -> Difference | None:
    if not concerns_rules(record):
        return None
    denial = requests.admin_only(record["request"])
    if denial is None:
        rules = compile_rules(record["rules"], compatibility=compatibility)
        documents = {tuple(path.split("/")): wire.fields(each) for path, each in record["documents"].items()}
        request = requests.request(record["request"], _claims(record["auth"]), _NOW)
        decision = decide(rules, request, documents.get)
        if decision.allowed == (record["outcome"] == "deny"):
            return "outcome"
        denial = decision.message
    return "message" if record["outcome"] == "deny" and not _same_message(denial, record["message"]) else None


def _program(record: Record, compatibility: Compatibility) -> Difference | None:
    if not record["accepted"]:
        return None
    path = tuple(record["request"]["path"].strip("/").split("/")[3:])
    request = Request(operation=Get(paths=(path,)), time=_NOW, auth=auth_of(_TOKEN))
    decision = decide(compile_rules(record["source"], compatibility=compatibility), request, _nothing_stored)
    if decision.allowed != record["allow"]:
        return "outcome"
    return None if decision.message == record["message"] else "message"


def _limit(record: Record, compatibility: Compatibility) -> Difference | None:
    def asked(times: int) -> Decision:
        unit = f"q({record['unit']})" if "q(unit)" in record["shape"] else record["unit"]
        condition = f"[{', '.join([unit] * times)}].size() >= 0"
        return decide(_wrapped(condition, record, compatibility), _ASKED, _nothing_stored)

    is_exact = asked(record["max_n"]).allowed and not asked(record["max_n"] + 1).allowed
    return None if is_exact else "outcome"


def _expression(record: Record, compatibility: Compatibility) -> Difference | None:
    try:
        outcome = _value(_wrapped(record["expr"], record, compatibility))
    except RequestCrashed:
        return None if record.get("http") == 500 else "outcome"
    if (record["outcome"] == "error") != isinstance(outcome, EvalError):
        return "outcome"
    if isinstance(outcome, EvalError):
        expected = (record["message"], record["line"], record["column"])
        return None if (outcome.text, *_position(outcome, record)) == expected else "message"
    return None if typed.same(typed.encoded(outcome), record["value"]) else "value"


def _value(rules: CompiledRules) -> Value:
    """What the only condition comes to, whatever its type."""
    ((allow,),) = rules.blocks[0].allows.values()
    path = (*root(_ASKED.database), "e", "x")
    seen = read_request(_ASKED, "get", Path(path), fields=None, in_transaction=False)
    documents = Documents(_nothing_stored, {}, _ASKED.database, rules.compatibility)
    evaluation = Evaluation(lambda: (seen, None), Lookups(documents, ("e", "x")))
    evaluation.captures = rules.blocks[0].pattern.captures(path) or []
    try:
        evaluation.charge(allow.code.cost)
        return allow.code.run(evaluation, [])
    except LimitReached as limit:
        return EvalError(limit.text, allow.span)


def _wrapped(condition: str, record: Record, compatibility: Compatibility) -> CompiledRules:
    source = f"{_HEAD}{record.get('functions', '')}\nallow get: if\n{condition}\n;}}}}}}"
    return compile_rules(source, compatibility=compatibility)


def _position(error: EvalError, record: Record) -> tuple[int, int]:
    """Where the error is, counted from the recorded expression or its helper functions."""
    if error.span is None:
        return 0, 0
    above = _HEAD_LINES
    if record.get("in") != "functions":
        above += 2 + record.get("functions", "").count("\n")
    return error.span.line - above, error.span.column


def _same_message(mine: str | None, theirs: str | None) -> bool:
    """Entries may come in another order: several documents are judged in an order of the engine's own."""
    if mine is None or theirs is None:
        return mine == theirs
    return Counter(_ENTRY_END.split(mine)) == Counter(_ENTRY_END.split(theirs))


def _claims(auth: Any) -> Mapping[str, Any] | None:
    if not isinstance(auth, str):
        claims: Mapping[str, Any] | None = auth
        return claims
    payload = auth.split()[1].split(".")[1]
    decoded: Mapping[str, Any] = json.loads(urlsafe_b64decode(payload + "=="))
    return decoded


def _is_owner(auth: Any) -> bool:
    return isinstance(auth, str) and auth.lower().removeprefix("bearer ") == "owner"


def _nothing_stored(_: object) -> None:
    return None


_FORMATS: Mapping[str, Callable[[Record, Compatibility], Difference | None]] = {
    "expr": _expression,
    "limits": _limit,
    "list": _request,
    "program": _program,
    "request": _request,
}
FORMATS = tuple(_FORMATS)
