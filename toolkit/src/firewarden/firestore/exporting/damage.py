"""What is wrong with a file of an export, and where."""

from __future__ import annotations


class Damaged(Exception):  # noqa: N818 - says what happened to the file
    """Bytes that nobody who writes exports would have written; `offset` counts from the beginning of the file."""

    def __init__(self, offset: int, problem: str) -> None:
        super().__init__(f"at byte {offset}: {problem}")
        self.offset = offset
        self.problem = problem
