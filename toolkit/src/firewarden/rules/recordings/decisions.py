"""Recordings of requests and queries under a whole ruleset."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from collections import Counter
from collections.abc import Mapping
from typing import Any

from firewarden.rules.compatibility import Compatibility
from firewarden.rules.compiled import compile_rules
from firewarden.rules.deciding import decide
from firewarden.rules.decision import Decision
from firewarden.rules.recordings import requests, wire
from firewarden.rules.recordings.discrepancy import Discrepancy, Record
from firewarden.rules.recordings.recorder import CALLER, NOW, nothing_stored
from firewarden.rules.recordings.sources import replay_source
from firewarden.rules.requests import Get, Request

_ENTRY_END = re.compile(r"(?<= @ L\d), |(?<= @ L\d\d), |(?<= @ L\d\d\d), ")


def replay_program(record: Record, compatibility: Compatibility) -> Discrepancy | None:
    """Compile the `source` and read one document under it."""
    difference = replay_source(record)
    if difference or not record["accepted"]:
        return difference
    path = tuple(record["request"]["path"].strip("/").split("/")[3:])
    request = Request(operation=Get(paths=(path,)), time=NOW, auth=CALLER)
    rules = compile_rules(record["source"], compatibility=compatibility, warm_up=0)
    decision = decide(rules, request, nothing_stored)
    if decision.allowed != record["allow"]:
        return Discrepancy("outcome", record["allow"], decision.allowed)
    return compared_messages(record["message"], decision.message)


def replay_request(record: Record, compatibility: Compatibility) -> Discrepancy | None:
    """Ask for the `request` again, of the same documents; None also if the answer was not the rules' own."""
    if record["outcome"] == "compile_error":
        return replay_source({"source": record["rules"], "accepted": False, "error": record["message"]})
    if not concerns_rules(record):
        return None
    denial = requests.admin_only(record["request"])
    if denial is None:
        decision = _decided(record, compatibility)
        if decision.allowed == (record["outcome"] == "deny"):
            expected = {"outcome": record["outcome"], "message": record["message"]}
            got = {"outcome": "allow" if decision.allowed else "deny", "message": decision.message}
            return Discrepancy("outcome", expected, got)
        denial = decision.message
    return compared_messages(record["message"], denial) if record["outcome"] == "deny" else None


def concerns_rules(record: Record) -> bool:
    """Whether rules had a say: not for refused tokens, invalid requests, and administrators."""
    if _is_owner(record["auth"]):
        return False
    return record["outcome"] != "error" or record["grpc_status"] not in ("INVALID_ARGUMENT", "UNKNOWN")


def _decided(record: Record, compatibility: Compatibility) -> Decision:
    rules = compile_rules(record["rules"], compatibility=compatibility, warm_up=0)
    documents = {tuple(path.split("/")): wire.fields(each) for path, each in record["documents"].items()}
    request = requests.request(record["request"], claims(record["auth"]), NOW)
    return decide(rules, request, documents.get)


def compared_messages(expected: str | None, got: str | None) -> Discrepancy | None:
    """Entries may come in another order: several documents are judged in an order of the engine's own."""
    if expected is None or got is None:
        is_same = expected == got
    else:
        is_same = Counter(_ENTRY_END.split(expected)) == Counter(_ENTRY_END.split(got))
    return None if is_same else Discrepancy("message", expected, got)


def claims(auth: Any) -> Mapping[str, Any] | None:
    """The claims of a recorded caller: those given, those of a whole header, or None for a guest."""
    if not isinstance(auth, str):
        given: Mapping[str, Any] | None = auth
        return given
    payload = auth.split()[1].split(".")[1]
    decoded: Mapping[str, Any] = json.loads(urlsafe_b64decode(payload + "=="))
    return decoded


def _is_owner(auth: Any) -> bool:
    return isinstance(auth, str) and auth.lower().removeprefix("bearer ") == "owner"
