"""Four outages as each format tells them, word for word. After a change that is meant: WATCHDOG_GOLDEN=renew."""

import json
from datetime import UTC
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jsonschema
import pytest

from tests.report.agreeing import agree
from tests.report.histories import STORIES
from tests.report.schema import SCHEMA
from watchdog.report.audit.scene import Filters
from watchdog.report.audit.shape import Report
from watchdog.report.markdown import render_markdown
from watchdog.report.page import render_json, render_plain
from watchdog.report.told.json_parts import render_json_parts
from watchdog.report.told.tables import TABLES, render_csv
from watchdog.report.told.whole import render_report
from watchdog.report.zone import Eyes

BERLIN = ZoneInfo("Europe/Berlin")


# A group each: any worker that has a test of a story must live through all of it first.
@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=pytest.mark.xdist_group(f"golden-{name}")) for name in STORIES],
)
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Report]:
    host = STORIES[request.param](tmp_path_factory.mktemp("story") / "history.db")
    host.history.close()
    return request.param, host.report()


def test_text(told: tuple[str, Report]) -> None:
    agree(f"{told[0]}.txt", [render_plain(render_report(told[1], Eyes(UTC), details=True)), "\n"])


def test_markdown_in_another_zone(told: tuple[str, Report]) -> None:
    agree(f"{told[0]}.md", (f"{text}\n" for text in render_markdown(render_report(told[1], Eyes(BERLIN)))))


def test_csv(told: tuple[str, Report]) -> None:
    agree(f"{told[0]}.csv", (piece for table in TABLES for piece in (f"{table}\r\n", *render_csv(told[1], table))))


def test_json_which_keeps_to_the_schema(told: tuple[str, Report]) -> None:
    text = "".join(render_json_parts(told[1]))
    agree(f"{told[0]}.json", [text])
    value: Any = json.loads(text)
    jsonschema.validate(value, json.loads(SCHEMA.read_text()))
    assert text == render_json(value) + "\n"


def test_the_report_is_the_same_whatever_the_order_in_which_it_was_asked_for(tmp_path: Path) -> None:
    host = STORIES["bond"](tmp_path / "history.db")
    host.history.close()
    few, all_of_it = host.report(most_incidents=1, details=False), host.report()
    assert few.totals == all_of_it.totals
    assert len(few.incidents) + few.incidents_left_out == len(all_of_it.incidents)


def test_a_history_that_outlived_a_name_tells_of_one_alone(tmp_path: Path) -> None:
    host = STORIES["bond"](tmp_path / "history.db")
    host.reboot()
    host.name = "mx2"
    host.look()
    host.find("bond.down", "bond0", "bond0 is down")
    host.pass_time(600)
    host.history.close()
    every, new = host.report(), host.report(filters=Filters(hosts=("mx2",)))
    assert every.hosts == ["mx1", "mx2"]
    assert [one.fault for one in every.incidents] == ["bond.member_down", "bond.down"]
    assert [one.fault for one in new.incidents] == ["bond.down"]
    assert new.filters == {"host": ["mx2"]}
    assert new.coverage[0].watched_seconds == pytest.approx(600)
    assert new.attempts == []
