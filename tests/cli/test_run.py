"""`watchdog run` and what reads its record, as a person and a script see them."""

import os
import signal
import sqlite3
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.command import Cli
from tests.needs import need

Lamp = Callable[[str], None]

HANG = """
from watchdog.plugin import *
import time
def observe(host, settings, before):
    {body}
class F(Facts, frozen=True, kw_only=True):
    pass
class S(CheckSettings, frozen=True, kw_only=True):
    time_limit: Duration = Duration(0.3)
CHECK = Check(name="{name}", title="t", faults=(), settings=S, facts=F, memory=F,
              observe=observe, judge=lambda f, b, s: [], remember=lambda f, b, s: f)
"""


def wait_until(true: Callable[[], bool]) -> None:
    for _ in range(2000):
        if true():
            return
        time.sleep(0.01)
    raise AssertionError("waited in vain for 20 s")


def verdicts(report: dict) -> dict[str, str]:
    return {check["check"]: check["verdict"] for check in report["checks"]}


def test_run_json_keeps_its_contract(cli: Cli) -> None:
    cli("run", "clock_step")
    done = cli("run", "clock_step", "--json")
    assert done.code == 0, done.err
    assert {"host", "at", "boot_id", "worst", "checks"} <= done.json.keys()
    (clock, own) = done.json["checks"]
    assert {"check", "verdict", "reason", "took_seconds", "findings", "metrics"} <= clock.keys()
    assert (clock["check"], clock["verdict"], clock["metrics"]) == (
        "clock_step",
        "ok",
        {"clock": {"step_seconds": 0, "steps": 0}},
    )
    assert own["check"] == "watchdog"


def test_every_check_runs_without_any_configuration(cli: Cli) -> None:
    done = cli("run", "--json")
    assert {"bond", "clock_step", "watchdog"} <= verdicts(done.json).keys()
    assert not [check for check in done.json["checks"] if check["reason"].startswith("raised")]


@pytest.mark.parametrize(
    ("words", "code", "verdict", "reason"),
    [
        pytest.param("", 0, "ok", "", id="ok"),
        pytest.param("attic", 2, "critical", "", id="fault"),
        pytest.param("dark", 3, "unknown", "needs a torch", id="unobservable"),
        pytest.param("none", 0, "not_applicable", "no lamp here", id="not-applicable"),
    ],
)
def test_exit_codes_are_those_of_monitoring_plugins(
    cli: Cli, lamp: Lamp, words: str, code: int, verdict: str, reason: str
) -> None:
    lamp(words)
    done = cli("run", "lamp", "--json")
    found = done.json["checks"][0]
    assert (done.code, found["verdict"], found["reason"]) == (code, verdict, reason)
    assert cli("check", "lamp").code == code


def test_a_fault_becomes_an_incident_a_status_and_a_line_in_the_report(cli: Cli, lamp: Lamp) -> None:
    lamp("attic")
    assert cli("run", "lamp").code == 2
    (incident,) = cli("incidents", "--json").json
    assert (incident["fault"], incident["subject"], incident["state"]) == ("lamp.out", "attic", "firing")
    assert {
        "id",
        "severity",
        "opened_at",
        "resolved_at",
        "duration_seconds",
        "caused_by",
        "summary",
        "attempts",
    } <= (incident.keys())
    status = cli("status")
    assert status.code == 2
    assert "lamp attic is out" in status.out
    assert "Change it." in status.out
    lamp("")
    cli("run", "lamp")
    assert cli("status").code == 0
    assert cli("incidents", "--json").json == []
    (resolved,) = cli("incidents", "--json", "--all").json
    assert resolved["state"] == "resolved"
    report = cli("report")
    assert "lamp.out" in report.out
    assert cli("report", "--format", "json").json["incidents"][0]["fault"] == "lamp.out"


def test_one_fault_is_told_once_and_a_run_that_did_not_look_does_not_say_all_is_well(cli: Cli, lamp: Lamp) -> None:
    lamp("attic")
    seen = cli("run", "lamp").out
    assert "attic: a lamp is out (#1)" in seen
    assert seen.count("lamp attic is out") == 1
    assert "1 fault found, the worst is critical" in seen
    other = cli("run", "clock_step")
    assert other.code == 0
    assert "no fault seen in this run, but before: 1 incident open, the worst is critical" in other.out
    assert "nothing wrong" not in other.out


def test_a_finding_that_is_no_incident_is_told_whole(cli: Cli, lamp: Lamp) -> None:
    lamp("attic")
    cli.history.mkdir()  # cannot be written
    assert "attic: lamp attic is out" in cli("run", "lamp").out


def test_status_does_not_call_it_well_when_nobody_looks(cli: Cli, lamp: Lamp) -> None:
    lamp("")
    assert cli("notify", "drain").code == 0  # begins a history
    never = cli("status")
    assert never.code == 3
    assert "nothing has looked yet: watchdog run, or watchdog install" in never.out
    cli("run", "lamp")
    assert (cli("status").code, "nothing has looked" in cli("status").out) == (0, False)
    cli.settings('[history]\ngap = "1ms"\n')
    silent = cli("status")
    assert silent.code == cli("status", "--json").code == 3
    assert cli("status", "--json").json["worst"] == "unknown"
    assert "is `watchdog run` still called" in silent.out
    lamp("attic")
    cli("run", "lamp")
    assert cli("status").code == 2
    cli.settings('[history]\ngap = "1ms"\n[faults."lamp.out"]\nseverity = "warning"\n')
    cli("run", "lamp")
    assert cli("status").code == 3  # a warning that is known for months does not hide that nobody looks


def test_a_report_goes_where_it_is_told_and_replaces_nothing_but_a_file(cli: Cli) -> None:
    cli("run", "clock_step")
    folder = cli.folder / "reports"
    folder.mkdir()
    for _ in range(2):  # the second over the first
        assert cli("report", "--output", str(folder / "report.txt")).code == 0
    assert "what was watched" in (folder / "report.txt").read_text()
    assert "what was watched" in cli("report", "--output", "-").out
    os.mkfifo(folder / "pipe")
    reading = subprocess.Popen(["cat", str(folder / "pipe")], stdout=subprocess.PIPE, text=True)
    assert cli("report", "--output", str(folder / "pipe")).code == 0
    assert "what was watched" in reading.communicate(timeout=30)[0]
    refused = cli("report", "--output", str(folder))
    assert (refused.code, refused.err) == (3, f"watchdog: cannot write {folder}: Is a directory\n")
    assert sorted(left.name for left in folder.iterdir()) == ["pipe", "report.txt"]
    assert not list(cli.folder.glob("tmp*"))


def test_unknown_neither_opens_nor_resolves(cli: Cli, lamp: Lamp) -> None:
    lamp("attic")
    cli("run", "lamp")
    lamp("dark")
    cli("run", "lamp")
    (incident,) = cli("incidents", "--json").json
    assert incident["state"] == "firing"


def test_a_check_that_hangs_or_raises_costs_only_itself(cli: Cli) -> None:
    cli.plugin("hangs", HANG.format(name="hangs", body="time.sleep(600)"))
    cli.plugin("raises", HANG.format(name="raises", body="raise ZeroDivisionError('oh')"))
    for _ in range(2):
        done = cli("run", "hangs", "raises", "clock_step", "--json")
        assert verdicts(done.json) == {
            "hangs": "unknown",
            "raises": "unknown",
            "clock_step": "ok",
            "watchdog": "ok",
        }
    reasons = {check["check"]: check["reason"] for check in done.json["checks"]}
    assert reasons["hangs"] == "still running after its time limit of 300ms; left behind"
    assert reasons["raises"].startswith("raised ZeroDivisionError: oh at ")
    third = cli("run", "hangs", "raises", "clock_step", "--json")
    assert third.code == 1
    failed = {finding["subject"] for finding in third.json["checks"][-1]["findings"]}
    assert failed == {"hangs", "raises"}
    assert {i["fault"] for i in cli("incidents", "--json").json} == {"watchdog.check_failed"}


def test_a_disabled_check_says_so_and_its_incident_ends(cli: Cli, lamp: Lamp) -> None:
    lamp("attic")
    cli("run", "lamp")
    cli.settings("[checks.lamp]\nenabled = false\n")
    done = cli("run", "lamp", "--json")
    assert (done.code, done.json["checks"][0]["reason"]) == (0, "disabled in the configuration")
    assert cli("incidents", "--json").json == []


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        pytest.param('severity = "warning"', 1, id="the-owners-severity"),
        pytest.param("enabled = false", 0, id="switched-off"),
    ],
)
def test_the_owner_decides_about_faults(cli: Cli, lamp: Lamp, settings: str, code: int) -> None:
    lamp("attic")
    cli.settings(f'[faults."lamp.out"]\n{settings}\n')
    assert cli("run", "lamp").code == code


def test_facts_are_saved_and_judged_again(cli: Cli, lamp: Lamp) -> None:
    lamp("attic cellar")
    dump = cli("check", "lamp", "--dump-facts")
    assert dump.code == 0
    lamp("")
    file = cli.folder / "facts.json"
    file.write_text(dump.out)
    again = cli("check", "lamp", "--replay", str(file), "--json")
    assert (again.code, [finding["subject"] for finding in again.json["checks"][0]["findings"]]) == (
        2,
        ["attic", "cellar"],
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("{", "expected what `check lamp --dump-facts` wrote, found: ", id="not-json"),
        pytest.param(
            '{"check": "bond", "settings": {}, "before": null, "facts": {}}',
            "expected a recording of lamp, found one of bond",
            id="another-check",
        ),
        pytest.param(
            '{"check": "lamp", "settings": {}, "before": null, "facts": {"words": 3}}',
            "found: Expected `array`, got `int` - at `$.words`",
            id="wrong-facts",
        ),
        pytest.param(
            '{"check": "lamp", "settings": {}, "before": null, "facts": {"words": ["impossible"]}}',
            "the facts cannot be judged: ValueError: no lamp is like that",
            id="facts-of-no-host",
        ),
        pytest.param(None, "expected a file that can be read, found: No such file or directory", id="missing"),
    ],
)
def test_a_bad_recording_gets_a_clear_error(cli: Cli, lamp: Lamp, content: str | None, expected: str) -> None:
    file = cli.folder / "facts.json"
    if content is not None:
        file.write_text(content)
    done = cli("check", "lamp", "--replay", str(file))
    assert done.code == 3
    assert expected in done.err
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "error"),
    [
        pytest.param(
            ["rnu"], "watchdog: No such command 'rnu'. Did you mean 'run'? (see watchdog --help)", id="command"
        ),
        pytest.param(["run", "--jsn"], "(see watchdog run --help)", id="option"),
        pytest.param(
            ["check", "bond", "--dump-facts", "--json"], "watchdog: --dump-facts goes", id="dump-as-json"
        ),
        pytest.param(["heal", "1"], "watchdog: there is no history at", id="heal-without-history"),
        pytest.param(["report", "--output", "/nonexistent/x"], "watchdog: ", id="output"),
        pytest.param(
            ["run", "bnod"],
            "), found 'bnod' (did you mean 'bond'?)",
            id="check",
        ),
        pytest.param(
            ["explain", "bond.member_dwon"],
            "watchdog: command line: FAULT: expected a fault code (watchdog explain lists them),"
            " found 'bond.member_dwon' (did you mean 'bond.member_down'?)",
            id="fault",
        ),
        pytest.param(
            ["report", "--since", "soon"], "watchdog: Invalid value for '--since': expected a duration", id="since"
        ),
        pytest.param(["--config", "/nonexistent.toml", "run"], "/nonexistent.toml", id="config"),
        pytest.param(["status"], "watchdog: ", id="no-history-yet"),
    ],
)
def test_wrong_usage_ends_with_3_and_says_what_was_meant(cli: Cli, words: list[str], error: str) -> None:
    done = cli(*words)
    assert done.code == 3
    assert error in done.err
    assert len(done.err.splitlines()) == 1


def test_what_comes_from_outside_is_shown_inert(cli: Cli, lamp: Lamp) -> None:
    lamp("a\x1b[31m\u202eb\x07")
    for done in (cli("run", "lamp"), cli("status"), cli("report")):
        assert "a\\x1b[31m\\u202eb\\x07" in done.out
        assert not set("\x1b\u202e\x07") & set(done.out + done.err)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"not a database at all" * 400, id="garbage"),
        pytest.param(b"SQLite format 3\x00" + b"\xff" * 8000, id="broken-header"),
    ],
)
def test_a_damaged_history_is_set_aside_and_said(cli: Cli, lamp: Lamp, content: bytes) -> None:
    lamp("")
    cli("run", "lamp")
    cli.history.write_bytes(content)
    done = cli("run", "lamp", "--json")
    (finding,) = done.json["checks"][-1]["findings"]
    assert finding["fault"] == "watchdog.history_damaged"
    (kept,) = cli.folder.glob("history.db.damaged-*")
    assert kept.read_bytes() == content
    assert {i["fault"] for i in cli("incidents", "--json").json} == {"watchdog.history_damaged"}


def test_a_history_of_a_newer_program_is_left_alone_and_the_checks_still_run(cli: Cli, lamp: Lamp) -> None:
    lamp("attic")
    cli("run", "lamp")
    with sqlite3.connect(cli.history) as newer:
        newer.execute("UPDATE alembic_version SET version_num = 'from_the_future'")
    newer.close()
    before = cli.history.read_bytes()
    done = cli("run", "lamp", "--json")
    assert done.code == 2
    assert "nothing is recorded this time" in done.err
    assert cli.history.read_bytes() == before
    assert not list(cli.folder.glob("history.db.damaged-*"))


def test_a_slip_in_the_path_costs_nobody_his_file(cli: Cli, lamp: Lamp) -> None:
    """What never was a history is not damaged: as root the next file to be set aside could be /etc/passwd."""
    lamp("attic")
    cli.history.write_text("root:x:0:0:root:/root:/bin/bash\n")
    done = cli("run", "lamp")
    assert done.code == 2
    assert "lamp attic is out" in done.out
    assert done.err == (
        f"watchdog: {cli.history} is not a watchdog history: it is left alone; name another file;"
        " nothing is recorded this time\n"
    )
    assert "not a watchdog history" in cli("status").err
    assert cli.history.read_text() == "root:x:0:0:root:/root:/bin/bash\n"
    assert [path.name for path in cli.folder.glob("history.db*")] == ["history.db"]


@pytest.mark.program
@pytest.mark.parametrize("kind", ["device", "pipe", "folder"])
def test_only_a_file_is_ever_set_aside(tmp_path: Path, kind: str) -> None:
    """A device like /dev/null says that it is empty: as root it would have gone, and the host with it."""
    path = tmp_path / "history.db"
    if kind == "device":
        need(None if os.geteuid() == 0 else "root, to make a device")
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 3))
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    before = path.stat()
    for words in (("run", "clock_step"), ("status",)):
        done = Cli(folder=tmp_path)(*words)
        assert "is not a watchdog history: it is left alone" in done.err
        assert len(done.err.splitlines()) == 1
    assert path.stat().st_ino == before.st_ino
    assert [left.name for left in tmp_path.iterdir()] == ["history.db"]


def test_a_history_that_cannot_be_made_does_not_keep_the_checks_from_running(cli: Cli, lamp: Lamp) -> None:
    lamp("attic")
    cli.history.mkdir()
    done = cli("run", "lamp")
    assert done.code == 2
    assert "lamp attic is out" in done.out
    assert "nothing is recorded this time" in done.err
    assert len(done.err.splitlines()) == 1


def test_a_second_run_waits_and_then_says_who_is_there(cli: Cli, lamp: Lamp) -> None:
    lamp("attic")
    cli.plugin(
        "sleeps", HANG.format(name="sleeps", body="time.sleep(600)").replace("Duration(0.3)", "Duration(30)")
    )
    cli.settings('[history]\nlock_wait = "200ms"\n')
    first = subprocess.Popen(cli.argv("run", "sleeps"), env=cli.environ(), stdout=subprocess.DEVNULL)
    try:
        lock = cli.folder / "history.db.lock"
        wait_until(lambda: lock.exists() and str(first.pid) in lock.read_text())
        second = cli("run", "lamp")
        assert second.code == 2
        assert str(first.pid) in second.err
        assert "run sleeps" in second.err
        assert "nothing is recorded this time" in second.err
    finally:
        first.kill()
        first.wait()
    assert cli("run", "lamp").err == ""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda how: how.name)
def test_a_run_that_is_ended_leaves_a_readable_history(cli: Cli, lamp: Lamp, how: signal.Signals) -> None:
    lamp("attic")
    cli("run", "lamp")
    lock = cli.folder / "history.db.lock"
    for delay in (0, 0.05, 0.1):
        lock.unlink()
        process = subprocess.Popen(
            cli.argv("run", "lamp"), env=cli.environ(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        wait_until(lock.exists)
        time.sleep(delay)
        process.send_signal(how)
        _, err = process.communicate(timeout=30)
        assert b"Traceback" not in err
    assert cli("run", "lamp").err == ""
    (incident,) = cli("incidents", "--json").json
    assert incident["subject"] == "attic"


def test_help_and_the_list_of_commands_cost_no_heavy_import(cli: Cli) -> None:
    code = (
        "import sys, contextlib\n"
        "from watchdog.cli import cli\n"
        "with contextlib.suppress(SystemExit):\n"
        "    cli.main(['--help'], prog_name='watchdog')\n"
        "heavy = {'sqlalchemy', 'alembic', 'apprise', 'pyroute2', 'rich', 'psutil'} & set(sys.modules)\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)\n"
    )
    python = cli.argv()[0].replace("/watchdog", "/python")
    done = subprocess.run([python, "-c", code], env=cli.environ(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "status" in done.stdout


def test_every_command_says_what_it_is_for(cli: Cli) -> None:
    from watchdog.cli import COMMANDS
    from watchdog.cli import cli as group

    for name in COMMANDS:
        command = group.get_command(None, name)  # type: ignore[arg-type]
        assert command is not None
        assert command.help, name
        assert command.name == name


def test_as_root_a_plugin_that_others_may_write_is_refused_before_it_is_run(cli: Cli) -> None:
    need(None if os.geteuid() == 0 else "root, which alone is refused what others can write")
    mark = cli.folder / "ran"
    module = cli.plugin("loose", f"open({str(mark)!r}, 'w').close()")
    module.chmod(0o666)
    done = cli("run")
    assert done.code == 3
    assert f"{module}: expected a file that only root can write" in done.err
    assert not mark.exists()


@pytest.mark.parametrize(
    ("fault", "last"),
    [
        pytest.param("lamp.out", "could heal  nothing here by itself: it takes a person", id="nobody"),
        pytest.param(
            "bond.member_down", "could heal  bond_raise_member: set a bond member that is", id="somebody"
        ),
    ],
)
def test_explain_says_who_could_heal(cli: Cli, lamp: Lamp, fault: str, last: str) -> None:
    explained = cli("explain", fault)
    assert explained.code == 0
    assert explained.out.splitlines()[-1].strip().startswith(last)
