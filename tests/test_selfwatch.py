"""The engine's own faults: a notification target that stays dead."""

from typing import Any

import pytest

from watchdog.model import TargetState
from watchdog.selfwatch import TARGET_DEAD, Memory, judge_self


def target(**fields: Any) -> TargetState:
    plain: dict[str, Any] = {
        "name": "ops",
        "failures": 3,
        "refused": False,
        "last_error": "ops answered with HTTP status 500",
        "failing_since": None,
        "failing_seconds": 900.0,
        "last_sent": None,
    }
    return TargetState(**(plain | fields))


@pytest.mark.parametrize(
    ("state", "dead"),
    [
        pytest.param(target(), True, id="as-often-and-as-long-as-it-takes"),
        pytest.param(target(failures=2), False, id="not-often-enough"),
        pytest.param(target(failing_seconds=899.9), False, id="not-long-enough"),
        pytest.param(target(failures=1, refused=True, failing_seconds=0.0), True, id="refused-for-good"),
        pytest.param(target(failures=0, failing_seconds=0.0), False, id="takes-messages"),
    ],
)
def test_a_target_that_stays_dead_is_a_fault(state: TargetState, dead: bool) -> None:
    view = judge_self((), Memory(), {}, None, 0.0, targets=(state,), dead_after_seconds=900.0)
    found = [(finding.fault, finding.subject) for finding in view.result.findings]
    assert found == ([(TARGET_DEAD.code, "ops")] if dead else [])
    if dead:
        assert state.last_error in view.result.findings[0].summary
