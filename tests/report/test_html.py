"""The report as one HTML file: what it holds, that it is inert whatever was recorded, and that it stays small."""

import functools
import html as escapes
import re
import unicodedata
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.report.html_pages import normalise, outline
from tests.report.html_reports import a_report
from watchdog.report.audit.ranking import MOST_WHOLE
from watchdog.report.audit.shape import Availability, Incident, Report, Stretch
from watchdog.report.html import render_html
from watchdog.report.html.choice import rank
from watchdog.report.html.strips import ALL_STRETCHES, HEIGHT, MOST_STRETCHES, WORST, cells_of, draw, in_cells
from watchdog.report.html.words import NAME_CHARACTERS, OUTPUT_CHARACTERS, length, lines, share, shorten

GOLDEN = Path(__file__).with_name("golden") / "report.html"
MEGABYTE = 1_000_000
HOSTILE = {
    "markup": "<script>alert(1)</script><img src=x onerror=alert(2)><svg onload=alert(3)>",
    "an-end-of-a-script": "</script></style></title></svg></pre><script>alert(4)</script>",
    "an-attribute": "\" onclick=alert(5) autofocus onfocus=alert(6) x='' style=\"background:url(//evil.example)",
    "a-link": "javascript:alert(7)",
    "a-template": "{{ 7 * 7 }}{% raw %}{{ report }}",
    "terminal": "\x1b[31m\x1b]0;title\x07\x9b2J",
    "right-to-left": "abc\u202egnp.exe\u2066\u200f",
    "nul-and-half-a-pair": "a\x00b\ud800c\udfff",
    "lines": "one\ntwo\rthree\u2028four\x85five",
    "long": "x" * 10_000,
    "a-comment": "<!-- --!> ]]> <![CDATA[ <base href=//evil.example> <meta http-equiv=refresh content=0>",
}


@functools.cache
def usual() -> str:
    """The page that most tests look at."""
    return render_html(a_report(), UTC)


def test_the_file_is_as_it_was() -> None:
    """`python -m tests.report.golden_html` writes it anew: look at the difference."""
    assert normalise(usual()) == GOLDEN.read_text()


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in HOSTILE.items()])
def test_text_from_elsewhere_is_inert(text: str) -> None:
    page = render_html(a_report(text), UTC)
    page.encode()  # no half of a surrogate pair
    ours, found = outline(usual()), outline(page)
    assert found.tags <= ours.tags
    assert found.attributes <= ours.attributes
    assert found.scripts == 1
    assert all(link.startswith("#") for link in found.links)
    assert {unicodedata.category(char) for char in page} & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} <= {"Cc"}
    assert {char for char in page if unicodedata.category(char) == "Cc"} == {"\n"}
    # Whatever its text is, what stands before the body, the style and the script are ours alone.
    for tag in ("style", "script"):
        assert _inside(page, tag) == _inside(usual(), tag)


def test_text_from_elsewhere_can_be_read() -> None:
    text = "<b>bold</b> & \x1b[31mred"
    assert escapes.escape("<b>bold</b> & \\x1b[31mred", quote=False) in render_html(a_report(text), UTC)


def test_it_loads_nothing_by_its_own_policy() -> None:
    page = usual()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    said = escapes.unescape(policy[1])
    assert said.startswith("default-src 'none'; ")
    assert "unsafe" not in said
    assert " style=" not in page


def test_each_link_has_a_place_and_each_place_one_name() -> None:
    found = outline(render_html(a_report(incidents=400), UTC))
    assert len(found.ids) == len(set(found.ids))
    assert {link.removeprefix("#") for link in found.links} <= set(found.ids)


def test_moments_are_told_in_the_zone() -> None:
    page = render_html(a_report(), ZoneInfo("Asia/Kolkata"))
    assert "IST (UTC+05:30)" in page
    assert "2026-10-07 07:29:42" in page  # 01:59:42 in UTC


def test_what_stamps_a_step_made_wrong_is_said() -> None:
    report = a_report()
    page = render_html(report, UTC)
    assert next(one for one in report.incidents if one.id == 4).wall_off_seconds == -18.0
    assert "The clock has since been set by -18.0 s" in page


@pytest.mark.parametrize(
    ("hosts", "said"),
    [
        pytest.param(["here"], "", id="of-this-host"),
        pytest.param(["there"], "<p>Host then: there</p>", id="from-elsewhere"),
        pytest.param(["there", "here"], "<p>Hosts then: there, here</p>", id="renamed"),
    ],
)
def test_whose_history_it_is(hosts: list[str], said: str) -> None:
    page = render_html(msgspec.structs.replace(a_report(), host="here", hosts=hosts), UTC)
    assert re.findall(r"<p>Hosts? then: [^<]*</p>", page) == ([said] if said else [])


def test_of_causes_that_are_all_in_the_chain_none_is_another() -> None:
    report = a_report()
    first, *others = report.incidents
    for causes, named in (([3, 1], False), ([3, 2], True)):
        one = msgspec.structs.replace(first, id=9, chain=[3, 1], causes=causes)
        page = render_html(msgspec.structs.replace(report, incidents=[one, *others]), UTC)
        assert (f'id="i{one.id}"' in page, "Other likely causes: " in _incident(page, 9)) == (True, named)


def _incident(page: str, number: int) -> str:
    _, _, rest = page.partition(f'id="i{number}"')
    return rest.partition('<details class="incident"')[0]


def test_what_there_is_no_room_for_is_said() -> None:
    page = render_html(a_report(incidents=2000), UTC)
    whole, linked = page.count('<details class="incident"'), page.count('<tr><td><a href="#i')
    assert whole == linked <= MOST_WHOLE
    assert f"Whole are {whole} of 2004" in page


def test_a_year_with_many_subjects_and_long_texts_stays_below_two_megabytes() -> None:
    page = render_html(_a_year(a_report()), UTC)
    assert len(page.encode()) < 2 * MEGABYTE
    assert page.count('<svg class="strip"') >= 200


@pytest.mark.parametrize("number", [40, 100, 200, 400])
def test_subjects_that_are_never_quiet_stay_below_two_megabytes(number: int) -> None:
    year = _a_year(a_report())
    change = msgspec.structs.replace
    most = ALL_STRETCHES // number
    strip = _restless(cells_of(most), year.since_seconds)
    assert most - 3 < len([*in_cells(strip, year.since_seconds, cells_of(most))]) <= most + 1
    names = (f"{nth}/".ljust(NAME_CHARACTERS, "x") for nth in range(number))
    subjects = [change(year.subjects[0], name=name, strip=strip) for name in names]
    page = render_html(change(year, subjects=subjects), UTC)
    assert len(page.encode()) < 2 * MEGABYTE
    assert page.count('<svg class="strip"') >= number


def test_a_crowded_strip_hangs_what_was_degraded_and_says_how_long_a_cell_is() -> None:
    report = a_report()
    one = msgspec.structs.replace(report.subjects[0], strip=_restless(200, report.since_seconds))
    crowded = draw(one, report.since_seconds, MOST_STRETCHES)
    assert '<path class="degraded" d="M0 0v8h5v-8z' in crowded
    assert '<path class="down" d="M0 20v-8h5v8z' in crowded
    page = render_html(msgspec.structs.replace(report, subjects=[one]), UTC)
    assert crowded in page
    assert f"a row is drawn in cells of {length(report.since_seconds / 200)}:" in page
    assert "a row is drawn in cells" not in render_html(report, UTC)


def test_the_open_ones_are_told_whole_however_old() -> None:
    report = a_report(incidents=600)
    assert 3 in {one.id for one in rank(report.incidents)}
    assert len(rank(report.incidents)) == MOST_WHOLE


def test_a_chart_shows_the_period_only() -> None:
    report = a_report()
    one = next(series for series in report.series if series.name == "drift_ppm")
    change = msgspec.structs.replace
    early = [change(one.points[0], begins_seconds=0, maximum=top) for top in (5e10, 4e10, 9e9)]
    late = change(one.points[0], begins_seconds=report.since_seconds + 1, maximum=7e10)
    page = render_html(change(report, series=[change(one, points=[*early, *one.points[3:], late])]), UTC)
    assert "<td>9e+09 ppm</td>" in page  # the last of the early ones reaches into the period
    assert "4e+10 ppm" not in page
    assert "7e+10 ppm" not in page


STATES = st.sampled_from(WORST)


@given(st.lists(st.tuples(st.integers(1, 5000), STATES), min_size=1, max_size=300), st.integers(1, 120))
def test_a_crowded_strip_forgets_nothing_bad_and_stands_the_higher_the_worse_it_was(
    parts: list[tuple[int, str]], number: int
) -> None:
    strip: list[Stretch] = []
    begins = 0
    for seconds, state in parts:
        strip.append(msgspec.convert({"begins_seconds": begins, "seconds": seconds, "state": state}, Stretch))
        begins += seconds
    blocks = list(in_cells(strip, begins, number))
    assert {block.state for block in blocks} == {one.state for one in strip}
    for state in ("down", "degraded"):
        drawn = [block for block in blocks if block.state == state]
        lasted = sum(one.seconds for one in strip if one.state == state)
        area = sum(block.height / HEIGHT * (block.ends_seconds - block.begins_seconds) for block in drawn)
        # A cell is drawn in fifths.
        assert lasted - 0.1 * begins <= area * (1 + 1e-9)
        assert all(0 < block.height <= HEIGHT and block.begins_seconds < block.ends_seconds for block in drawn)
        assert lasted < begins or area == pytest.approx(begins)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(1.0, "100 %", id="all"),
        pytest.param(0.9999999, "99.999 %", id="not-quite-all"),
        pytest.param(0.5, "50.000 %", id="half"),
        pytest.param(0.29, "29.000 %", id="what-no-float-is"),
        pytest.param(0.881076, "88.107 %", id="as-in-the-text"),
        pytest.param(0.0, "0.000 %", id="nothing"),
        pytest.param(None, "not watched", id="unknown"),
    ],
)
def test_a_share_never_says_more_than_there_was(value: float | None, expected: str) -> None:
    assert share(value) == expected


def test_a_long_text_says_how_much_is_missing() -> None:
    assert shorten("a" * 12, 10) == f"{'a' * 10} … (2 more characters)"
    assert str(lines("a\n" * OUTPUT_CHARACTERS)).endswith(f"… ({OUTPUT_CHARACTERS:,} more characters)")


def _inside(page: str, tag: str) -> str:
    return page.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0]


def _restless(cells: int, since_seconds: float) -> list[Stretch]:
    """Return a strip of which from cell to cell all that is drawn changes, in six stretches each."""
    ways = ((0.4, "down"), (0.4, "degraded"), (0.2, "ok")), ((0.2, "down"), (0.6, "degraded"), (0.2, "unknown"))
    size = since_seconds / cells
    strip = []
    for cell in range(cells):
        begins = cell * size
        for part, state in ways[cell % 2]:
            for _ in range(2):
                seconds = part * size / 2
                strip.append(
                    msgspec.convert({"begins_seconds": begins, "seconds": seconds, "state": state}, Stretch)
                )
                begins += seconds
    return strip


def _a_year(report: Report) -> Report:
    """Return a report of 5,000 incidents with 200-character summaries, and 200 subjects that are never quiet."""
    one: Incident = report.incidents[2]
    seconds = 365 * 86400.0
    pieces = 1200
    strip = [
        Stretch(begins_seconds=nth * seconds / pieces, seconds=seconds / pieces, state=WORST[nth % 4])
        for nth in range(pieces)
    ]
    change = msgspec.structs.replace
    incidents = [
        change(
            one,
            id=nth,
            state="resolved",
            subject=f"bond{nth % 200}/eth1",
            summary="a word " * 30,
            causes=[nth + 1],
        )
        for nth in range(1, 5001)
    ]
    subject: Availability = report.subjects[0]
    subjects = [change(subject, name=f"bond{nth}/eth1", strip=strip) for nth in range(200)]
    return change(report, since_seconds=seconds, incidents=incidents, subjects=subjects)
