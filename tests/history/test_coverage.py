import pytest

from tests.history.make import at
from watchdog.history.coverage import cover
from watchdog.history.ledger import Boot, Ledger, Moment
from watchdog.history.records import Coverage, Span
from watchdog.model import Verdict

LEDGER = Ledger(
    boots=tuple(
        Boot(ordinal=n, boot_id=boot, host="mx1", first=at(0, boot), last=at(1000, boot))
        for n, boot in ((1, "boot-a"), (2, "boot-b"))
    )
)
OK, WARNING, UNKNOWN = Verdict.OK, Verdict.WARNING, Verdict.UNKNOWN
EVER = Moment(0, 0)


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
    ("spans", "since", "watched", "runs", "seconds", "reasons"),
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
            Moment(1, 750_000_000_000),
            250,
            25,
            {OK: 250},
            (),
            id="begun-before-the-period",
        ),
        pytest.param(
            [span(OK, 800, 900, 11), span(OK, 10, 20, 2, "boot-b")],
            Moment(1, 750_000_000_000),
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
def test_cover(
    spans: list[Span],
    since: Moment,
    watched: float,
    runs: int,
    seconds: dict[Verdict, float],
    reasons: tuple[str, ...],
) -> None:
    expected = Coverage(check="bond", watched_seconds=watched, runs=runs, verdict_seconds=seconds, reasons=reasons)
    assert cover(spans, LEDGER, since, gap_seconds=100) == (expected,)
