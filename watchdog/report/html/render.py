"""Puts the HTML file together: templates, styles, the script of the filter, and a policy that allows no more."""

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Any, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from watchdog.model import IncidentState, Severity
from watchdog.report.audit.shape import Availability, Incident, Report
from watchdog.report.html import choice, strips, words
from watchdog.report.html.charts import draw_charts
from watchdog.report.html.words import Dial
from watchdog.report.told import timeline
from watchdog.report.told.overview import compares
from watchdog.steps import Outcome

HERE = Path(__file__).parent / "templates"
_MOST_SUBJECTS = 400
# Those that are seen at once; the others unfold.
_FIRST_SUBJECTS = 30
_MOST_MOMENTS = 60
# The words that have a colour of their own; any other, which a foreign row may hold, is no name of a class.
_KNOWN = frozenset(severity.value for severity in Severity) | frozenset(state.value for state in IncidentState)
_KNOWN |= frozenset(outcome.value for outcome in Outcome) | {"sent", "waiting", "done", "failed"}


class Along(Protocol):
    """Yields incidents as they are, and may tell a person who waits how far it is."""

    def __call__(self, what: str, those: Sequence[Incident], /) -> Iterable[Incident]:
        """Yield those that `what` is done with."""
        ...


def _unwatched(_what: str, those: Sequence[Incident], /) -> Iterable[Incident]:
    return those


def render_html(report: Report, zone: tzinfo, along: Along = _unwatched) -> str:
    """Return the report as one HTML file, its moments in a zone; what takes long goes `along` the incidents."""
    dial = Dial(report, zone)
    environment = _environment(dial)
    whole = _whole(environment, report, along)
    ranked = sorted(report.subjects, key=_by_weight)
    subjects = choice.Some(rows=ranked[:_MOST_SUBJECTS], left_out=max(0, len(ranked) - _MOST_SUBJECTS))
    number = len(subjects.rows)
    rows = _rows(environment, report, set(whole), along, choice.LIST_BYTES - number * choice.SUBJECT_BYTES)
    style, script = (HERE / "style.css").read_text(), (HERE / "filter.js").read_text()
    most = max(40, min(strips.MOST_STRETCHES, strips.ALL_STRETCHES // max(1, number)))
    crowded = any(
        strips.is_crowded(one.strip, report.since_seconds, most)
        for one in (*ranked[:_MOST_SUBJECTS], *report.checks)
    )
    page = environment.get_template("report.html").render(
        report=report,
        # Written by us: no text from elsewhere is ever part of them, or the policy would refuse them.
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        policy=_policy(style, script),
        zone=dial.zone(report.ended_at),
        before=report.before if report.before and compares(report.before, report.totals) else None,
        standing=sorted(
            (one for one in report.incidents if one.state != "resolved"),
            key=lambda one: (one.severity != "critical", one.id),
        ),
        subjects=subjects,
        cell_seconds=report.since_seconds / strips.cells_of(most) if crowded else None,
        draw=lambda one: strips.draw(one, report.since_seconds, most),
        steps_strip=strips.draw_steps(report.clock.steps, report.since_seconds),
        FIRST=_FIRST_SUBJECTS,
        ticks=[text for _, text in words.ticks(report.since_seconds, dial)],
        charts=draw_charts(report, dial),
        rows=rows,
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


def _whole(environment: Environment, report: Report, along: Along) -> Mapping[int, Markup]:
    """Return the incidents that are told of whole, newest first, as many as there is room for."""
    template = environment.get_template("incident.html")
    known = {one.id: one for one in report.incidents}
    few = len(report.incidents) <= 3

    def tell(one: Incident, linked: set[int]) -> str:
        moments = timeline.moments(report, one)
        return template.render(
            one=one,
            known=known,
            linked=linked,
            moments=moments[:_MOST_MOMENTS],
            moments_left_out=len(moments[_MOST_MOMENTS:]),
            opened=few or one.state != "resolved",
        )

    ranked = choice.rank(report.incidents)
    wanted = {one.id for one in ranked}
    pieces = ((one, tell(one, wanted)) for one in along("writing the incidents one by one", ranked))
    told = choice.within(pieces, lambda piece: _bytes(piece[1]), choice.WHOLE_BYTES)
    here = {one.id for one, _ in told}
    # Where there was no room for all, what links to one that is missing is told again, without that link.
    missing = wanted - here
    texts = {
        one.id: text if missing.isdisjoint((*one.chain, *one.causes)) else tell(one, here) for one, text in told
    }
    # Rendered by a template, and escaped there.
    return {number: Markup(text) for number, text in sorted(texts.items(), reverse=True)}  # noqa: S704


def _rows(
    environment: Environment, report: Report, whole: set[int], along: Along, most_bytes: int
) -> list[Markup]:
    """Return a row of each incident, newest first, as many as there is room for."""
    macros: Any = environment.get_template("row.html").module  # a call of one costs less than to render a template
    newest = sorted(report.incidents, key=lambda one: -one.id)
    each = along("writing the list of incidents", newest)
    return choice.within((macros.row(one, one.id in whole) for one in each), _bytes, most_bytes)


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
