"""`watchdog notify`: what waits, what a drain did, and a target that is dead."""

import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest

from tests.cli.command import Cli
from tests.notify.web import Target, unused_port

Lamp = Callable[[str], None]


def within(seconds: float, so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


ROUTE = '[[notify.routes]]\nto = ["ops", "dead"]\n'


@pytest.fixture
def server() -> Iterator[Target]:
    server = Target(200)
    yield server
    server.close()


def targets(cli: Cli, server: Target, dead: str, more: str = "") -> None:
    urls = {"ops": f"json://127.0.0.1:{server.server_port}/", "dead": dead}
    tables = "".join(f'[notify.targets.{name}]\nurl = "{url}"\n' for name, url in urls.items())
    cli.settings(f"{more}\n{tables}{ROUTE}")
    cli.environment["NO_PROXY"] = "*"


def said(server: Target) -> list[str]:
    return [f"{one['title']} {one['message']}" for one in server.received]


def test_what_waits_is_listed_with_the_reason(cli: Cli, lamp: Lamp, server: Target) -> None:
    targets(cli, server, f"json://127.0.0.1:{unused_port()}/pLaNt3d")
    lamp("kitchen")
    assert cli("run", "lamp").code == 2
    assert len(server.received) == 1
    listed = cli("notify")
    assert "dead could not be reached" in " ".join(listed.out.split())
    (one,) = cli("notify", "--json").json["waiting"]
    assert (one["target"], one["attempts"], one["waits_seconds"] > 0) == ("dead", 1, True)
    drained = cli("notify", "drain")
    assert (drained.code, drained.out.startswith("dead: 1 waits, the next in ")) == (0, True)
    assert not any("pLaNt3d" in text for text in (listed.out, listed.err, drained.out))


def test_messages_for_a_target_that_these_settings_do_not_know_wait_for_those_that_do(
    cli: Cli, lamp: Lamp, server: Target
) -> None:
    """Somebody tried other settings against the same history, or a target was renamed."""
    away = unused_port()
    targets(cli, server, f"json://127.0.0.1:{away}/")
    lamp("kitchen")
    cli("run", "lamp")
    later = Target(200, port=away)
    with sqlite3.connect(cli.history) as record:  # its retry is due
        record.execute("UPDATE outbox SET next_boot = NULL, next_boottime_ns = NULL")
        record.execute("UPDATE targets SET next_boot = NULL, next_boottime_ns = NULL")
    cli.settings(f'[notify.targets.new]\nurl = "json://127.0.0.1:{server.server_port}/"\n')
    assert cli("run", "lamp").code == 2
    drained = cli("notify", "drain")
    said = "1 waits: the settings have no target of this name"
    assert (drained.code, drained.out) == (0, f"dead: {said}\n")
    assert "the settings have no target of this name" in " ".join(cli("notify").out.split())
    (one,) = cli("notify", "--json").json["waiting"]
    assert (one["target"], one["target_known"]) == ("dead", False)
    assert "dead could not be reached" in one["last_error"]
    targets(cli, server, f"json://127.0.0.1:{away}/")
    drained = cli("notify", "drain")
    assert (drained.code, drained.out, len(later.received)) == (0, "dead: 1 sent\n", 1)
    later.close()


def test_who_has_just_mended_the_server_need_not_wait_for_the_next_try(
    cli: Cli, lamp: Lamp, server: Target
) -> None:
    port = unused_port()
    targets(cli, server, f"json://127.0.0.1:{port}/")
    lamp("kitchen")
    cli("run", "lamp")
    with sqlite3.connect(cli.history) as record:  # as after a day without it
        hour = 3600 * 10**9
        for table in ("outbox", "targets"):
            record.execute(f"UPDATE {table} SET next_boottime_ns = next_boottime_ns + {hour}")  # noqa: S608
    mended = Target(200, port=port)
    assert cli("notify", "drain").out.startswith("dead: 1 waits, the next in ")
    drained = cli("notify", "drain", "--now")
    assert (drained.code, drained.out, len(mended.received)) == (0, "dead: 1 sent\n", 1)
    mended.close()


def test_a_target_that_refuses_for_good_is_an_incident_told_through_the_other(
    cli: Cli, lamp: Lamp, server: Target
) -> None:
    targets(cli, server, "nosuch://pLaNt3d")
    lamp("kitchen")
    assert cli("run", "lamp").code == 2
    assert cli("notify").out == "nothing waits to be sent\n"
    cli("run", "lamp")
    (incident,) = [one for one in cli("incidents", "--json").json if one["fault"] == "watchdog.target_dead"]
    assert (incident["subject"], incident["state"]) == ("dead", "firing")
    assert "watchdog.target_dead" in said(server)[-1]
    assert len(server.received) == 2
    # It takes messages again: the incident ends, and who was told of it hears of that.
    dead = Target(200)
    targets(cli, server, f"json://127.0.0.1:{dead.server_port}/")
    lamp("kitchen attic")
    cli("run", "lamp")
    cli("run", "lamp")
    assert not [one for one in cli("incidents", "--json").json if one["fault"] == "watchdog.target_dead"]
    assert any("[recovered]" in text and "takes no messages (dead)" in text for text in said(server))
    assert said(dead)
    assert not any("takes no messages" in text for text in said(dead))
    dead.close()


def test_who_is_told_to_end_marks_what_is_known_and_leaves_nobody_behind(
    cli: Cli, lamp: Lamp, server: Target
) -> None:
    hanging = Target("hang")
    targets(cli, server, f"json://127.0.0.1:{hanging.server_port}/?rto=60")
    lamp("kitchen")
    run = subprocess.Popen(
        cli.argv("run", "lamp"), env=cli.environ(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    within(30, lambda: len(server.received) == 1 and len(hanging.received) == 1)
    within(30, lambda: len(cli("notify", "--json").json["waiting"]) == 1)  # what was taken is marked as well
    run.send_signal(signal.SIGTERM)
    run.communicate(timeout=30)
    (one,) = cli("notify", "--json").json["waiting"]
    assert (one["target"], one["attempts"]) == ("dead", 1)
    hanging.close()


def test_a_storm_of_a_thousand_faults_is_ten_messages_and_all_of_it_is_in_the_report(
    cli: Cli, lamp: Lamp, server: Target
) -> None:
    targets(cli, server, "json://127.0.0.1:9/", "[notify]\ndrain_limit = '60s'")
    lamp(" ".join(f"lamp{n}" for n in range(1000)))
    assert cli("run", "lamp", timeout=240).code == 2
    assert len(server.received) == 10
    assert any("991 messages at once" in text for text in said(server))
    report = cli("report", "--since", "1h", "--format", "json").json
    assert len({one["subject"] for one in report["incidents"] if one["fault"] == "lamp.out"}) == 1000
    assert report["notifications"]["sent"] == 10


def test_settings_in_force_are_on_record(cli: Cli, lamp: Lamp, server: Target) -> None:
    lamp("")
    for most in (3, 3, 4):
        targets(cli, server, "json://127.0.0.1:9/", f"[notify]\nmost_at_once = {most}")
        cli("run", "lamp")
    with sqlite3.connect(cli.history) as record:
        assert record.execute("SELECT count(*), count(DISTINCT sha256) FROM configurations").fetchone() == (2, 2)
