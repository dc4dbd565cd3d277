"""Progress of long work: a moving bar on a terminal, a line now and then in a pipe."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

_LINE_EVERY = 200


@contextmanager
def progress_of(what: str, total: int, *, console: Console) -> Iterator[Callable[[int], None]]:
    """Gives a function that takes how many more are done."""
    if not console.is_terminal:
        yield _lines(what, total, console)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda count: progress.advance(task, count)


def _lines(what: str, total: int, console: Console) -> Callable[[int], None]:
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        shown, done = done // _LINE_EVERY, done + count
        if done // _LINE_EVERY > shown or done == total:
            console.print(f"{what}: {done} of {total} events", highlight=False, soft_wrap=True)

    return advance
