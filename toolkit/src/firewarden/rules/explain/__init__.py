"""Why a request is allowed or denied: what was asked of the rules, what it came to, and which part decided.

    explanation = explain(rules, request, read)
    print(explanation.text())

Evaluates once more with every step recorded; `decide` itself records nothing and pays nothing for it.
"""

from firewarden.rules.explain.build import explain
from firewarden.rules.explain.model import AllowTrace, Explanation, Part, Step, Suggestion, Usage

__all__ = ["AllowTrace", "Explanation", "Part", "Step", "Suggestion", "Usage", "explain"]
