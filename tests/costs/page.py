"""docs/cost.md: its tables are written from what is claimed, which the tests measure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from firewarden.firestore.billing.prices import Prices
from firewarden.firestore.billing.tables import money
from firewarden.firestore.billing.usage import Usage
from tests.costs.actions import Action, Chapter, Things
from tests.costs.catalog import CHAPTERS, ONE_RSVP

PAGE = Path(__file__).parents[2] / "docs" / "cost.md"
_KINDS = ("reads", "writes", "deletes")
_MILLION = 1_000_000


def renewed(text: str, prices: Prices) -> str:
    """The page with its tables as they must be."""
    blocks = {"one rsvp": one_rsvp(prices), "actions": actions(prices)}
    for name, lines in blocks.items():
        block = re.compile(rf"(?<=<!-- begin: {name} -->\n).*?(?=<!-- end -->)", re.DOTALL)
        found = block.search(text)
        if found is None:
            raise ValueError(f"the page has no block {name!r}")
        text = text[: found.start()] + "\n".join([*lines, ""]) + text[found.end() :]
    return text


def one_rsvp(prices: Prices) -> Iterator[str]:
    """What one RSVP comes to with all that follows, step by step."""
    yield from _head(prices)
    for action in ONE_RSVP:
        yield _row(action.name, action.claimed, prices)
    yield _row("**all of it**", sum((action.claimed for action in ONE_RSVP), Usage()), prices)


def actions(prices: Prices) -> Iterator[str]:
    """Every action, chapter by chapter, with its floor and what is beyond it."""
    for chapter in CHAPTERS:
        yield from ("", f"### {chapter.title}", "", *_head(prices, "floor", "of which"))
        for action in chapter.actions:
            yield f"{_row(action.name, action.claimed, prices)} {_floor(action)} | {_derived(action)} |"
        yield from _beyond(chapter)


def _head(prices: Prices, *more: str) -> tuple[str, str]:
    titles = ("action", "reads", "of rules", "writes", "deletes", f"{prices.currency} a million", *more)
    return f"| {' | '.join(titles)} |", f"|---|{'---:|' * 5}{'---|' * len(more)}"


def _row(name: str, usage: Usage, prices: Prices) -> str:
    counts = (usage.reads, usage.lookups, usage.writes, usage.deletes)
    price: Decimal = prices.cost(usage) * _MILLION
    return f"| {name} | {' | '.join(map(str, counts))} | {money(price)} |"


def _floor(action: Action) -> str:
    usage = action.floor.usage
    return f"{usage.reads}, {usage.writes}, {usage.deletes}"


def _derived(action: Action) -> str:
    floor = action.floor
    reads: Things = {**floor.reads, **{f"{name} (rules)": count for name, count in floor.lookups.items()}}
    parts = [
        f"{kind}: {_listed(things)}"
        for kind, things in zip(_KINDS, (reads, floor.writes, floor.deletes), strict=True)
        if things
    ]
    return "; ".join(parts) or "nothing"


def _beyond(chapter: Chapter) -> Iterator[str]:
    above: Sequence[Action] = [action for action in chapter.actions if action.because]
    if above:
        yield from ("", "Beyond the floor:", "")
    for action in above:
        kinds = zip(_KINDS, (action.beyond.reads, action.beyond.writes, action.beyond.deletes), strict=True)
        more = "; ".join(f"{kind}: {_listed(things)}" for kind, things in kinds if things)
        yield f"- *{action.name.removeprefix('... ')}*: {more}; {action.because}."


def _listed(things: Things) -> str:
    return ", ".join(name if count == 1 else f"{count} {name}" for name, count in things.items())
