import pytest

from tests.history.make import at
from watchdog.history.ledger import Boot, Ledger, Moment
from watchdog.model import Lasted, Stamp

# Three boots, last seen at 100 s, 50 s and 30 s.
LEDGER = Ledger(
    boots=tuple(
        Boot(ordinal=n, boot_id=boot, host="mx1", first=at(5, boot), last=at(last, boot))
        for n, boot, last in ((4, "boot-a", 100), (5, "boot-b", 50), (9, "boot-c", 30))
    )
)


@pytest.mark.parametrize(
    ("since", "until", "seconds", "exact"),
    [
        pytest.param(at(10), at(10), 0, True, id="no-time"),
        pytest.param(at(10), at(75.5), 65.5, True, id="within-a-boot"),
        pytest.param(at(10), at(500), 490, True, id="within-a-boot-beyond-what-the-ledger-has-seen"),
        pytest.param(
            at(80), at(20, "boot-b"), 20 + 20, False, id="the-rest-of-one-boot-and-the-start-of-the-next"
        ),
        pytest.param(at(80), at(20, "boot-c"), 20 + 50 + 20, False, id="a-whole-boot-between"),
        pytest.param(at(120), at(20, "boot-b"), 20, False, id="begun-after-the-ledger-last-saw-that-boot"),
        pytest.param(at(80), at(7, "boot-d"), 20 + 50 + 30 + 7, False, id="until-a-boot-not-recorded-yet"),
        pytest.param(at(1, "boot-x"), at(7, "boot-x"), 6, True, id="within-a-boot-not-recorded-yet"),
        pytest.param(at(1, "boot-x"), at(7, "boot-y"), 7, False, id="two-boots-not-recorded-yet"),
        pytest.param(at(20), at(10), 0, True, id="backwards-within-a-boot"),
        pytest.param(at(20, "boot-b"), at(90), 0, False, id="backwards-across-boots"),
    ],
)
def test_lasted(since: Stamp, until: Stamp, seconds: float, exact: bool) -> None:
    assert LEDGER.lasted(since, until) == Lasted(seconds=seconds, exact=exact)


@pytest.mark.parametrize(
    ("now", "seconds", "expected"),
    [
        pytest.param(at(40, "boot-c"), 0, Moment(9, 40_000_000_000), id="no-time-is-now"),
        pytest.param(at(40, "boot-c"), 15, Moment(9, 25_000_000_000), id="within-this-boot"),
        pytest.param(at(40, "boot-c"), 40, Moment(9, 0), id="just-this-boot"),
        pytest.param(at(40, "boot-c"), 41, Moment(5, 49_000_000_000), id="into-the-boot-before"),
        pytest.param(at(40, "boot-c"), 40 + 50 + 1, Moment(4, 99_000_000_000), id="two-boots-back"),
        pytest.param(at(40, "boot-c"), 40 + 50 + 100, Moment(4, 0), id="all-that-was-seen"),
        pytest.param(at(40, "boot-c"), 40 + 50 + 101, Moment(0, 0), id="longer-than-all-that-was-seen"),
        pytest.param(at(40, "boot-b"), 41, Moment(4, 99_000_000_000), id="now-is-an-earlier-boot"),
        pytest.param(at(7, "boot-d"), 8, Moment(9, 29_000_000_000), id="this-boot-is-not-recorded-yet"),
    ],
)
def test_cutoff(now: Stamp, seconds: float, expected: Moment) -> None:
    assert LEDGER.cutoff(now, seconds) == expected


def test_an_empty_ledger_knows_nothing_older() -> None:
    assert Ledger(boots=()).cutoff(at(10), 11) == Moment(0, 0)


def test_what_is_before_the_cutoff_lasted_longer() -> None:
    """The two agree: a stamp one tick before the cutoff is older than asked, one at it is not."""
    now = at(40, "boot-c")
    for seconds in range(1, 190):
        boot, boottime_ns = LEDGER.cutoff(now, seconds)
        boot_id = LEDGER.boot_ids[boot]
        edge = Stamp(boot_id=boot_id, boottime_ns=boottime_ns, wall_ns=0)
        older = Stamp(boot_id=boot_id, boottime_ns=boottime_ns - 1, wall_ns=0)
        assert LEDGER.lasted(edge, now).seconds == seconds
        assert LEDGER.lasted(older, now).seconds > seconds
