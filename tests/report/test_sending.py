"""A report that is sent: what the message says, what goes with it, and what becomes of the file."""

import io
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.history.make import at
from tests.report.histories import dovecot
from watchdog.cli.sending_report import send_report
from watchdog.errors import WatchdogError
from watchdog.model import Stamp
from watchdog.notify.errands import Answer, Errand
from watchdog.report.told.letter import compose
from watchdog.report.zone import Eyes
from watchdog.secret import Secret


def unreadable() -> Secret:
    raise WatchdogError("no such file")


def app(**targets: Callable[[], Secret]) -> Any:
    settings = SimpleNamespace(notify=SimpleNamespace(drain_limit=20.0, templates=None))
    return SimpleNamespace(targets=targets, config=settings, host=SimpleNamespace(stamp=lambda: at(10)))


def test_the_html_goes_with_it_and_nobody_else_can_read_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    host = dovecot(tmp_path / "history.db")
    host.history.close()
    report = host.report()
    seen: list[Path] = []

    def send_now(
        errands: Sequence[Errand], limit_seconds: float, environ: Mapping[str, str], now: Callable[[], Stamp]
    ) -> Iterator[tuple[Answer, float]]:
        assert [one.target for one in errands] == ["mail", "chat"]
        assert {one.content for one in errands} == {compose(report, Eyes(UTC))}
        (file,) = {Path(path) for one in errands for path in one.attach}
        assert file.read_text() == "<!doctype html>"
        assert file.parent.stat().st_mode & 0o077 == 0
        assert file.name == "watchdog-mx1-2026-09-21.html"
        seen.append(file)
        yield Answer(id=errands[0].id, outcome="sent"), 1.5
        yield Answer(id=errands[1].id, outcome="failed", error="chat answered with HTTP status 403"), 2.0

    url = lambda: Secret("json://localhost/secret")  # noqa: E731
    every = app(mail=url, broken=unreadable, chat=url)
    taken = send_report(every, report, UTC, ("mail", "broken", "chat"), "<!doctype html>", send_now)
    assert not taken
    assert capsys.readouterr().out.splitlines() == [
        "broken: its URL cannot be read: no such file",
        "mail: sent, accepted in 1.5 s",
        "chat: answered with HTTP status 403",
    ]
    assert not seen[0].parent.exists()


def test_it_reaches_all_though_nobody_reads_what_they_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    def send_now(errands: Sequence[Errand], *_: object) -> Iterator[tuple[Answer, float]]:
        yield from ((Answer(id=errand.id, outcome="sent"), 1.0) for errand in errands)

    host = dovecot(tmp_path / "history.db")
    host.history.close()
    every = app(
        broken=unreadable, mail=lambda: Secret("json://localhost"), chat=lambda: Secret("json://localhost")
    )
    report = host.report()
    monkeypatch.setattr(sys, "stdout", Gone())
    assert send_report(every, report, UTC, ("mail", "chat"), "<!doctype html>", send_now)
    assert not send_report(every, report, UTC, ("broken", "mail"), "<!doctype html>", send_now)


def test_what_the_message_says(tmp_path: Path) -> None:
    host = dovecot(tmp_path / "history.db")
    host.history.close()
    message = compose(host.report(), Eyes(UTC))
    facts = {fact.name: fact.value for fact in message.facts}
    assert (message.kind, message.host, message.severity) == ("report", "mx1", "")
    assert "2 incidents" in message.title
    assert facts["incidents"] == "2, 1 of them critical"
    assert facts["dovecot.service"] == "down 5 min 5 s, 1 incident"
    assert facts["clock"] == "set 2 times"
