"""`make demo` as a person meets it."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.lab.story import read_stories
from tests.lab.uml import CHECKOUT, Transcript


def _demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.lab.demo", *arguments],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=250,
    )


def test_without_a_name_it_lists_every_story_with_its_title() -> None:
    listed = _demo()
    assert listed.returncode == 0
    assert [f"{s.name} {s.title}" for s in read_stories()] == [
        " ".join(line.split()) for line in listed.stdout.splitlines() if line.startswith("  ")
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param(
            "bond-membr-down", "there is no story 'bond-membr-down'; did you mean bond-member-down?", id="typo"
        ),
        pytest.param("zzz", "there is no story 'zzz'\n", id="nothing-like-it"),
        pytest.param("../uml", "there is no story '../uml'", id="a-path"),
    ],
)
def test_an_unknown_story_says_which_is_meant(name: str, words: str) -> None:
    refused = _demo(name)
    assert refused.returncode == 3
    assert words in refused.stderr


def test_a_story_is_told_with_what_the_watchdog_shows_to_people(boot: Callable[..., Transcript]) -> None:
    told = _demo("clock-step-back")
    assert told.returncode == 0, told.stderr
    parts = [
        "The clock is set back by 18 s",
        "The first run takes a reading of the clocks.",
        "  $ watchdog run\n",
        "  # date -s -18 sec\n",
        "clock_step.backward",
        "  $ watchdog status\n",
        "The end.",
    ]
    places = [told.stdout.find(part) for part in parts]
    assert -1 not in places, told.stdout
    assert places == sorted(places), told.stdout
    assert "{" not in told.stdout, "JSON is for programs"
