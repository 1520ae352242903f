"""Pictures one line high, and moments as people read them."""

from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from watchdog.report.bars import cells, legend, spark, state_bar
from watchdog.report.told.words import share
from watchdog.report.zone import Eyes, find_zone, own_zone


@pytest.mark.parametrize(
    ("stretches", "seconds", "states"),
    [
        pytest.param([(0, 40, "ok")], 40, "....", id="whole"),
        pytest.param([(0, 9, "ok"), (9, 2, "down"), (11, 29, "ok")], 40, "##..", id="over-an-edge-it-is-in-both"),
        pytest.param([(0, 10, "ok"), (10, 10, "down"), (20, 20, "ok")], 40, ".#..", id="edge-to-edge"),
        pytest.param([(0, 9.999, "ok"), (9.999, 0.001, "degraded"), (10, 30, "ok")], 40, "~...", id="a-moment"),
        pytest.param([(0, 4, "unknown"), (4, 36, "ok")], 40, "....", id="unknown-for-less"),
        pytest.param([(0, 6, "unknown"), (6, 34, "ok")], 40, "?...", id="unknown-for-more"),
        pytest.param([(0, 5, "down"), (5, 5, "degraded"), (10, 30, "ok")], 40, "#...", id="the-worst"),
        pytest.param([], 40, "????", id="nothing-known"),
        pytest.param([(0, 0, "ok")], 0, "", id="no-time"),
    ],
)
def test_a_cell_is_the_worst_of_its_time(
    stretches: list[tuple[float, float, str]], seconds: float, states: str
) -> None:
    bar = state_bar(cells(stretches, seconds, 4))
    assert bar.text == states
    assert len(bar.drawn) == len(bar.tones) == len(states)


def test_on_a_terminal_what_is_bad_is_as_high_as_long_and_never_as_low_as_ok() -> None:
    assert (
        state_bar((("down", 0.01), ("down", 0.5), ("down", 1.0), ("ok", 1.0), ("unknown", 1.0))).drawn == "▂▅█▁░"
    )


def test_the_legend_shows_what_the_cells_look_like() -> None:
    bar = legend().drawn
    assert bar is not None
    assert (
        bar.text
        == legend().cell.text
        == "each cell the worst of its time:  . ok   ~ degraded   # down   ? not watched"
    )
    assert bar.drawn == "each cell the worst of its time:  ▁ ok   █ degraded   █ down   ░ not watched"
    assert {tone for letter, tone in zip(bar.drawn, bar.tones, strict=True) if letter == "█"} == {
        "warning",
        "critical",
    }


def test_numbers_as_a_picture() -> None:
    assert (spark([0, 1, 4, 8]).text, spark([0, 1, 4, 8]).drawn) == (" .=#", " ▂▅█")
    assert spark([0, 0]).text == "  "


@pytest.mark.parametrize(
    ("part", "text"),
    [
        pytest.param(1.0, "100 %", id="whole"),
        pytest.param(0.99999999, "99.999 %", id="almost-is-not-whole"),
        pytest.param(0.5, "50 %", id="half"),
        pytest.param(0.29, "29 %", id="what-no-float-is"),
        pytest.param(0.881076, "88.107 %", id="cut-not-rounded"),
        pytest.param(1e-9, "0.001 %", id="almost-nothing"),
        pytest.param(0.0, "0 %", id="nothing"),
        pytest.param(None, "-", id="not-known"),
    ],
)
def test_shares(part: float | None, text: str) -> None:
    assert share(part) == text


@pytest.mark.parametrize(
    ("zone", "text", "shown"),
    [
        pytest.param("UTC", "2026-10-25T00:30:00.000Z", "2026-10-25 00:30:00 UTC", id="utc"),
        pytest.param("Europe/Berlin", "2026-10-25T00:30:00.000Z", "2026-10-25 02:30:00 CEST", id="summer"),
        pytest.param("Europe/Berlin", "2026-10-25T01:30:00.000Z", "2026-10-25 02:30:00 CET", id="the-hour-again"),
        pytest.param("UTC", "9999-12-31T23:59:59Z", "9999-12-31 23:59:59 UTC", id="the-last-year"),
        pytest.param("Asia/Tokyo", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z", id="beyond-the-calendar"),
        pytest.param("UTC", "soon", "soon", id="no-moment"),
    ],
)
def test_a_moment_in_a_zone(zone: str, text: str, shown: str) -> None:
    assert Eyes(find_zone(zone)).moment(text) == shown


def test_whose_zone_it_is(tmp_path: Path) -> None:
    localtime = tmp_path / "localtime"
    assert own_zone({}, localtime) is UTC
    localtime.symlink_to("/usr/share/zoneinfo/Europe/Berlin")
    assert own_zone({}, localtime) == ZoneInfo("Europe/Berlin")
    assert own_zone({"TZ": ":Asia/Tokyo"}, localtime) == ZoneInfo("Asia/Tokyo")
    assert own_zone({"TZ": "CET-1CEST"}, localtime) == ZoneInfo("Europe/Berlin")
