"""What a stamp says of another, and of itself to people."""

import pytest

from watchdog.model import Stamp


def at(boottime_ns: int, wall_ns: int = 0, boot_id: str = "a") -> Stamp:
    return Stamp(boot_id=boot_id, boottime_ns=boottime_ns, wall_ns=wall_ns)


@pytest.mark.parametrize(
    ("earlier", "later", "seconds"),
    [
        pytest.param(at(0, 10**18), at(10**9, 10**18 + 10**9), 0.0, id="time-went-on"),
        pytest.param(at(0, 10**18), at(10**9, 10**18), -1.0, id="back"),
        pytest.param(at(0, 10**18), at(0, 10**18 + 10**6), 0.001, id="a-millisecond"),
        pytest.param(at(0, 10**18), at(0, 10**18 + 999_999), 0.0, id="noise"),
        pytest.param(at(0, 10**18), at(0, 10**18 + 10**9, "b"), 0.0, id="not-known-across-a-reboot"),
    ],
)
def test_stepped_since(earlier: Stamp, later: Stamp, seconds: float) -> None:
    assert later.stepped_since(earlier) == seconds


@pytest.mark.parametrize(
    ("earlier", "now", "seconds"),
    [
        pytest.param(at(10 * 10**9), at(70_500_000_000), 60.5, id="same-boot"),
        pytest.param(at(10 * 10**9), at(10 * 10**9), 0, id="same-moment"),
        pytest.param(at(10 * 10**9), at(70 * 10**9, boot_id="b"), 70, id="across-a-reboot-this-boot-counts"),
        pytest.param(at(100 * 10**9), at(70 * 10**9), 70, id="set-back-to-a-snapshot-as-across-a-reboot"),
    ],
)
def test_what_has_passed_at_least(earlier: Stamp, now: Stamp, seconds: float) -> None:
    assert now.seconds_since(earlier) == seconds


@pytest.mark.parametrize(
    ("wall_ns", "text"),
    [
        pytest.param(0, "1970-01-01T00:00:00.000Z", id="1970"),
        pytest.param(2**63 - 1, "2262-04-11T23:47:16.854Z", id="the-last-the-kernel-knows"),
        pytest.param(-(2**63), "1677-09-21T00:12:43.145Z", id="what-a-database-row-may-hold"),
    ],
)
def test_any_wall_clock_can_be_read(wall_ns: int, text: str) -> None:
    assert at(0, wall_ns).wall_text == text
