"""The HTML report in Chromium: it works, loads nothing, everybody can use it, and nothing in it comes alive."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Playwright, expect, sync_playwright

from tests.needs import need
from tests.report.chromium import PATIENCE_MS, missing, opened
from tests.report.html_reports import a_report
from tests.report.test_html import HOSTILE
from watchdog.report.html import render_html

pytestmark = pytest.mark.lab

ROWS = "table.incidents tbody tr"
TAGS = "[...new Set([...document.querySelectorAll('*')].map((one) => one.localName))].sort()"
# What stands above a column, and what before each of its values.
LABELS = """[...document.querySelectorAll("table.cards:not(.incidents, .evidence)")].flatMap((table) => {
  const heads = [...table.tHead.rows[0].cells].map((one) => one.textContent);
  return [...table.tBodies[0].rows].flatMap((row) => [...row.cells].filter((one) => one.localName === "td").map(
    (one) => [heads[one.cellIndex], getComputedStyle(one, "::before").content]));
})"""
# What a person must push aside to read: only a picture may be wider than the screen.
WIDER = """[...document.querySelectorAll(".scroll")].filter((one) => one.scrollWidth > one.clientWidth)
  .map((one) => one.getAttribute("aria-label"))"""
# The boxes of what is drawn; a chart without lines has none.
CURVES = "[...document.querySelectorAll('svg.chart .series path')].map((one) => one.getBoundingClientRect().width)"


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    need(missing())
    with sync_playwright() as found:
        yield found


@pytest.fixture(scope="module")
def html() -> str:
    return render_html(a_report(incidents=40), UTC)


def test_the_list_filters_by_severity_check_state_and_text(
    playwright: Playwright, tmp_path: Path, html: str
) -> None:
    with opened(playwright, tmp_path, html) as found:
        page = found.page
        rows = page.locator(f"{ROWS}:visible")

        def shown() -> tuple[int, str]:
            return rows.count(), page.locator("#shown").inner_text()

        assert shown() == (44, "44 of 44 shown")
        page.get_by_label("Severity").select_option("critical")
        assert shown() == (22, "22 of 44 shown")
        assert set(rows.locator("td:nth-child(2)").all_inner_texts()) == {"critical"}
        page.get_by_role("combobox", name="Check").select_option("clock_step")
        assert shown() == (1, "1 of 44 shown")
        page.get_by_role("button", name="Show all").click()
        # Not by waiting for a function: the page's policy forbids to evaluate one later.
        expect(page.locator("#shown")).to_have_text("44 of 44 shown", timeout=PATIENCE_MS)
        page.get_by_label("State").select_option("firing")
        assert shown() == (1, "1 of 44 shown")
        assert rows.first.locator("td:nth-child(5)").inner_text() == "firing, flapping, acknowledged"
        page.get_by_label("State").select_option("")
        # By the keyboard alone.
        page.get_by_label("Text").focus()
        page.keyboard.type("DOVECOT moved")
        assert shown() == (1, "1 of 44 shown")
        page.get_by_label("Text").fill("there is no such incident")
        assert shown() == (0, "0 of 44 shown")
        assert found.complaints == []


def test_a_link_opens_the_incident(playwright: Playwright, tmp_path: Path, html: str) -> None:
    with opened(playwright, tmp_path, html) as found:
        page = found.page
        incident = page.locator("#i2")
        assert incident.get_attribute("open") is None
        page.locator(f"{ROWS} a[href='#i2']").focus()
        page.keyboard.press("Enter")
        page.wait_for_selector("#i2[open]")
        assert "Time just moved backwards" in incident.inner_text()
        assert "dovecot.service: active (running)" in incident.inner_text()
        assert "line 12 of /etc/watchdog.toml" in incident.inner_text()
        incident.locator(".chain a[href='#i1']").click()
        page.wait_for_selector("#i1[open]")
        assert found.complaints == []


def test_charts_and_strips_are_drawn_and_named(playwright: Playwright, tmp_path: Path, html: str) -> None:
    with opened(playwright, tmp_path, html) as found:
        page = found.page
        names = [one.get_attribute("aria-label") or "" for one in page.get_by_role("img").all()]
        assert [name.partition(".")[0] for name in names if "mean" in name] == [
            "Drift of the clock",
            "Offset of the clock",
            "Time to connect",
        ]
        assert "dovecot.service: up 99.945 %; down 45.0 s" in " ".join(names)
        assert page.locator("svg.chart").count() == 3
        assert all(width > 100 for width in page.evaluate(CURVES))
        assert found.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing(playwright: Playwright, tmp_path: Path, html: str, scheme: str, width: int) -> None:
    with opened(playwright, tmp_path, html, width=width, scheme="dark" if scheme == "dark" else "light") as found:
        found.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        result = Axe().run(found.page)
        assert result.response["violations"] == [], result.generate_report()
        assert len(result.response["passes"]) > 20
        assert found.complaints == []


def test_it_can_be_read_without_javascript(playwright: Playwright, tmp_path: Path, html: str) -> None:
    with opened(playwright, tmp_path, html, javascript=False) as found:
        page = found.page
        assert page.locator(f"{ROWS}:visible").count() == 44
        assert not page.locator("#filter").is_visible()
        page.locator("#i2 > summary").click()
        assert page.get_by_text("dovecot.service: active (running)").is_visible()
        assert found.complaints == []


@pytest.mark.parametrize(
    ("width", "scheme"), [(390, "light"), (390, "dark"), (1280, "light"), (1280, "dark")], ids=str
)
def test_it_fits_the_screen(playwright: Playwright, tmp_path: Path, html: str, width: int, scheme: str) -> None:
    """The picture is for a person: it is in the test's folder."""
    with opened(playwright, tmp_path, html, width=width, scheme="dark" if scheme == "dark" else "light") as found:
        found.page.screenshot(path=tmp_path / f"{width}-{scheme}.png", full_page=True)
        assert found.page.evaluate("document.documentElement.scrollWidth") == width
        background = found.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (background == "rgb(18, 21, 24)") == (scheme == "dark")


def test_on_a_phone_each_row_is_a_card(playwright: Playwright, tmp_path: Path) -> None:
    for text in ("", "x" * 500):
        with opened(playwright, tmp_path, render_html(a_report(text, incidents=4), UTC), width=390) as found:
            page = found.page
            page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            page.screenshot(path=tmp_path / f"cards-{len(text)}.png", full_page=True)
            assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
            assert [name for name in page.evaluate(WIDER) if not name.startswith("Chart: ")] == []
            assert all(f'"{head}"' == label for head, label in page.evaluate(LABELS))
            assert len(page.evaluate(LABELS)) > 50
            assert found.complaints == []


def test_cards_are_still_a_table_to_a_screen_reader(playwright: Playwright, tmp_path: Path, html: str) -> None:
    with opened(playwright, tmp_path, html, width=390) as found:
        # As the browser tells it to a reader, and not as the elements are called.
        asked = found.page.context.new_cdp_session(found.page)
        nodes = asked.send("Accessibility.getFullAXTree")["nodes"]
        told = Counter(
            (node["role"]["value"], node["name"]["value"])
            for node in nodes
            if "name" in node and not node["ignored"]
        )
        roles = Counter(role for role, _ in told.elements())
        assert roles["row"] > 44
        assert roles["cell"] > 5 * 44
        assert told["columnheader", "Lasted"] == 1
        assert told["cell", "Opened 2026-10-06 13:04:33"] == 1
        assert told["cell", "Lasted 45.0 s"] == 1


def test_it_prints_whole_and_on_white(playwright: Playwright, tmp_path: Path, html: str) -> None:
    with opened(playwright, tmp_path, html, scheme="dark", javascript=False) as found:
        page = found.page
        page.emulate_media(media="print", color_scheme="dark")
        page.pdf(path=tmp_path / "report.pdf", format="A4")
        assert page.locator("nav:visible, form:visible").count() == 0
        # What is folded on the screen is on paper.
        assert page.get_by_text("dovecot.service: active (running)").bounding_box()
        assert (tmp_path / "report.pdf").stat().st_size > 50_000
        page.screenshot(path=tmp_path / "print.png", full_page=True)


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in HOSTILE.items()])
def test_nothing_that_was_recorded_comes_alive(playwright: Playwright, tmp_path: Path, text: str) -> None:
    with opened(playwright, tmp_path, render_html(a_report(), UTC)) as found:
        usual = found.page.evaluate(TAGS)
    with opened(playwright, tmp_path, render_html(a_report(text), UTC)) as found:
        page = found.page
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        page.get_by_label("Text").fill(text[:50].replace("\n", " "))
        for select in page.get_by_role("combobox").all():
            select.select_option(index=1)
        page.mouse.move(600, 500)
        assert set(page.evaluate(TAGS)) <= set(usual)
        assert page.evaluate("document.scripts.length") == 1
        assert page.evaluate("document.title").startswith("Report of ")
        page.screenshot(path=tmp_path / "hostile.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") == 1280
        assert found.complaints == []
