"""Answers that are for their caller only: no cache that others share may keep them."""

from typing import TypeVar

from werkzeug.wrappers import Response

Answer = TypeVar("Answer", bound=Response)


def private(response: Answer) -> Answer:
    """The caller's own cache may keep the answer, if it asks each time whether that still holds."""
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.add("Authorization")
    return response


def not_kept(response: Answer) -> Answer:
    """Nobody keeps the answer: it tells of money, or holds a link that opens a paper."""
    response.headers["Cache-Control"] = "private, no-store"
    return response
