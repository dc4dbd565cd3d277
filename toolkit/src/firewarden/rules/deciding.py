"""May this request be done? The one question, answered from rules, a request and a reader of documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from firewarden.language.depth import with_room
from firewarden.rules.compiled import CompiledRules
from firewarden.rules.compiler.code import Tracer
from firewarden.rules.decision import ALLOWED, CRASHED, Decision
from firewarden.rules.environment import Document
from firewarden.rules.lists import list_subjects
from firewarden.rules.lookups import Read
from firewarden.rules.outcomes import RequestCrashed
from firewarden.rules.passes import Subject, settle
from firewarden.rules.reads import read_subjects
from firewarden.rules.requests import Commit, DocumentPath, Get, List, Request
from firewarden.rules.writes import is_plainly_allowed, write_subjects


def decide(rules: CompiledRules, request: Request, read: Read, *, tracer: Tracer | None = None) -> Decision:
    """A request is allowed if for everything it touches some `allow` is true. Errors and doubts deny.

    `read` gives the stored document at a path, or None, and is asked once for each. Every expression and its
    outcome is told to the `tracer`, if there is one.
    """
    remembering = _remembering(read)
    operation = request.operation

    def subjects() -> Sequence[Subject]:
        return subjects_of(rules, request, remembering, tracer)

    def decided() -> Decision:
        if tracer is None and type(operation) is Commit and is_plainly_allowed(rules, request, operation, remembering):
            return ALLOWED
        return settle(subjects, tell_both=rules.compatibility.both_passes_in_message)

    try:
        return with_room(decided)
    except RequestCrashed:
        return CRASHED


def subjects_of(rules: CompiledRules, request: Request, read: Read, tracer: Tracer | None) -> Sequence[Subject]:
    """What must be allowed one by one: documents, or disjuncts of a query. Each can be asked once."""
    used = rules.traced if tracer else rules
    return _SUBJECTS[type(request.operation)](used, request, request.operation, read, tracer)


def _remembering(read: Read) -> Read:
    """A reader that asks `read` only once for each document."""
    known: dict[DocumentPath, Document | None] = {}

    def remembered(path: DocumentPath) -> Document | None:
        if path not in known:
            known[path] = read(path)
        return known[path]

    return remembered


_Make = Callable[[CompiledRules, Request, Any, Read, Tracer | None], Sequence[Subject]]
_SUBJECTS: Mapping[type[Any], _Make] = {Get: read_subjects, List: list_subjects, Commit: write_subjects}
