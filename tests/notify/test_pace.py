"""How long what failed waits."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.notify.errands import Answer
from watchdog.notify.pace import FIRST_RETRY_SECONDS, LAST_RETRY_SECONDS, retry_seconds, wait_for


@pytest.mark.parametrize(
    ("attempts", "longest"),
    [
        pytest.param(0, 30, id="first"),
        pytest.param(1, 60, id="doubles"),
        pytest.param(6, 1920, id="still-doubles"),
        pytest.param(7, 3600, id="an-hour-at-most"),
        pytest.param(10**9, 3600, id="for-ever"),
        pytest.param(-1, 30, id="nonsense-from-a-database"),
    ],
)
def test_retries_come_ever_more_seldom(attempts: int, longest: float) -> None:
    assert retry_seconds(attempts, lambda: 0.0) == longest
    assert retry_seconds(attempts, lambda: 1.0) == longest / 2


@given(st.integers(0, 10**6))
def test_a_retry_is_never_at_once_and_never_out_of_sight(attempts: int) -> None:
    assert FIRST_RETRY_SECONDS / 2 <= retry_seconds(attempts) <= LAST_RETRY_SECONDS


def failed(**fields: object) -> Answer:
    return Answer(id=1, outcome="failed", **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "waits"),
    [
        pytest.param(120.0, 120.0, id="as-asked"),
        pytest.param(7200.0, 3600.0, id="an-hour-at-most"),
        pytest.param(1e300, 3600.0, id="nonsense"),
    ],
)
def test_what_the_server_asked_for_holds_for_all_that_waits(asked: float, waits: float) -> None:
    assert wait_for(failed(retry_after_seconds=asked), 5) == (waits, waits)


@pytest.mark.parametrize("asked", [math.nan, math.inf, -math.inf, -1.0, 0.0])
def test_what_makes_no_sense_was_not_asked(asked: float) -> None:
    retry, hold = wait_for(failed(retry_after_seconds=asked), 0)
    assert (15 <= retry <= 30, hold) == (True, 0.0)


def test_a_target_that_is_away_is_tried_with_another_message_before_the_same_again() -> None:
    for attempts in range(10):
        retry, hold = wait_for(failed(away=True), attempts)
        assert 0 < hold < retry
