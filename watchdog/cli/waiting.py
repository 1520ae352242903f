"""What a person at a terminal sees while something takes longer than a second."""

import sys
import threading
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress

_PATIENCE_SECONDS = 1.0


class Waiting:
    """A bar at stderr, if that is a terminal, from the second second on; it leaves nothing behind."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._bar: Progress | None = None
        self._over = threading.Lock()
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
        with self._over:
            if self._bar:
                self._bar.stop()
            self._bar = None
            self._ended = True

    _ended = False

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        with self._over:
            if self._ended:
                return
            columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._bar.add_task(self._what, total=None)
            self._bar.start()
