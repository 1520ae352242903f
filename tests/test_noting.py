"""Which notes are news."""

import pytest

from watchdog.model import Fault, Judgement, Note, Severity
from watchdog.noting import About, by_subject, by_summary, noted_in, without_noted

FOUND = Fault(code="x.y", title="", severity=Severity.WARNING, why="", advice="").on("a", "calm")
CALM, SAME_ELSEWHERE = Note(subject="a", summary="calm"), Note(subject="b", summary="calm")


@pytest.mark.parametrize(
    ("before", "now", "about", "expected"),
    [
        pytest.param([], [CALM], by_summary, [CALM], id="the-first-time"),
        pytest.param([CALM], [CALM], by_summary, [], id="as-at-the-last-look"),
        pytest.param([CALM], [FOUND, CALM], by_summary, [FOUND], id="a-finding-is-never-left-out"),
        pytest.param([FOUND], [CALM], by_summary, [CALM], id="a-finding-is-no-note"),
        pytest.param([CALM], [SAME_ELSEWHERE], by_summary, [], id="the-words-count"),
        pytest.param([CALM], [SAME_ELSEWHERE], by_subject, [SAME_ELSEWHERE], id="the-subject-counts-too"),
    ],
)
def test_only_what_is_new_is_noted(
    before: list[Judgement], now: list[Judgement], about: About, expected: list[Judgement]
) -> None:
    assert list(without_noted(now, noted_in(before, about), about)) == expected
