import pytest

from tests.history.make import at
from watchdog.history.ledger import Boot, Ledger
from watchdog.history.records import Span
from watchdog.model import Verdict
from watchdog.report.audit.availability import place_looks, watched
from watchdog.report.audit.axis import Axis, Interval

LEDGER = Ledger(
    boots=tuple(
        Boot(ordinal=n, boot_id=boot, host="mx1", first=at(0, boot), last=at(1000, boot))
        for n, boot in ((1, "boot-a"), (2, "boot-b"))
    )
)
OK, WARNING, UNKNOWN = Verdict.OK, Verdict.WARNING, Verdict.UNKNOWN
EVER = 0


def span(verdict: Verdict, first: float, last: float, count: int, boot: str = "boot-a", reason: str = "") -> Span:
    return Span(
        check="bond",
        verdict=verdict,
        reason=reason,
        first=at(first, boot),
        last=at(last, boot),
        count=count,
        longest_gap_seconds=30,
    )


@pytest.mark.parametrize(
    ("spans", "since", "seconds_watched", "runs", "seconds", "reasons"),
    [
        pytest.param([span(OK, 0, 300, 11)], EVER, 300, 11, {OK: 300}, (), id="one-span"),
        pytest.param([span(OK, 60, 60, 1)], EVER, 0, 1, {OK: 0}, (), id="one-run"),
        pytest.param(
            [span(OK, 0, 300, 11), span(WARNING, 330, 360, 2)],
            EVER,
            360,
            13,
            {OK: 330, WARNING: 30},
            (),
            id="the-earlier-verdict-holds-until-the-next",
        ),
        pytest.param(
            [span(OK, 0, 100, 2), span(OK, 201, 300, 2)], EVER, 199, 4, {OK: 199}, (), id="nobody-watched-in-a-gap"
        ),
        pytest.param([span(OK, 0, 100, 2), span(OK, 200, 300, 2)], EVER, 300, 4, {OK: 300}, (), id="just-no-gap"),
        pytest.param(
            [span(OK, 0, 100, 2), span(OK, 90, 200, 2, "boot-b")],
            EVER,
            210,
            4,
            {OK: 210},
            (),
            id="nobody-watched-across-a-reboot",
        ),
        pytest.param(
            [span(OK, 0, 1000, 101)],
            750,
            250,
            25,
            {OK: 250},
            (),
            id="begun-before-the-period",
        ),
        pytest.param(
            [span(OK, 800, 900, 11), span(OK, 10, 20, 2, "boot-b")],
            750,
            110,
            13,
            {OK: 110},
            (),
            id="begun-in-the-period",
        ),
        pytest.param(
            [span(UNKNOWN, 0, 30, 2, reason="a"), span(OK, 60, 90, 2), span(UNKNOWN, 120, 150, 2, reason="a")],
            EVER,
            150,
            6,
            {OK: 60, UNKNOWN: 90},
            ("a",),
            id="each-reason-once-each-verdict-summed",
        ),
    ],
)
def test_watched(
    spans: list[Span],
    since: float,
    seconds_watched: float,
    runs: int,
    seconds: dict[Verdict, float],
    reasons: tuple[str, ...],
) -> None:
    axis = Axis.over(LEDGER, at(1000, "boot-b"))
    (looked,) = watched(place_looks(spans, axis, gap_seconds=100), Interval(round(since * 1e9), axis.end)).values()
    assert sum(one.seconds for one in looked.looked) == seconds_watched
    assert looked.runs == runs
    assert {verdict: sum(one.seconds for one in own) for verdict, own in looked.said.items()} == seconds
    assert looked.reasons == reasons
