"""The runner itself: nothing gets out of the kernel but what a scenario leaves in $OUT; failures have words."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.lab.contract import NO_SERVER, findings, unknown
from tests.lab.story import Story, read_stories
from tests.lab.uml import CHECKOUT, LabError, Transcript, missing
from tests.needs import need

Boot = Callable[..., Transcript]


def _clock_offset_ns() -> int:
    return time.clock_gettime_ns(time.CLOCK_REALTIME) - time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def test_a_scenario_writes_everywhere_and_nothing_reaches_this_machine(boot: Boot) -> None:
    marks = [Path(folder) / "written-in-the-lab" for folder in ("/etc", "/var/lib", "/tmp", str(CHECKOUT))]
    clock = _clock_offset_ns()
    told = boot(
        f"for file in {' '.join(map(str, marks))}; do touch $file; done\n"
        "mount -o remount,rw /\n"
        f"touch {marks[0]}-again\n"
        f"ls {marks[0]} {marks[0]}-again > $OUT/inside\n"
        'date -s "-1 day"\n'
    )
    assert told.files["inside"].split() == [str(marks[0]), f"{marks[0]}-again"]
    assert [mark for mark in marks if mark.exists()] == []
    assert abs(_clock_offset_ns() - clock) < 3600 * 10**9, "the clock of this machine was set"


def test_packages_are_there_inside_as_if_installed(boot: Boot) -> None:
    need(missing(["chrony", "ntpsec"]))
    told = boot("chronyd --version; ntpd --version", packages=["chrony", "ntpsec"])
    assert [line.split()[1].partition("-")[0] for line in told.text.splitlines()] == ["(chrony)", "ntpsec"]


def test_what_a_scenario_says_is_apart_from_what_the_kernel_says(boot: Boot) -> None:
    told = boot("seq 5000; echo to stderr >&2; echo from the kernel > /dev/kmsg; sleep 0.1")
    assert told.text == "".join(f"{number}\n" for number in range(1, 5001)) + "to stderr\n"


def test_a_kernel_with_nothing_to_do_waits_for_nothing_and_its_clocks_agree(boot: Boot) -> None:
    clocks = "python3 -c 'from time import *; print(time(), monotonic(), clock_gettime(CLOCK_BOOTTIME))'"
    started = time.monotonic()
    told = boot(f"save before {clocks}; sleep 400; save after {clocks}")
    before, after = ([float(word) for word in told.files[f"{name}.txt"].split()] for name in ("before", "after"))
    passed = [later - earlier for earlier, later in zip(before, after, strict=True)]
    assert min(passed) >= 400
    assert passed == pytest.approx([passed[0]] * 3, abs=0.05)
    assert time.monotonic() - started < min(passed)


def test_a_host_in_the_lab_has_neither_history_nor_configuration(boot: Boot) -> None:
    told = boot("find /var/lib/watchdog /etc/watchdog > $OUT/found; wd first run --json")
    assert told.files["found"].split() == ["/var/lib/watchdog", "/etc/watchdog"]
    assert (findings(told, "first"), unknown(told, "first")) == ([], NO_SERVER)
    assert (told.code("first"), told.json("first")["host"]) == (3, "lab")


@pytest.mark.parametrize(
    ("scenario", "options", "words"),
    [
        pytest.param(
            "echo so far\nls /nowhere\necho never",
            {},
            ["exit code 2", "so far", 'scenario.sh line 2: "ls /nowhere" failed'],
            id="a-command-fails",
        ),
        pytest.param("false", {}, ["exit code 1", 'line 1: "false"'], id="says-nothing-and-fails"),
        pytest.param(
            "echo so far; while true; do :; done",
            {"timeout_seconds": 20},
            ["did not end within 20 s", "so far"],
            id="does-not-end",
        ),
        pytest.param(
            "echo c > /proc/sysrq-trigger",
            {},
            ["the kernel ended", "Kernel panic - not syncing: sysrq triggered crash"],
            id="the-kernel-panics",
        ),
        pytest.param(
            "true",
            {"modules": ("no_such_module",)},
            ["no kernel module: no_such_module"],
            id="a-module-is-missing",
        ),
        pytest.param(
            "true",
            {"packages": ("chrony", "no-such-package")},
            ["lacks no-such-package (unpacked for the lab)", "sudo make lab-deps"],
            id="a-package-is-missing",
        ),
        pytest.param(
            "within 1 test -e /nowhere", {}, ["still not so after 4 s: test -e /nowhere"], id="waits-in-vain"
        ),
    ],
)
def test_a_failure_has_words_and_leaves_nothing_behind(
    boot: Boot, scenario: str, options: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(LabError) as caught:
        boot(scenario, **options)
    assert [word for word in words if word not in str(caught.value)] == []
    assert "never" not in str(caught.value)


def test_a_name_that_wd_never_ran_says_so(boot: Boot) -> None:
    told = boot("true")
    with pytest.raises(LabError, match="`wd nothing` left no JSON"):
        told.json("nothing")


@pytest.mark.parametrize("story", read_stories(), ids=lambda story: story.name)
def test_a_story_says_what_it_is_about(story: Story) -> None:
    assert story.title[0].isupper()
    assert not story.title.endswith(".")
    assert story.text.endswith(".")
    assert "tell " in story.script
