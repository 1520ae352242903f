"""`python -m watchdog.notify.sender`: sends errands through apprise, for as long as its standard input lasts.

It does not live long, as apprise and its plugins cost a third of a second and 20 MB (all are loaded: it has no way
to load one). Nothing of a URL leaves it: what apprise, a library or an exception says goes nowhere, what a server
says is scrubbed, and no core is dumped.
"""

import ctypes
import logging
import os
import resource
import sys
import threading
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, BinaryIO

import msgspec

from watchdog.notify import services
from watchdog.notify.errands import LONGEST_ERROR, READY, Answer, Errand
from watchdog.notify.overhearing import Heard, hearing, listen
from watchdog.notify.scrubbing import scrub
from watchdog.notify.verdict import is_too_large, judge
from watchdog.units import render_seconds

_PR_SET_DUMPABLE = 4
# Of a message that a service found too large: what every service takes.
_SHORT = 500


def main() -> None:
    """Answer every errand, then end: threads that still hang are left behind."""
    answers = close_up()
    work = _Work(answers)
    listen()
    silence()
    services.load()
    answers.write(READY)
    answers.flush()
    for line in sys.stdin.buffer:
        work.begin(msgspec.json.decode(line, type=Errand))
    work.wait()
    os._exit(0)


class _Work:
    """Errands under way, each in a thread of its own: its target gets the next when it is answered."""

    def __init__(self, answers: BinaryIO) -> None:
        self._answers = answers
        self._open: set[int] = set()
        self._changed = threading.Condition()

    def begin(self, errand: Errand) -> None:
        """Send one, beside the others, and answer for it when its time is over."""
        heard = Heard()
        with self._changed:
            self._open.add(errand.id)
        late = threading.Timer(errand.limit_seconds, lambda: self._answer(_late(errand, heard)))
        late.daemon = True

        def run() -> None:
            self._answer(_send(errand, heard))
            late.cancel()

        try:
            late.start()
            threading.Thread(target=run, daemon=True).start()
        except RuntimeError:  # the host, or our cgroup, has no thread left
            error = f"this host has no thread left to send to {errand.target}"
            self._answer(Answer(id=errand.id, outcome="failed", error=error, away=True))

    def wait(self) -> None:
        """Return when every errand is answered."""
        with self._changed:
            self._changed.wait_for(lambda: not self._open)

    def _answer(self, answer: Answer) -> None:
        # A target may be called at length, and a template lie deep: who asked must be able to read the answer.
        answer = msgspec.structs.replace(answer, error=answer.error[:LONGEST_ERROR])
        with self._changed:
            if answer.id not in self._open:  # it was given up, or answered in its last moment
                return
            with suppress(OSError):  # who asked is gone
                self._answers.write(msgspec.json.encode(answer) + b"\n")
                self._answers.flush()
            self._open.discard(answer.id)
            self._changed.notify_all()


def _send(errand: Errand, heard: Heard) -> Answer:
    """Send one message. Never raises, and says nothing of what an exception says: it may hold the URL."""
    try:
        with hearing(heard):
            return _deliver(errand, heard)
    except BaseException as error:  # noqa: BLE001 - see above
        text = f"sending to {errand.target} raised {type(error).__name__}"
        return Answer(id=errand.id, outcome="failed", error=text)


def _deliver(errand: Errand, heard: Heard) -> Answer:
    service = services.open_service(errand.url)
    if service is None:
        error = (
            f"apprise cannot read the URL of {errand.target}; is it written as in its wiki, and @ in it as %40?"
        )
        return Answer(id=errand.id, outcome="refused", error=error, closed=True)
    people = services.recipients(service, errand.key)
    if len(people) > 1:
        return _deliver_to_each(errand, heard, service, people)
    return _try(errand, heard, partial(services.send, service, errand))


def _deliver_to_each(errand: Errand, heard: Heard, service: Any, people: Mapping[str, Any]) -> Answer:
    """Send to each recipient who does not have it yet; whom the server refuses costs the others nothing."""
    heard.taken += [who for who in errand.taken if who in people]
    told, missed = "", []
    for who in [who for who in people if who not in heard.taken]:
        heard.forget()
        answer = _try(errand, heard, partial(services.send_to, service, people[who], errand))
        if answer.outcome == "sent":
            heard.taken.append(who)
            told = told or answer.error
            continue
        missed.append(answer)
        if answer.away:
            break
    if not missed:
        return Answer(id=errand.id, outcome="sent", error=told)
    # What may still be taken says what becomes of the message.
    worst = next((answer for answer in missed if answer.outcome == "failed"), missed[0])
    left = len(people) - len(heard.taken)
    error = f"{worst.error}; {left} of {len(people)} recipients do not have it"
    return msgspec.structs.replace(worst, error=error, taken=tuple(heard.taken))


def _try(errand: Errand, heard: Heard, send: Callable[[int], tuple[bool, str]]) -> Answer:
    """Send a message, and once more in short where it is refused for its size."""
    taken, trouble = send(0)
    shortened = ""
    if not taken and not errand.attach and not heard.trouble:
        whole = _answer_of(errand, heard)
        if is_too_large(heard.protocol, heard.status, heard.words):
            shortened = f"in short, as the whole message was refused: {whole.error}"
            heard.forget()
            taken, trouble = send(_SHORT)
    if taken:
        told = f"sent by the built-in templates, as those of [notify] fail: {trouble}" if trouble else shortened
        return Answer(id=errand.id, outcome="sent", error=told)
    return _answer_of(errand, heard)


def _answer_of(errand: Errand, heard: Heard) -> Answer:
    words = scrub(heard.words, errand.url)
    verdict = judge(errand.target, heard.protocol, heard.status, words, heard.trouble, heard.retry_after_seconds)
    return Answer(
        id=errand.id,
        outcome=verdict.outcome,
        error=verdict.error,
        away=verdict.away,
        closed=verdict.closed,
        taken=tuple(heard.taken),
        retry_after_seconds=verdict.retry_after_seconds,
    )


def _late(errand: Errand, heard: Heard) -> Answer:
    """Answer for what is not over in its time; what was heard meanwhile (429, and apprise waits) says more."""
    if heard.status >= 400 and not heard.trouble:
        return _answer_of(errand, heard)
    error = f"{errand.target} did not take it within {render_seconds(errand.limit_seconds)}"
    return Answer(id=errand.id, outcome="failed", error=error, away=True, taken=tuple(heard.taken))


def close_up() -> BinaryIO:
    """Keep what this process knows inside: no core, no tracing by others, no output but the answers.

    Returns where the answers go. A library that prints, and a traceback, go to /dev/null.
    """
    with suppress(OSError, ValueError):  # a unit's filter may forbid it; not dumpable is enough
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    return answers


def silence() -> None:
    """Silence every logger: apprise logs URLs, at ERROR even."""
    logging.disable(logging.CRITICAL)
    logging.raiseExceptions = False
    warnings.filterwarnings("ignore")


if __name__ == "__main__":
    main()
