"""Who looks at this host, and what to do when nothing did: by what is installed, and what the daemon says."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from watchdog.cli.app import App
from watchdog.cli.keeping import Keeping, advise, describe, missing_daemon, read_keeping
from watchdog.cli.shipped import Variant
from watchdog.cli.status import command as status
from watchdog.daemon.door import DaemonState
from watchdog.daemon.visiting import DaemonSeen
from watchdog.errors import HistoryError
from watchdog.host import Host
from watchdog.model import Stamp

# The wall clock was set back by an hour since the daemon began: only eyes may go by it.
BEGAN = Stamp(boot_id="b", boottime_ns=1000 * 10**9, wall_ns=7200 * 10**9)
NOW = Stamp(boot_id="b", boottime_ns=1600 * 10**9, wall_ns=4200 * 10**9)
GONE, UNASKED = DaemonSeen(runs=False), DaemonSeen(runs=None)


def seen(**changes: object) -> DaemonSeen:
    fields = {"began": BEGAN, "checks": 3, "next_look_ns": 1612 * 10**9, **changes}
    return DaemonSeen(runs=True, state=DaemonState(**fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("keeping", "said"),
    [
        pytest.param(
            Keeping(daemon=seen()),
            "the daemon has watched for 10 min (since 1970-01-01 02:00:00 UTC); next look in 12.0 s",
            id="watches",
        ),
        pytest.param(
            Keeping(daemon=seen(next_look_ns=1599 * 10**9, hanging=("a", "b"))),
            "the daemon has watched for 10 min (since 1970-01-01 02:00:00 UTC); next look in 0 ms; hanging: a, b",
            id="is-about-to-look-and-some-hang",
        ),
        pytest.param(
            Keeping(daemon=seen(lent=True)),
            "the daemon has watched for 10 min (since 1970-01-01 02:00:00 UTC);"
            " another command has its history, then it looks on",
            id="lent",
        ),
        pytest.param(
            Keeping(daemon=GONE, variant=Variant.TIMER, enabled=True),
            "looked at every minute, by host-watchdog-run.timer",
            id="timer",
        ),
        pytest.param(
            Keeping(daemon=GONE, variant=Variant.CRON),
            "looked at every minute, by cron (/etc/cron.d/host-watchdog)",
            id="cron",
        ),
        pytest.param(
            Keeping(daemon=UNASKED, variant=Variant.DAEMON, enabled=True),
            "looked at by the daemon (host-watchdog.service)",
            id="a-daemon-that-is-not-for-us-to-ask",
        ),
        pytest.param(Keeping(daemon=GONE), "", id="who-knows"),
    ],
)
def test_who_looks(keeping: Keeping, said: str) -> None:
    assert describe(keeping, NOW) == said


@pytest.mark.parametrize(
    ("keeping", "advice", "missing"),
    [
        pytest.param(
            Keeping(daemon=GONE, variant=Variant.DAEMON, enabled=True),
            "the daemon is not running; systemctl status host-watchdog",
            True,
            id="daemon-ended",
        ),
        pytest.param(
            Keeping(daemon=GONE, variant=Variant.DAEMON),
            "the daemon is in place and not switched on; systemctl enable --now host-watchdog-heal.socket"
            " host-watchdog.service",
            True,
            id="daemon-not-switched-on",
        ),
        pytest.param(
            Keeping(daemon=UNASKED, variant=Variant.DAEMON, enabled=True),
            "does the daemon run? systemctl status host-watchdog",
            False,
            id="daemon-that-is-not-for-us-to-ask",
        ),
        pytest.param(
            Keeping(daemon=seen(), variant=Variant.DAEMON, enabled=True),
            "the daemon runs and does not look; journalctl -t watchdog, then systemctl restart host-watchdog",
            False,
            id="daemon-that-does-not-look",
        ),
        pytest.param(
            Keeping(daemon=GONE, variant=Variant.TIMER, enabled=True),
            "the timer does not start it; systemctl status host-watchdog-run.timer host-watchdog-run.service",
            False,
            id="timer",
        ),
        pytest.param(
            Keeping(daemon=GONE, variant=Variant.TIMER),
            "the timer is in place and not switched on; systemctl enable --now host-watchdog-run.timer",
            False,
            id="timer-not-switched-on",
        ),
        pytest.param(
            Keeping(daemon=GONE, variant=Variant.CRON),
            "cron does not call it (/etc/cron.d/host-watchdog); does cron run? systemctl status cron",
            False,
            id="cron",
        ),
        pytest.param(
            Keeping(daemon=GONE),
            "is `watchdog run` still called (cron, timer), or a daemon started? watchdog install sets that up",
            False,
            id="nothing-in-place",
        ),
    ],
)
def test_what_to_do_when_nothing_has_looked_for_long(keeping: Keeping, advice: str, missing: bool) -> None:
    assert advise(keeping) == advice
    assert missing_daemon(keeping) == (advice if missing else "")


@pytest.mark.parametrize("variant", [one for one in Variant if one.looks])
def test_what_is_installed_is_seen(tmp_path: Path, variant: Variant) -> None:
    app = App(config_path=None, history_path=Path("/var/lib/watchdog/history.db"))
    app.host = Host(root=tmp_path)
    assert read_keeping(app).variant is None
    for path in variant.files:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("")
    assert (read_keeping(app).variant, read_keeping(app).enabled) == (variant, not variant.wanted)
    for link in variant.wanted.values():
        (tmp_path / link).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / link).symlink_to("/nowhere/on/this/machine")
    assert read_keeping(app).enabled
    another = App(config_path=None, history_path=tmp_path / "history.db")
    another.host = app.host
    assert read_keeping(another).variant is None, "what is installed does not look for this history"


def test_status_says_so_before_there_is_any_history(tmp_path: Path) -> None:
    settings = tmp_path / "watchdog.toml"
    settings.write_text(f'[history]\npath = "{tmp_path}/history.db"\n')
    settings.chmod(0o600)
    app = App(config_path=settings, history_path=None)
    app.host = Host(root=tmp_path)
    (tmp_path / "proc/sys/kernel/random").mkdir(parents=True)
    (tmp_path / "proc/sys/kernel/random/boot_id").write_text("b\n")
    with pytest.raises(HistoryError, match=r"begins one$"):
        CliRunner().invoke(status, obj=app, catch_exceptions=False)
    cron = tmp_path / "etc/cron.d/host-watchdog"
    cron.parent.mkdir(parents=True)
    cron.write_text("")
    with pytest.raises(HistoryError, match=r"begins one; cron does not call it .*systemctl status cron$"):
        CliRunner().invoke(status, obj=app, catch_exceptions=False)


def test_what_sends_the_report_keeps_nobody_looking(tmp_path: Path) -> None:
    app = App(config_path=None, history_path=Path("/var/lib/watchdog/history.db"))
    app.host = Host(root=tmp_path)
    for path in (*Variant.WEEKLY.files, *Variant.MONTHLY.files):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("")
    assert read_keeping(app).variant is None
