"""The process that sends, through apprise; the only user of it. See errands.py for what it is told and answers.

A target's URL holds secrets, so nothing that apprise, an HTTP library or an exception says goes any further: what
is answered is composed here, from the target's name and an HTTP status.
"""

import logging
import os
import queue
import re
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import msgspec

from watchdog.content import Content
from watchdog.notify.errands import READY, Answer, Errand

# How a plugin of apprise ends its warning; nothing else of it may be quoted.
_STATUS = re.compile(r"error=([1-5]\d\d)\b")
_answering = threading.Lock()


def main() -> None:
    """Send what comes in, each target in a thread of its own, until nothing more does."""
    import apprise

    _silence()
    apprise.NotificationManager().load_modules()
    _say(READY)
    threads: dict[str, queue.SimpleQueue[Errand]] = {}
    for line in sys.stdin.buffer:
        errand = msgspec.json.decode(line, type=Errand)
        if errand.target not in threads:
            threads[errand.target] = queue.SimpleQueue()
            threading.Thread(target=_serve, args=(threads[errand.target],), daemon=True).start()
        threads[errand.target].put(errand)
    os._exit(0)  # a thread that is stuck keeps nobody waiting


def _serve(errands: "queue.SimpleQueue[Errand]") -> None:
    while True:
        _say(msgspec.json.encode(send(errands.get())) + b"\n")


def _say(line: bytes) -> None:
    with _answering:
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()


def send(errand: Errand) -> Answer:
    """Deliver one message and say what came of it. Never raises."""
    try:
        return _apprise(errand)
    except BaseException as error:  # noqa: BLE001 - its text may hold the URL: only its kind is told
        why = f"sending to {errand.target} raised {type(error).__name__}"
        return Answer(id=errand.id, outcome="failed", error=why)


def _apprise(errand: Errand) -> Answer:
    import apprise

    # Without a limit of its own apprise sends in this thread, which is left behind when it must.
    asset = apprise.AppriseAsset(async_mode=False, service_timeout=0, allow_templates=False)
    service = apprise.Apprise.instantiate(errand.url, asset=asset)
    if service is None:
        why = f"apprise cannot read the URL of {errand.target}; check it in the settings"
        return Answer(id=errand.id, outcome="refused", error=why)
    # Its throttle of 5.5 s goes by the wall clock: a step back of 8 s would hold an alert for 13.5 s.
    service.request_rate_per_sec = 0
    content = errand.content
    result = apprise.Apprise([service], asset=asset).notify(
        title=content.title or " ".join(filter(None, (content.host, content.fault, content.subject))),
        body="\n".join(_lines(content)),
        notify_type=_kind(content),
        body_format=apprise.NotifyFormat.TEXT,
    )
    return Answer(id=errand.id, outcome="sent") if result else _explain(errand, result)


def _lines(content: Content) -> Iterator[str]:
    yield content.summary
    for part in content.parts:
        yield " ".join(filter(None, (part.kind, part.title, part.fault, part.subject, part.summary)))


def _explain(errand: Errand, result: Any) -> Answer:
    """Say why apprise failed, with nothing of its text but an HTTP status."""
    statuses = [found[1] for entry in result.logs() if (found := _STATUS.search(entry.message))]
    if not statuses:
        why = f"{errand.target} could not be reached, or did not take the message"
        return Answer(id=errand.id, outcome="failed", error=why, away=True)
    status = statuses[-1]
    hint = {"4": "; check the address and the credentials in its URL"}.get(status[0], "")
    why = f"{errand.target} answered with HTTP status {status}{hint}"
    return Answer(id=errand.id, outcome="failed", error=why)


def _kind(content: Content) -> str:
    if content.kind == "recovered":
        return "success"
    return {"warning": "warning", "critical": "failure"}.get(content.severity, "info")


class _StatusOnly(logging.Filter):
    """Lets nothing of a record through but an HTTP status: the rest can hold the URL, at ERROR even."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Cut the record down to `error=500`; drop it when it says no such thing."""
        try:
            found = _STATUS.search(record.getMessage())
        except (TypeError, ValueError):  # its arguments do not fit its text
            return False
        if found:
            record.msg, record.args = found[0], ()
            record.exc_info = record.exc_text = record.stack_info = None
        return found is not None


def _silence() -> None:
    """Silence apprise and its HTTP library for good.

    WARNING stays on for apprise, which hands us in its result what the filter lets through.
    """
    logging.getLogger("apprise").setLevel(logging.WARNING)
    logging.getLogger("apprise").addFilter(_StatusOnly())
    for name in ("apprise", "urllib3", "requests"):
        logging.getLogger(name).propagate = False
    for name in ("urllib3", "requests"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", module="urllib3")


if __name__ == "__main__":
    main()
