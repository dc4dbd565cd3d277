"""The two passes of the official engine over what a request touches.

First everything is asked without reading a document: what then is plainly false ends the request, what is true
stands. Only the rest is asked again with documents. The second answer never contradicts the first (a subject whose
answers could takes care of that itself), so a request that the second pass alone allows is allowed; the first is made
up for only to deny as the official engine does. What fails in the first pass is no decision; in the second it is a
denial without a reason.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from firewarden.rules.decision import ALLOWED, Decision
from firewarden.rules.judging import Reason, Verdict
from firewarden.rules.matching import Segment
from firewarden.rules.outcomes import RequestCrashed


class Subject(Protocol):
    """One thing that must be allowed: a document, or a disjunct of a query."""

    @property
    def path(self) -> tuple[Segment, ...]:
        """The whole path that match blocks are compared with."""

    def first(self) -> Sequence[Verdict]:
        """The verdicts without documents, one for each method it may turn out to be."""

    def last(self) -> Verdict:
        """The verdict with documents."""


def settle(subjects: Callable[[], Sequence[Subject]], *, tell_both: bool) -> Decision:
    """Decide over all of them; `subjects` makes them anew for every attempt, with nothing looked up yet."""
    asked = subjects()
    denied: Verdict | None = None
    try:
        for subject in asked:
            denied = subject.last()
            if not denied.allowed:
                break
        else:
            return ALLOWED
    except RequestCrashed:
        denied = None  # the first pass tells whether that matters
    first: list[Reason] = []
    waiting: list[Subject] = []
    for subject in subjects():
        verdicts = subject.first()
        first += [reason for verdict in verdicts for reason in verdict.reasons]
        if all(each.allowed for each in verdicts):
            continue
        if all(each.allowed is False for each in verdicts):
            return Decision(allowed=False, reasons=tuple(first), without_documents=True)
        waiting.append(subject)
    # A single subject has been asked with nothing looked up before it, as it would be now.
    return _second_pass(first, waiting, denied if len(asked) == 1 else None, tell_both=tell_both)


def _second_pass(
    first: list[Reason], waiting: Sequence[Subject], known: Verdict | None, *, tell_both: bool
) -> Decision:
    reasons = first if tell_both else []
    for subject in waiting:
        try:
            verdict = known or subject.last()
        except RequestCrashed:
            return Decision(allowed=False, reasons=tuple(first))
        reasons += verdict.reasons
        if not verdict.allowed:
            return Decision(allowed=False, reasons=tuple(reasons))
    return ALLOWED
