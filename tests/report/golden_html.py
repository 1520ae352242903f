"""Writes the golden file of the HTML report anew: `python -m tests.report.golden_html`."""

from datetime import UTC

from tests.report.html_pages import normalise
from tests.report.html_reports import a_report
from tests.report.test_html import GOLDEN
from watchdog.report.html import render_html

if __name__ == "__main__":
    GOLDEN.write_text(normalise(render_html(a_report(), UTC)))
