"""Clock steps for real: the kernel's clock is set between two runs, as from cron."""

from collections.abc import Callable

import pytest

from tests.lab.contract import NO_SERVER, Finding, exit_code, findings, incidents, of_check, unknown
from tests.lab.uml import Transcript

# `date` reads the clock, and sets it a little later.
SECONDS_LOST_IN_DATE = 0.15


@pytest.mark.parametrize(
    ("name", "found", "opened", "step_seconds", "notes"),
    [
        pytest.param(
            "clock-step-back",
            [("clock_step.backward", "clock", "critical")],
            [("clock_step.backward", "clock", "firing")],
            -18.0,
            0,
            id="18-s-back",
        ),
        pytest.param("clock-small-step", [], [], -0.2, 1, id="0.2-s-back-is-noted-only"),
        pytest.param(
            "clock-forward",
            [("clock_step.forward", "clock", "warning")],
            [("clock_step.forward", "clock", "firing")],
            3600.0,
            0,
            id="an-hour-ahead",
        ),
    ],
)
def test_a_step_between_two_runs_is_found_with_its_size(
    story: Callable[[str], Transcript],
    name: str,
    found: list[Finding],
    opened: list[Finding],
    step_seconds: float,
    notes: int,
) -> None:
    told = story(name)
    assert findings(told, "first") == []
    assert (findings(told, "stepped"), told.code("stepped")) == (found, exit_code(found, NO_SERVER))
    assert unknown(told, "stepped") == NO_SERVER
    assert incidents(told, "incidents") == opened
    check = of_check(told, "stepped", "clock_step")
    assert check["metrics"]["clock"]["step_seconds"] == pytest.approx(step_seconds, abs=SECONDS_LOST_IN_DATE)
    assert len(check["notes"]) == notes
    if name == "clock-step-back":
        assert (findings(told, "quiet"), told.code("quiet")) == ([], exit_code([], NO_SERVER)), (
            "a step is found once"
        )


def test_a_slew_in_progress_is_no_step(story: Callable[[str], Transcript]) -> None:
    told = story("clock-slew")
    before, left = (float(told.files[f"{name}.txt"]) for name in ("left_seconds_before", "left_seconds"))
    assert 0 < left < before <= 3, "the kernel was slewing while the check ran"
    assert (findings(told, "slewing"), told.code("slewing")) == ([], exit_code([], NO_SERVER))
    check = of_check(told, "slewing", "clock_step")
    assert check["metrics"]["clock"]["step_seconds"] == 0
    assert check["notes"] == []
    assert incidents(told, "incidents") == []
