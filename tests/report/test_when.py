"""Where a date lies on the line of time."""

import pytest

from watchdog.report.audit.when import find_wall

# The clock went back by 30 between the second and the third.
KNOWN = ((100, 1000), (200, 1100), (300, 1170), (400, 1270))


@pytest.mark.parametrize(
    ("wall", "place"),
    [
        pytest.param(1000, 100, id="at-the-first-anchor"),
        pytest.param(960, 60, id="before-it-while-the-host-was-up"),
        pytest.param(7, 0, id="before-everything"),
        pytest.param(1050, 150, id="between-two"),
        pytest.param(1100, 200, id="shown-twice-and-meant-first"),
        pytest.param(1170, 300, id="after-the-step"),
        pytest.param(1271, None, id="not-yet"),
    ],
)
def test_a_date_is_where_the_clock_first_showed_it(wall: int, place: int | None) -> None:
    assert find_wall(wall, KNOWN) == place


def test_of_an_empty_record_no_date_is_known() -> None:
    assert find_wall(1, ()) is None
