"""A history that fails while a cycle is under way costs what it was needed for, never what the checks say."""

import sqlite3
from collections.abc import Callable

from tests.cli.command import Cli

Lamp = Callable[[str], None]

RELIGHT = """
from watchdog.plugin import *
REMEDIATION = Remediation(name="relight", title="t", heals=("lamp.out",), settings=RemediationSettings,
                          plan=lambda host, finding, settings: Plan(summary="", steps=()))
"""


def leave_attempt(cli: Cli, plan: str, *, step: str | None = None) -> None:
    """Leave what a crash leaves of an attempt at healing the first incident, with a step that was done."""
    with sqlite3.connect(cli.history) as raw:
        raw.execute(
            "INSERT INTO attempts (incident_id, remediation, mode, outcome, reason, plan,"
            " started_boot, started_boottime_ns, started_wall_ns)"
            " VALUES (1, 'relight', 'propose', 'running', '', ?, 1, 1, 1)",
            [plan],
        )
        if step:
            raw.execute(
                "INSERT INTO journal (attempt_id, seq, step, state, output, written_boot, written_boottime_ns,"
                " written_wall_ns, changed_boot, changed_boottime_ns, changed_wall_ns)"
                " VALUES (1, 0, ?, 'done', '', 1, 1, 1, 1, 1, 1)",
                [step],
            )
    raw.close()


def test_an_attempt_of_a_newer_program_does_not_keep_the_checks_from_running(cli: Cli, lamp: Lamp) -> None:
    lamp("attic")
    cli("run", "lamp")
    leave_attempt(cli, '{"summary": "", "steps": [{"step": "FromTheFuture"}]}')
    lamp("cellar")
    done = cli("run", "lamp")
    assert done.code == 2
    assert "lamp cellar is out" in done.out
    assert done.err.endswith("then use that one; nothing is recorded this time\n")
    assert len(done.err.splitlines()) == 1
    assert [i["subject"] for i in cli("incidents", "--json").json] == ["attic"]


def test_an_attempt_whose_check_is_gone_does_not_keep_the_others_from_running(cli: Cli, lamp: Lamp) -> None:
    lamp("attic")
    cli("run", "lamp")
    announced = '{"step": "AnnounceAddress", "interface": "lo", "address": "127.0.0.1"}'
    leave_attempt(cli, '{"summary": "", "steps": []}', step=announced)
    del cli.environment["PYTHONPATH"]
    done = cli("run", "clock_step")
    assert (done.code, done.err) == (0, "")
    (incident,) = cli("incidents", "--json", "--all").json
    (attempt,) = incident["attempts"]
    assert (attempt["outcome"], attempt["reason"]) == (
        "rolled_back",
        (
            "interrupted before it was verified: no check knows lamp.out any more; "
            "nothing takes back: arping -U -c 3 -I lo 127.0.0.1"
        ),
    )


def test_a_history_that_fails_after_the_record_costs_only_what_came_after(cli: Cli, lamp: Lamp) -> None:
    lamp("attic")
    cli("run", "lamp")
    with sqlite3.connect(cli.history) as raw:
        raw.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON attempts BEGIN SELECT RAISE(FAIL, 'no more room'); END"
        )
    raw.close()
    cli.plugin("relight", RELIGHT)
    done = cli("run")
    assert done.code == 2
    assert "lamp attic is out" in done.out
    assert done.err.startswith(
        "watchdog: what was found is recorded, but what could heal it or who was told is not: "
    )
    assert "no more room" in done.err
