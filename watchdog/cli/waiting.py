"""What a person at a terminal sees while something takes longer than a second."""

import sys
import threading
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

T = TypeVar("T")
_PATIENCE_SECONDS = 1.0


class Waiting:
    """A bar at stderr, if that is a terminal, from the second second on; it leaves nothing behind.

    It names what is being done. Where that can be counted it fills, else it only moves.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._done = 0
        self._total: int | None = None
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._ended = False
        self._lock = threading.Lock()
        self._timer = threading.Timer(_PATIENCE_SECONDS, self._show)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        if sys.stderr and sys.stderr.isatty():
            self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            if self._bar:
                self._bar.stop()
            self._bar = None
            self._ended = True

    def turn_to(self, what: str, total: int | None = None) -> None:
        """Say what is being done now, and of how many pieces it is at most; None: nobody knows."""
        with self._lock:
            self._what, self._done, self._total = what, 0, total
            if self._bar and self._task is not None:
                self._bar.remove_task(self._task)
                self._task = self._bar.add_task(what, total=total)

    def along(self, what: str, those: Sequence[T]) -> Iterator[T]:
        """Yield each of them while the bar fills."""
        self.turn_to(what, len(those))
        for one in those:
            yield one
            with self._lock:
                self._done += 1
                if self._bar and self._task is not None:
                    self._bar.advance(self._task)

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        with self._lock:
            if self._ended:
                return
            columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task(self._what, total=self._total, completed=self._done)
            self._bar.start()
