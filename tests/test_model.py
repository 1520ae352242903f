"""What a stamp says of another."""

import pytest

from watchdog.model import Stamp


def at(boottime_ns: int, wall_ns: int, boot_id: str = "a") -> Stamp:
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
