"""Who has the history: the daemon, or somebody it is lent to until they hang up."""

from collections.abc import Callable

from watchdog.daemon.door import Visit
from watchdog.daemon.log import WARNING, Log
from watchdog.errors import HistoryError
from watchdog.history.store import History

# Somebody else took it in between (a `run` that found the door closed): asked again so often.
RETAKE_NS = 5 * 10**9


class Keeper:
    """Keeps the history. `open_history` takes it, alone; it raises HistoryError."""

    def __init__(self, open_history: Callable[[], History], now_ns: Callable[[], int], log: Log) -> None:
        self._open, self._now_ns, self._log = open_history, now_ns, log
        self._lent_to: Visit | None = None
        self._borrowers: list[Visit] = []
        # None while it is lent, or could not be had back yet; then `retake_ns` says when to try.
        self.history: History | None = None
        self.retake_ns: int | None = None

    def take(self) -> None:
        """Take the history. Raises HistoryError."""
        self.history, self.retake_ns = self._open(), None

    def close(self) -> None:
        """Let go of it."""
        if self.history is not None:
            self.history.close()
            self.history = None

    def ask(self, visit: Visit) -> None:
        """Note that somebody would like to have it."""
        self._borrowers.append(visit)

    @property
    def is_wanted(self) -> bool:
        """Tell whether it can be lent, and somebody would like to have it."""
        return self.history is not None and bool(self._borrowers)

    def lend(self) -> None:
        """Give it to who asked first."""
        self.close()
        self._lent_to = self._borrowers.pop(0)
        self._lent_to.answer({"lent": True})

    def left(self, visit: Visit) -> None:
        """Note that somebody is gone; if they had it, it is back."""
        self._borrowers = [borrower for borrower in self._borrowers if borrower is not visit]
        if visit is self._lent_to:
            self._lent_to = None
            self._try()

    def retake_if_due(self) -> None:
        """Try again to have it back."""
        if self.retake_ns is not None and self._now_ns() >= self.retake_ns:
            self._try()

    def _try(self) -> None:
        try:
            self.take()
        except HistoryError as error:
            self.retake_ns = self._now_ns() + RETAKE_NS
            self._log.say(f"not looking until the history is back: {error}", WARNING)
