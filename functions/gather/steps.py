"""Steps that do not hold each other up: every one is tried, and what failed is raised together after the last."""

from collections.abc import Callable, Iterable


def run_all(what: str, steps: Iterable[Callable[[], object]]) -> None:
    """Run every step; raise an ExceptionGroup that begins with `what` if any of them failed."""
    failures: list[Exception] = []
    for step in steps:
        try:
            step()
        except Exception as failure:  # noqa: BLE001  # collected, and raised below
            failures.append(failure)
    if failures:
        raise ExceptionGroup(what, failures)
