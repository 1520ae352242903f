"""What really happened in the lab as each format tells it, without its times.

After a change that is meant: WATCHDOG_GOLDEN=renew; after one of a story first `python -m tests.report.record`.
"""

import json
from collections.abc import Iterable
from datetime import UTC
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jsonschema
import pytest

from tests.report.agreeing import agree
from tests.report.html_pages import normalise
from tests.report.recorded import STORIES, read, report_of, timeless
from tests.report.schema import SCHEMA
from watchdog.report.audit.shape import Report
from watchdog.report.html import render_html
from watchdog.report.html.words import Dial, ticks
from watchdog.report.markdown import render_markdown
from watchdog.report.page import render_plain
from watchdog.report.told.json_parts import render_json_parts
from watchdog.report.told.tables import TABLES, render_csv
from watchdog.report.told.whole import render_report
from watchdog.report.zone import Eyes

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(scope="module", params=list(STORIES))
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Report]:
    return request.param, report_of(read(request.param), tmp_path_factory.mktemp("recorded") / "history.db")


def hold(name: str, pieces: Iterable[str]) -> None:
    agree(f"recorded/{name}", timeless("".join(pieces)))


def test_text(told: tuple[str, Report]) -> None:
    hold(f"{told[0]}.txt", [render_plain(render_report(told[1], Eyes(UTC))), "\n"])


def test_what_to_do_about_what_is_open_is_said_of_this_host_also_where_no_details_are_read(tmp_path: Path) -> None:
    sql = read("dovecot")
    whole, brief = (report_of(sql, tmp_path / str(details), details=details) for details in (True, False))
    advice = [{one.id: one.advice for one in report.incidents if not one.resolved_at} for report in (whole, brief)]
    assert advice[0] == advice[1]
    assert any("/etc/" in text for text in advice[1].values())
    assert not any(one.evidence for one in brief.incidents if one.resolved_at)


def test_markdown_with_all_details_in_another_zone(told: tuple[str, Report]) -> None:
    page = render_report(told[1], Eyes(BERLIN), details=True)
    hold(f"{told[0]}.md", (f"{text}\n" for text in render_markdown(page)))


def test_csv(told: tuple[str, Report]) -> None:
    hold(f"{told[0]}.csv", (piece for table in TABLES for piece in (f"{table}\r\n", *render_csv(told[1], table))))


def test_json_which_keeps_to_the_schema(told: tuple[str, Report]) -> None:
    text = "".join(render_json_parts(told[1]))
    value: Any = json.loads(text)
    jsonschema.validate(value, json.loads(SCHEMA.read_text()))
    hold(f"{told[0]}.json", text)


def test_html(told: tuple[str, Report]) -> None:
    hold(f"{told[0]}.html", normalise(render_html(told[1], UTC)))


def test_a_picture_begins_and_ends_where_the_period_does(told: tuple[str, Report]) -> None:
    (_, first), *_, (_, last) = ticks(told[1].since_seconds, Dial(told[1], UTC))
    assert [first, last] == [told[1].began_at[11:16], told[1].ended_at[11:16]]


def test_the_sums_add_up_and_the_chain_is_whole(told: tuple[str, Report]) -> None:
    report = told[1]
    assert report.proof is not None
    assert report.proof.proven
    for one in (*report.checks, *report.subjects):
        parts = (one.ok_seconds, one.degraded_seconds, one.down_seconds, one.unknown_seconds)
        assert min(parts) >= 0
        assert sum(parts) == pytest.approx(report.since_seconds)
