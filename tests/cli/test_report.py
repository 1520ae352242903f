"""`watchdog report` as a person calls it, and the words in which it refuses."""

import csv
import io
from collections.abc import Callable

import pytest

from tests.cli.command import Cli
from watchdog.cli.telling_report import Asked

Lamp = Callable[[str], None]


def test_one_history_in_every_format(cli: Cli, lamp: Lamp) -> None:
    lamp("attic cellar")
    cli("run", "lamp")
    lamp("cellar")
    cli("run", "lamp")
    text = cli("report", "--subject", "attic", "--zone", "Asia/Tokyo")
    assert (text.code, text.err) == (0, "")
    assert "only  subject attic" in text.out
    assert "lamp attic is out" in text.out
    assert "cellar" not in text.out
    assert " JST" in text.out
    shown = cli("report", "--format", "markdown").out
    assert shown.startswith("# ")
    assert "## what is open now\n\n- **\\#2 critical** lamp.out on cellar" in shown
    report = cli("report", "--json", "--since", "1h").json
    assert [one["subject"] for one in report["incidents"]] == ["attic", "cellar"]
    assert [change["state"] for change in report["incidents"][0]["timeline"]] == ["firing", "resolved"]
    rows = list(csv.DictReader(io.StringIO(cli("report", "--format", "csv").out)))
    assert [(row["fault"], row["state"]) for row in rows] == [("lamp.out", "resolved"), ("lamp.out", "firing")]
    lamp("attic cellar")
    cli("run", "lamp")
    few = cli("report", "--limit", "1").out
    assert "2 incidents open, the worst is critical" in few
    assert "2 of 3 incidents left out here, and counted everywhere: --limit 0 shows all" in few
    assert "\nand 1 more, left out by --limit\n" in few
    few = cli("report", "--limit", "1", "--format", "html").out
    assert ">2 incidents are open.</p>" in few
    assert "1 further open incidents are left out here" in few
    assert "evidence  {" in cli("report", "--details").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["--check", "lamb"], "found 'lamb' (did you mean 'lamp'?)", id="check"),
        pytest.param(["--fault", "lamp.uot"], "found 'lamp.uot' (did you mean 'lamp.out'?)", id="fault"),
        pytest.param(["--host", "nobody"], "--host: expected a name that this host had", id="host"),
        pytest.param(["--zone", "Europe/Berln"], "found 'Europe/Berln'", id="zone"),
        pytest.param(["--since", "2026-02-30"], "expected a date that the calendar has", id="no-such-day"),
        pytest.param(["--until", "noon"], "Invalid value for '--until': expected a duration", id="until"),
        pytest.param(["--since", "1s", "--until", "1h"], "ends before it begins", id="ends-before-it-begins"),
        pytest.param(["--since", "2026-10-02", "--until", "2026-10-01"], "before it begins", id="dates-swapped"),
        pytest.param(["--since", "9999-01-01"], "the period is empty", id="in-the-future"),
        pytest.param(["--since", "0s"], "the period is empty", id="no-time-at-all"),
        pytest.param(["--until", "2001-01-01"], "the period is empty", id="over-before-the-record-begins"),
        pytest.param(["--subject", ""], "expected the name of a subject, found ''", id="nameless-subject"),
        pytest.param(["--table", "steps"], "--table goes with --format csv", id="table"),
        pytest.param(["--send", "ops"], "--send: expected the name of a target (there is none)", id="target"),
        pytest.param(["--send-as-set"], "the settings name nobody to send it to", id="nobody-set"),
        pytest.param(["--json", "--format", "csv"], "--json or --format csv, one at a time", id="two-formats"),
        pytest.param(["--verify", "--send", "ops"], "--verify is not sent", id="verify-and-send"),
        pytest.param(["--verify", "--send-as-set"], "--verify is not sent", id="verify-and-send-as-set"),
        pytest.param(["--verify", "--format", "csv"], "--verify speaks text and json, not csv", id="verify"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(cli: Cli, lamp: Lamp, words: list[str], said: str) -> None:
    lamp("attic")
    cli("run", "lamp")
    done = cli("report", *words)
    assert (done.code, done.out) == (3, "")
    assert said in done.err


@pytest.mark.parametrize(
    ("form", "targets", "limit", "most"),
    [
        pytest.param("text", (), None, 50, id="a-page"),
        pytest.param("text", (), 0, None, id="a-page-of-all"),
        pytest.param("html", (), None, None, id="html"),
        pytest.param("text", ("ops",), None, None, id="what-is-sent-is-html-too"),
        pytest.param("text", ("ops",), 7, 7, id="as-many-as-asked-for"),
    ],
)
def test_how_many_incidents_are_told_of(
    form: str, targets: tuple[str, ...], limit: int | None, most: int | None
) -> None:
    asked = Asked(
        since="30d", until=None, zone=None, checks=(), subjects=(), faults=(), hosts=(), details=False, table=None,
        form=form, targets=targets, limit=limit,
    )  # fmt: skip
    assert asked.most == most


def test_status_shows_the_last_day_of_each_check(cli: Cli, lamp: Lamp) -> None:
    lamp("")
    for _ in range(2):
        cli("run", "lamp")
    (check,) = [one for one in cli("status", "--json").json["checks"] if one["check"] == "lamp"]
    assert len(check["last_day"]) == 24
    assert check["last_day"][-1] == "ok"
    assert "THE LAST 24 HOURS" in cli("status").out
