"""The report as one HTML file that needs nothing else: no network, no other file, no JavaScript to be read."""

from watchdog.report.html.render import render_html

__all__ = ["render_html"]
