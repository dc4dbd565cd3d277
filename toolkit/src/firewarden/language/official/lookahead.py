"""What tokens may come next: the sets behind `expecting {…}`, behind every recovery and behind the simple decisions."""

from __future__ import annotations

from firewarden.language.official.network import EPSILON, Network, State

__all__ = ["EPSILON", "expected_tokens", "mark_decisions", "recovery_set"]


def expected_tokens(network: Network, state: State, outer: tuple[State, ...]) -> frozenset[str]:
    """Return what may follow at `state` when these rules are open, up to the end of the file."""
    following = network.next_tokens(state)
    expected = following - {EPSILON}
    for place in reversed(outer):
        if EPSILON not in following:
            return expected
        following = network.next_tokens(place)
        expected |= following - {EPSILON}
    return expected | {"EOF"} if EPSILON in following else expected


def recovery_set(network: Network, outer: tuple[State, ...]) -> frozenset[str]:
    """Return the tokens at which some open rule could go on."""
    tokens: frozenset[str] = frozenset()
    for place in outer:
        tokens |= network.next_tokens(place)
    return tokens - {EPSILON}


def mark_decisions(network: Network) -> None:
    """Mark the decisions that one token always settles, and those between operators.

    One token settles a decision if its alternatives begin with different ones, whoever called the rule.
    """
    follow = _follow_sets(network)
    for state in network.states:
        if len(state.steps) > 1:
            first = [network.next_tokens(step.target) for step in state.steps]
            sets = [each - {EPSILON} | (follow[state.rule] if EPSILON in each else frozenset()) for each in first]
            state.operators = any(_is_guarded(step.target) for step in state.steps)
            state.single_token = not state.operators and sum(map(len, sets)) == len(frozenset().union(*sets))


def _is_guarded(state: State) -> bool:
    """Tell whether a precedence guard stands before the first token."""
    # INVARIANT: no loop of our own grammar has an empty body, so this comes to a token or to a rule.
    return any(step.guard or (step.free and _is_guarded(step.target)) for step in state.steps)


def _follow_sets(network: Network) -> dict[str, frozenset[str]]:
    """Return what may follow each rule, whoever called it."""
    follow: dict[str, frozenset[str]] = {name: frozenset() for name in network.starts}
    changed = True
    while changed:
        before = dict(follow)
        for name, places in network.calls.items():
            for place in places:
                after = network.next_tokens(place)
                follow[name] |= after - {EPSILON} | (follow[place.rule] if EPSILON in after else frozenset())
        changed = follow != before
    return follow
