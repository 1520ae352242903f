"""Sending now, for a person who waits: `watchdog notify test`. No outbox is asked, and nothing is recorded."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import IO

import msgspec

from watchdog.content import Content, Fact
from watchdog.model import Stamp
from watchdog.notify.errands import READY, Answer, Errand, line_of
from watchdog.notify.spawning import sender_program, start

# Beyond what the errands are given: Python, apprise and its plugins are loaded, on a slow machine.
_LOADING_SECONDS = 30.0


def send_now(
    errands: Sequence[Errand], limit_seconds: float, environ: Mapping[str, str], now: Callable[[], Stamp]
) -> Iterator[tuple[Answer, float]]:
    """Send side by side; yield each answer as it comes, and how many seconds that took."""
    if not errands:
        return
    began = now()
    with start(sender_program(), environ) as child:
        ending = threading.Timer(limit_seconds + _LOADING_SECONDS, child.kill)
        ending.start()
        open_ones = {errand.id: errand for errand in errands}
        try:
            _ask(child.stdin, errands)
            for line in child.stdout or ():
                if line == READY:
                    began = now()
                    continue
                answer = msgspec.json.decode(line, type=Answer)
                if open_ones.pop(answer.id, None):
                    yield answer, now().seconds_since(began)
        finally:
            ending.cancel()
            child.kill()
    for errand in open_ones.values():
        error = f"the process that sends ended before {errand.target} answered"
        yield Answer(id=errand.id, outcome="failed", error=error), now().seconds_since(began)


def test_content(host: str, target: str, stamp: Stamp) -> Content:
    """Return what a test says: whence, to whom, and that nothing is wrong."""
    return Content(
        kind="test",
        host=host,
        summary="this is a test: nothing is wrong, and nothing has to be done",
        facts=(Fact(name="target", value=target), Fact(name="sent", value=stamp.moment)),
        reason="somebody ran `watchdog notify test`",
        more=("watchdog status",),
    )


def _ask(pipe: IO[bytes] | None, errands: Sequence[Errand]) -> None:
    if pipe is None:
        return
    with suppress(BrokenPipeError), pipe:  # if it ended, what it did not answer is told
        for errand in errands:
            pipe.write(line_of(errand))
