"""Tells the story: coloured on a terminal, the same words plain in a pipe. Decides nothing."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from demo.steps import Chapter, Fact, Outcome, Step, Tally

_WHO_WIDTH = 6
_DOES_WIDTH = 62


class Teller:
    """Writes to one console; the only part of the demo that prints."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def say(self, text: str, style: str = "") -> None:
        """A line of its own."""
        self._line(Text(text, style))

    def chapter(self, chapter: Chapter) -> None:
        """A heading."""
        self._line(Text())
        self._line(Text(chapter.title, "bold"))

    def step(self, step: Step, outcome: Outcome, *, is_right: bool) -> None:
        """Who did what, what it came to, and for a refusal why."""
        word = "allowed" if outcome.is_allowed else "denied"
        line = Text(f"  {step.who:{_WHO_WIDTH}} {step.does:{_DOES_WIDTH}} ")
        line.append(word, "green" if outcome.is_allowed else "yellow")
        line.append(f"  {outcome.detail}" if outcome.detail else "")
        self._line(line)
        if step.expect.because and not outcome.is_allowed:
            self._line(Text(f"         because {step.expect.because}", "yellow"))
        for refusal in outcome.refusals:
            self._line(Text(f"         {refusal.place}: {refusal.text}  → {refusal.reason}", "dim"))
        if not is_right:
            wanted = "allowed" if step.expect.is_allowed else "denied"
            status = f" with {step.expect.status}" if step.expect.status else ""
            self._line(Text(f"         UNEXPECTED: this should have been {wanted}{status}", "bold red"))

    def fact(self, fact: Fact, found: Any, *, is_right: bool) -> None:
        """What followed from the step before."""
        self._line(Text(f"         · {fact.label}: {_shown(found)}", "cyan" if is_right else "bold red"))
        if not is_right:
            self._line(Text(f"         UNEXPECTED: it should be {_shown(fact.expected)}", "bold red"))

    def tally(self, tally: Tally) -> None:
        """The sum, and every failure again."""
        self._line(Text())
        if not tally.failures:
            self._line(Text(f"All {tally.checked} expectations were met.", "bold green"))
            return
        self._line(Text(f"{len(tally.failures)} of {tally.checked} expectations were not met:", "bold red"))
        for failure in tally.failures:
            self._line(Text(f"  {failure}", "red"))

    def _line(self, text: Text) -> None:
        # Plain output is read by programs and pasted into documents: it is never wrapped.
        self.console.print(text, soft_wrap=True, highlight=False)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(str(item) for item in value) or "none"
    return str(value)
