"""A server that is away for long, by the real sender and a clock of the test's: to the incident, and its end."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from tests.notify.web import Target, unused_port
from tests.stand_ins import Clock, ClockedHost
from watchdog import config
from watchdog.engine import Engine
from watchdog.history.store import History
from watchdog.model import Fault, Finding, IncidentState, Severity
from watchdog.notify import Drained, Pace, drain
from watchdog.plugin import Check, CheckSettings, Facts
from watchdog.registry import Registry
from watchdog.selfwatch import FAULTS

OUT = Fault(code="lamp.out", title="a lamp is out", severity=Severity.WARNING, why="dark", advice="a new one")


@dataclass
class House:
    """A cycle now and then, and what it tells sent at its end, as `watchdog run` does."""

    history: History
    engine: Engine
    clock: Clock
    runs: list[Drained] = field(default_factory=list)

    def run(self) -> None:
        assert not self.engine.run(self.history, ["lamp"]).unrecorded
        targets = self.engine.config.notify.targets
        urls = {name: partial(target.resolve, {}) for name, target in targets.items()}
        self.runs.append(drain(self.history, urls, self.clock.stamp, Pace(limit_seconds=60.0)))

    def dead(self) -> list[tuple[str, IncidentState]]:
        incidents = self.history.load_state().incidents.values()
        return [(one.subject, one.state) for one in incidents if one.fault == "watchdog.target_dead"]


def lamp() -> Check[CheckSettings, Facts, Facts]:
    found = Finding(fault=OUT.code, subject="kitchen", severity=Severity.WARNING, summary="kitchen is dark")
    return Check(
        name="lamp",
        title="",
        faults=(OUT,),
        settings=CheckSettings,
        facts=Facts,
        memory=Facts,
        observe=lambda host, settings, before: Facts(),
        judge=lambda facts, before, settings: (found,),
        remember=lambda facts, before, settings: facts,
    )


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], House]]:
    monkeypatch.setenv("NO_PROXY", "*")
    clock, check = Clock(), lamp()
    registry = Registry(
        checks={"lamp": check}, remediations={}, faults={one.code: one for one in (*check.faults, *FAULTS)}
    )
    opened: list[History] = []

    def build(settings: str) -> House:
        path = tmp_path / "watchdog.toml"
        path.touch(0o600)
        path.write_text(settings)
        engine = Engine(host=ClockedHost(clock), registry=registry, config=config.load(path, registry))
        opened.append(History.open(tmp_path / "history.db", now=clock.stamp(), wait_seconds=0, command="test"))
        return House(opened[-1], engine, clock)

    yield build
    for one in opened:
        one.close()


@pytest.mark.program
def test_a_server_that_is_away_for_a_quarter_of_an_hour_is_told_through_the_other_and_so_is_its_end(
    house: Callable[[str], House],
) -> None:
    well, port = Target(200), unused_port()
    urls = {"ops": f"json://127.0.0.1:{well.server_port}/", "mail": f"json://127.0.0.1:{port}/"}
    tables = "".join(f'[notify.targets.{name}]\nurl = "{url}"\n' for name, url in urls.items())
    there = house(f'{tables}[[notify.routes]]\nto = ["ops", "mail"]\n')
    there.run()
    assert [one["title"].partition(": ")[2] for one in well.received] == ["a lamp is out (kitchen)"]
    for seconds in (31, 61, 807):  # its second and third try, and just short of a quarter of an hour
        there.clock.wait(seconds)
        there.run()
    assert [one.total("failed") for one in there.runs] == [1, 1, 1, 1]
    assert (there.dead(), len(well.received)) == ([], 1)
    there.clock.wait(1)
    there.run()
    assert there.dead() == [("mail", IncidentState.FIRING)]
    assert len(well.received) == 2
    told = well.received[-1]
    assert "a notification target takes no messages (mail)" in told["title"]
    assert "mail has taken no message for 15 min, 4 failed in a row" in told["message"]

    back = Target(200, port=port)
    there.clock.wait(3600)  # the longest that it waits for its next try
    there.run()
    assert [one["title"].partition(": ")[2] for one in back.received] == ["a lamp is out (kitchen)"]
    there.clock.wait(60)
    there.run()
    assert (there.dead(), len(well.received), len(back.received)) == ([], 3, 1)
    assert "[recovered]" in well.received[-1]["title"]
    assert "(mail)" in well.received[-1]["title"]
    well.close()
    back.close()
