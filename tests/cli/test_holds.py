"""`pause`, `resume`, `silence`, `maintenance`, and what `status` says of them."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.command import Cli

Lamp = Callable[[str], None]
SWITCHES = ("--why", "moving switches")


@pytest.fixture
def watched(cli: Cli, lamp: Lamp) -> Cli:
    """A host with two lamps that are out: incidents 1 and 2."""
    lamp("attic attic/left")
    assert cli("run", "lamp").code == 2
    return cli


def test_a_pause_until_it_is_resumed(watched: Cli) -> None:
    begun = watched("pause", *SWITCHES)
    assert (begun.code, begun.err) == (0, "")
    first, meaning, end = begun.out.splitlines()
    assert first.startswith("pause 1  by ")
    assert first.endswith("until watchdog resume 1: moving switches")
    assert meaning == "    nothing is healed, not even on request"
    assert end == "to end it before: watchdog resume 1"
    assert watched("pause").out.splitlines() == [first, meaning]
    status = watched("status")
    assert status.code == 2
    assert first in status.out.splitlines()
    resumed = watched("resume")
    assert (resumed.code, resumed.err) == (0, "")
    assert resumed.out.startswith("ended pause 1 by ")
    assert resumed.out.endswith(": moving switches\n")
    assert watched("pause").out == "nothing is paused\n"
    assert "pause" not in watched("status").out
    assert (watched("resume").code, watched("resume").out) == (0, "nothing is paused\n")


def test_a_pause_on_a_host_that_was_never_looked_at(cli: Cli) -> None:
    assert cli("pause", "--for", "2h", *SWITCHES).code == 0
    assert "pause 1 " in cli("status").out


def test_two_people_pause_and_one_resumes(watched: Cli) -> None:
    one = watched("pause", "--for", "2h", "--why", "first", "--json").json
    watched("pause", "--why", "second")
    watched("maintenance", "--for", "1h", "--why", "third")
    assert (one["id"], one["kind"], one["why"], one["seconds"], one["left_seconds"]) == (
        1,
        "pause",
        "first",
        7200.0,
        7200.0,
    )
    ended = watched("resume", "1", "--json").json
    assert [hold["why"] for hold in ended["ended"]] == ["first"]
    assert [hold["why"] for hold in ended["left"]] == ["second", "third"]
    again = watched("resume", "1")
    assert (again.code, again.out) == (3, "")
    assert again.err == "watchdog: no pause 1 is in force; watchdog pause lists those that are\n"
    other = watched("resume", "3")
    assert other.err == "watchdog: 3 is no pause but maintenance: watchdog maintenance --end 3 ends it\n"
    both = watched("resume").out.splitlines()
    assert both[0].startswith("ended pause 2 ")
    assert both[1] == "still held back:"
    assert both[2].startswith("maintenance 3 ")
    assert watched("maintenance", "--end", "3").out.startswith("ended maintenance 3 ")
    assert watched("maintenance").out == "there is no maintenance\n"


def test_resume_ends_all_pauses_and_says_whose(watched: Cli) -> None:
    for why in ("first", "second"):
        watched("pause", "--why", why)
    assert [line.rpartition(": ")[2] for line in watched("resume").out.splitlines()] == ["first", "second"]


@pytest.mark.parametrize(
    ("pattern", "kept", "covers"),
    [
        pytest.param("attic", "attic", [1, 2], id="with-what-lies-below"),
        pytest.param("attic/left", "attic/left", [2], id="one"),
        pytest.param("lamp.*:*/left", "lamp.*:*/left", [2], id="fault-and-subject"),
        pytest.param("#1", "lamp.out:attic", [1, 2], id="an-incident"),
        pytest.param("2", "lamp.out:attic/left", [2], id="its-number"),
        pytest.param(" cellar ", "cellar", [], id="nothing-yet"),
    ],
)
def test_a_silence(watched: Cli, pattern: str, kept: str, covers: list[int]) -> None:
    silence = watched("silence", pattern, "--for", "2h", "--why", "known", "--json").json
    assert (silence["pattern"], silence["covers"], silence["kind"]) == (kept, covers, "silence")
    (listed,) = watched("silence", "--json").json
    (in_status,) = watched("status", "--json").json["holds"]
    assert {**listed, "left_seconds": 0} == {**in_status, "left_seconds": 0} == {**silence, "left_seconds": 0}
    shown = watched("status").out
    told = ", ".join(f"#{number}" for number in covers)
    assert (
        f"what it covers is not told, nor healed by itself{f': {told}' if told else '; no open incident is'}"
        in shown
    )
    assert watched("silence", "--end", "1").out.startswith("ended silence 1 by ")
    assert watched("silence").out == "nothing is silenced\n"


def test_a_silence_does_not_hide_anything(watched: Cli) -> None:
    """It is only not told, and its help says so."""
    watched("silence", "attic", "--for", "2h", "--why", "known")
    status = watched("status", "--json")
    assert (status.code, len(status.json["incidents"])) == (2, 2)
    assert "What still goes on when the silence is over is told then" in " ".join(
        watched("silence", "--help").out.split()
    )


def test_a_hold_that_is_over_ends_by_itself(watched: Cli) -> None:
    watched("maintenance", "--for", "1ms", "--why", "short")
    assert watched("maintenance", "--json").json == []
    assert watched("status", "--json").json["holds"] == []
    assert watched("maintenance", "--end", "1").code == 3


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["pause", "--for", "2h"], "--why TEXT is needed"),
        (["pause", "--for", "2h", "--why", " "], "--why TEXT is needed"),
        (["pause", "--for", "0s", "--why", "x"], "--for needs a duration above zero"),
        (["pause", "--for", "2", "--why", "x"], "expected a duration such as"),
        (["pause", "2h", "--why", "x"], "unexpected extra argument"),
        (["maintenance", "--why", "x"], "--for DURATION is needed"),
        (["maintenance", "--for", "2h"], "--why TEXT is needed"),
        (["maintenance", "--end", "1", "--why", "x"], "--end takes no other option"),
        (["silence", "attic", "--why", "x"], "--for DURATION is needed"),
        (["silence", "attic", "--for", "2h"], "--why TEXT is needed"),
        (["silence", "--for", "2h", "--why", "x"], "SUBJECT is needed"),
        (["silence", "", "--for", "2h", "--why", "x"], "SUBJECT is needed"),
        (["silence", "#99", "--for", "2h", "--why", "x"], "there is no open incident 99"),
        (["silence", "attic", "--end", "1"], "--end takes no other option"),
        (["silence", "--end", "1"], "no silence 1 is in force"),
        (["resume", "all"], "'all' is not a valid integer"),
        (["resume", "1"], "no pause 1 is in force"),
    ],
    ids=" ".join,
)
def test_what_is_not_understood_holds_nothing(watched: Cli, words: list[str], complaint: str) -> None:
    done = watched(*words)
    assert (done.code, done.out) == (3, "")
    (line,) = done.err.splitlines()
    assert complaint in line
    assert watched("status", "--json").json["holds"] == []


def test_what_a_person_typed_does_nothing_to_who_reads_it(watched: Cli) -> None:
    why = "\x1b[31mred\x07\u202e"
    watched("pause", "--why", why)
    for words in (["pause"], ["status"], ["resume"]):
        out = watched(*words).out
        assert "\\x1b[31mred\\x07\\u202e" in out
        assert "\x1b" not in out


def test_the_audit_tells_of_it(watched: Cli) -> None:
    watched("pause", "--why", "x")
    watched("resume")
    proof: Any = watched("report", "--verify", "--json").json
    assert (proof["proven"], proof["rows"]) == (True, 2)


def test_in_maintenance_nobody_is_told_until_it_is_over(cli: Cli, lamp: Lamp) -> None:
    """Nobody takes messages at that address, so that what is told stays in the outbox."""
    cli.settings(
        '[notify]\ndrain_limit = "5s"\n[notify.targets.ops]\nurl = "json://127.0.0.1:1/"\n'
        '[[notify.routes]]\nto = ["ops"]\n'
    )
    lamp("attic")
    cli("maintenance", "--for", "2h", *SWITCHES)
    assert cli("run", "lamp").code == 2
    assert cli("notify", "--json").json["waiting"] == []
    cli("maintenance", "--end", "1")
    cli("run", "lamp")
    (told,) = cli("notify", "--json").json["waiting"]
    assert told["title"].endswith(": lamp.out attic")
    assert told["attempts"] == 1
