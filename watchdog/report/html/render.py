"""Puts the HTML file together: templates, styles, the script of the filter, and a policy that allows no more."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from watchdog.model import IncidentState, Severity
from watchdog.report.audit.shape import Availability, Incident, Report
from watchdog.report.html import choice, strips, words
from watchdog.report.html.charts import draw_charts
from watchdog.report.html.words import Dial
from watchdog.report.told import timeline
from watchdog.steps import Outcome

HERE = Path(__file__).parent / "templates"
_MOST_SUBJECTS = 400
# Those that are seen at once; the others unfold.
_FIRST_SUBJECTS = 30
_MOST_MOMENTS = 60
# The words that have a colour of their own; any other, which a foreign row may hold, is no name of a class.
_KNOWN = frozenset(severity.value for severity in Severity) | frozenset(state.value for state in IncidentState)
_KNOWN |= frozenset(outcome.value for outcome in Outcome) | {"sent", "waiting", "done", "failed"}


def render_html(report: Report, zone: tzinfo) -> str:
    """Return the report as one HTML file, its moments in a zone."""
    dial = Dial(report, zone)
    environment = _environment(dial)
    whole = _whole(environment, report)
    rows = _rows(environment, report, set(whole))
    style, script = (HERE / "style.css").read_text(), (HERE / "filter.js").read_text()
    subjects = sorted(report.subjects, key=_by_weight)
    most = max(40, min(strips.MOST_STRETCHES, strips.ALL_STRETCHES // max(1, min(len(subjects), _MOST_SUBJECTS))))
    merged = any(len(one.strip) > most for one in (*report.subjects, *report.checks))
    page = environment.get_template(
        "report.html"
    ).render(
        report=report,
        # Written by us: no text from elsewhere is ever part of them, or the policy would refuse them.
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        policy=_policy(style, script),
        zone=dial.zone(report.ended_at),
        standing=sorted(
            (one for one in report.incidents if one.state != "resolved"),
            key=lambda one: (one.severity != "critical", one.id),
        ),
        subjects=choice.Some(rows=subjects[:_MOST_SUBJECTS], left_out=max(0, len(subjects) - _MOST_SUBJECTS)),
        cell_seconds=report.since_seconds / most if merged else None,
        draw=lambda one: strips.draw(one, report.since_seconds, most),
        steps_strip=strips.draw_steps(report.clock.steps, report.since_seconds),
        FIRST=_FIRST_SUBJECTS,
        ticks=[text for _, text in words.ticks(report.since_seconds, dial)],
        charts=draw_charts(report, dial),
        rows=[Markup(row) for row in rows],  # noqa: S704 - rendered by a template, escaped there
        whole=whole,
        checks=sorted({one.fault.partition(".")[0] for one in report.incidents}),
        states=sorted({one.state for one in report.incidents}),
    )
    return page if page.endswith("\n") else f"{page}\n"


def _environment(dial: Dial) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=words.finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        when=dial.when,
        length=words.length,
        signed=words.signed,
        share=words.share,
        short=words.shorten,
        clip=words.clip,
        lines=words.lines,
        parts=words.parts,
        flatten=words.flatten,
        number="{:,}".format,
        length_of=len,
    )
    environment.globals.update(count=words.count, some=choice.some, NAME=words.NAME_CHARACTERS, KNOWN=_KNOWN)
    return environment


def _whole(environment: Environment, report: Report) -> Mapping[int, Markup]:
    """Return the incidents that are told of whole, newest first."""
    ranked = choice.rank(report.incidents)
    told = _tell(environment, report, ranked, {one.id for one in ranked})
    if len(told) < len(ranked):
        # There was no room for all: again, without links to those that are missing.
        told = _tell(environment, report, ranked[: len(told)], {number for number, _ in told})
    # Rendered by a template, and escaped there.
    return {number: Markup(text) for number, text in sorted(told, reverse=True)}  # noqa: S704


def _tell(
    environment: Environment, report: Report, ranked: Sequence[Incident], linked: set[int]
) -> list[tuple[int, str]]:
    """Return the text of each incident, as many as there is room for."""
    tell = environment.get_template("incident.html")
    known = {one.id: one for one in report.incidents}
    few = len(report.incidents) <= 3

    def whole(one: Incident) -> tuple[int, str]:
        moments = timeline.moments(report, one)
        return one.id, tell.render(
            one=one,
            known=known,
            linked=linked,
            moments=moments[:_MOST_MOMENTS],
            moments_left_out=len(moments[_MOST_MOMENTS:]),
            opened=few or one.state != "resolved",
        )

    return choice.within(map(whole, ranked), lambda piece: _bytes(piece[1]), choice.WHOLE_BYTES)


def _rows(environment: Environment, report: Report, whole: set[int]) -> list[str]:
    """Return a row of each incident, newest first, as many as there is room for."""
    tell = environment.get_template("row.html")

    def row(one: Incident) -> str:
        return tell.render(one=one, linked=one.id in whole)

    newest = sorted(report.incidents, key=lambda one: -one.id)
    return choice.within(map(row, newest), _bytes, choice.LIST_BYTES)


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def _by_weight(one: Availability) -> tuple[float, float, int, str, str]:
    return -one.down_seconds, -one.degraded_seconds, -one.incidents, one.check, one.name


def _policy(style: str, script: str) -> str:
    """Return a policy that allows our own style and script by their hashes, and nothing else."""

    def allow(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    ours = f"style-src {allow(style)}; script-src {allow(script)}"
    return f"default-src 'none'; {ours}; base-uri 'none'; form-action 'none'"
