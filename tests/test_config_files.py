"""What config/ ships: the documented settings are the real ones, the examples load, the units are sound."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import msgspec
import pytest

from tests.needs import need
from watchdog import config, files, notify_settings, registry, selfwatch
from watchdog.cli import hands
from watchdog.privileged import messages

SHIPPED = Path(__file__).parents[1] / "config"
DOCUMENTED = (SHIPPED / "watchdog.toml").read_text()
DEFAULT = re.compile(r"^#(?=[^\s#])", re.MULTILINE)
EXAMPLE = re.compile(r"^#     (\S.*)$", re.MULTILINE)
PLUGINS = registry.load(selfwatch.FAULTS)


def load_text(folder: Path, text: str) -> config.Config:
    path = folder / "watchdog.toml"
    path.write_text(text)
    path.chmod(0o600)
    return config.load(path, PLUGINS)


def test_the_documented_file_changes_nothing_as_it_is(tmp_path: Path) -> None:
    assert tomllib.loads(DOCUMENTED) == {}
    assert load_text(tmp_path, DOCUMENTED).tables() == config.load(None, PLUGINS).tables()


def test_uncommenting_it_gives_exactly_the_defaults(tmp_path: Path) -> None:
    uncommented = load_text(tmp_path, DEFAULT.sub("", DOCUMENTED))
    assert uncommented.tables() == config.load(None, PLUGINS).tables()


EXAMPLES_ONLY = {
    "healing.first",
    "notify.targets",
    "notify.routes",
    "notify.templates",
    "notify.ping",
    "notify.quiet",
    "history.path",
    "metrics.textfile",
}


def every_setting() -> list[str]:
    kinds = {f"checks.{name}": check.settings for name, check in PLUGINS.checks.items()}
    kinds |= {f"remediations.{name}": one.settings for name, one in PLUGINS.remediations.items()}
    kinds |= {
        "healing": config.HealingSettings,
        "notify": notify_settings.NotifySettings,
        "history": config.HistorySettings,
        "metrics": config.MetricsSettings,
        "report": config.ReportSettings,
        "host": config.HostSettings,
    }
    return [
        f"{table}.{field.encode_name}" for table, kind in kinds.items() for field in msgspec.structs.fields(kind)
    ]


@pytest.mark.parametrize("setting", every_setting())
def test_every_setting_is_documented(setting: str) -> None:
    """Those without a default value cannot be a default line, so they are an example."""
    lines = "\n".join(EXAMPLE.findall(DOCUMENTED)) if setting in EXAMPLES_ONLY else DEFAULT.sub("", DOCUMENTED)
    value: object = tomllib.loads(lines)
    for key in setting.split("."):
        assert isinstance(value, dict)
        assert key in value, f"config/watchdog.toml says nothing of {setting}"
        value = value[key]


def test_its_examples_are_true(tmp_path: Path) -> None:
    loaded = load_text(tmp_path, "\n".join(EXAMPLE.findall(DOCUMENTED)))
    assert [route.to for route in loaded.notify.routes] == [("ops",), ("on-call", "ticket")]
    assert loaded.warnings == ()
    assert not loaded.faults["bond.single_member"].enabled


@pytest.mark.parametrize("path", sorted((SHIPPED / "examples").glob("*.toml")), ids=lambda path: path.name)
def test_the_example_files_load(tmp_path: Path, path: Path) -> None:
    loaded = load_text(tmp_path, path.read_text())
    assert loaded.notify.routes
    assert loaded.warnings == ()


UNITS = sorted(path.name for path in (SHIPPED / "systemd").iterdir())
PROGRAM = "/opt/host-watchdog/bin/watchdog"


def tool(name: str) -> str:
    found = shutil.which(name)
    need(None if found else f"{name} (package systemd)")
    return str(found)


def say(*argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def test_systemd_finds_no_fault_with_the_units(tmp_path: Path) -> None:
    """The program itself need not be installed where the tests run, so another stands in for it."""
    for name in UNITS:
        (tmp_path / name).write_text((SHIPPED / "systemd" / name).read_text().replace(PROGRAM, "/bin/true"))
    run = say(tool("systemd-analyze"), "verify", *(str(tmp_path / name) for name in UNITS))
    complaints = [line for line in (run.stdout + run.stderr).splitlines() if "host-watchdog" in line]
    assert (run.returncode, complaints) == (0, [])


@pytest.mark.parametrize(
    ("name", "most"),
    [
        pytest.param("host-watchdog.service", 2.5, id="the-daemon-watches-and-nothing-else"),
        pytest.param("host-watchdog-run.service", 5.5, id="a-run-is-root-and-reads-everything"),
        pytest.param("host-watchdog-heal.service", 7.0, id="healing-is-root-and-writes"),
    ],
)
def test_how_much_a_unit_is_exposed(name: str, most: float) -> None:
    argv = ["security", "--offline=true", "--no-pager", f"--threshold={round(most * 10)}"]
    run = say(tool("systemd-analyze"), *argv, str(SHIPPED / "systemd" / name))
    assert (run.returncode, run.stderr) == (0, ""), run.stdout.splitlines()[-1]


def test_the_daemon_has_a_user_who_reads_logs_and_folders_of_its_own(tmp_path: Path) -> None:
    """The real systemd-sysusers and systemd-tmpfiles make them, below another root."""
    need(None if os.geteuid() == 0 else "root, who alone can make users")
    etc = tmp_path / "etc"
    (etc / "watchdog").mkdir(parents=True)
    (etc / "watchdog/watchdog.toml").touch(0o600)
    users = say(tool("systemd-sysusers"), f"--root={tmp_path}", str(SHIPPED / "sysusers.d" / "host-watchdog.conf"))
    assert users.returncode == 0, users.stderr
    passwd = {one.split(":")[0]: one.split(":") for one in (etc / "passwd").read_text().splitlines()}
    groups = {one.split(":")[0]: one.split(":") for one in (etc / "group").read_text().splitlines()}
    uid, gid = (int(number) for number in passwd["host-watchdog"][2:4])
    assert passwd["host-watchdog"][5:] == ["/var/lib/watchdog", "/usr/sbin/nologin"]
    assert [groups[name][3] for name in ("adm", "systemd-journal")] == ["host-watchdog"] * 2

    made = say(
        tool("systemd-tmpfiles"), f"--root={tmp_path}", "--create", str(SHIPPED / "tmpfiles.d/host-watchdog.conf")
    )
    assert made.returncode == 0, made.stderr

    def who(path: str) -> tuple[int, int, int]:
        status = (tmp_path / path).stat()
        return status.st_uid, status.st_gid, status.st_mode & 0o777

    assert who("var/lib/watchdog") == (uid, gid, 0o750)
    assert who("run/host-watchdog") == (0, 0, 0o755)
    assert who("etc/watchdog") == (0, gid, 0o750)
    assert who("etc/watchdog/watchdog.toml") == (0, gid, 0o640)


def read_unit(name: str) -> dict[str, dict[str, list[str]]]:
    """Return sections, keys and their values; a key may be said several times."""
    unit: dict[str, dict[str, list[str]]] = {}
    section: dict[str, list[str]] = {}
    for line in (SHIPPED / "systemd" / name).read_text().splitlines():
        if line.startswith("["):
            section = unit.setdefault(line.strip("[]"), {})
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            section.setdefault(key, []).append(value)
    return unit


def test_a_run_that_found_something_is_no_failed_unit() -> None:
    service = read_unit("host-watchdog-run.service")["Service"]
    assert (service["Type"], service["SuccessExitStatus"]) == (["oneshot"], ["1 2 3"])


@pytest.mark.parametrize("name", ["host-watchdog.service", "host-watchdog-run.service"])
def test_who_watches_cannot_step_a_clock_and_can_read_it(name: str) -> None:
    service = read_unit(name)["Service"]
    assert "CAP_SYS_TIME" not in service["CapabilityBoundingSet"][0].split()
    assert "ProtectClock" not in service
    filters = service.get("SystemCallFilter", ["adjtimex clock_adjtime"])
    assert filters[-1].split() == ["adjtimex", "clock_adjtime"]


def test_the_daemon_is_another_user_with_two_capabilities() -> None:
    service = read_unit("host-watchdog.service")["Service"]
    assert service["User"] == ["host-watchdog"]
    assert service["AmbientCapabilities"] == service["CapabilityBoundingSet"] == ["CAP_NET_ADMIN CAP_NET_RAW"]


def test_healing_never_sets_a_clock() -> None:
    (bounded,) = read_unit("host-watchdog-heal.service")["Service"]["CapabilityBoundingSet"]
    assert bounded.startswith("~")
    assert "CAP_SYS_TIME" in bounded.removeprefix("~").split()


def test_both_ends_of_healing_mean_the_same_places() -> None:
    assert read_unit("host-watchdog-heal.socket")["Socket"]["ListenStream"] == [str(hands.SOCKET_PATH)]
    (state,) = read_unit("host-watchdog-heal.service")["Service"]["StateDirectory"]
    assert Path("/var/lib", state) == hands.LEDGER_PATH.parent
    assert read_unit("host-watchdog.service")["Service"]["User"] == [hands.USER] == [messages.USER]
    assert read_unit("host-watchdog-heal.socket")["Socket"]["SocketGroup"] == [files.OWN_GROUP]


def test_the_timer_does_not_go_by_the_wall_clock() -> None:
    timer = read_unit("host-watchdog-run.timer")["Timer"]
    assert "OnCalendar" not in timer
    assert (timer["OnUnitActiveSec"], timer["Persistent"]) == (["1min"], ["false"])


def test_cron_and_the_units_call_the_same_program() -> None:
    (job,) = [line for line in (SHIPPED / "cron.d" / "host-watchdog").read_text().splitlines() if line[0] == "*"]
    assert job.split()[:8] == ["*"] * 5 + ["root", PROGRAM, "run"]
    called = {name: read_unit(name)["Service"]["ExecStart"] for name in UNITS if name.endswith(".service")}
    assert called == {
        "host-watchdog.service": [f"{PROGRAM} daemon"],
        "host-watchdog-heal.service": [f"{PROGRAM} actuator"],
        "host-watchdog-run.service": [f"{PROGRAM} run"],
        "host-watchdog-report@.service": [f"{PROGRAM} report --since %i --send-as-set"],
    }
    assert PROGRAM in (SHIPPED.parent / "README.md").read_text()
