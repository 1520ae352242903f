"""What config/ ships: the documented settings are the real ones, the examples load, the units are sound."""

import configparser
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import msgspec
import pytest

from tests.needs import MISSING
from watchdog import config, registry, selfwatch

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


EXAMPLES_ONLY = {"healing.first", "notify.targets", "notify.routes", "history.path"}


def every_setting() -> list[str]:
    kinds = {f"checks.{name}": check.settings for name, check in PLUGINS.checks.items()}
    kinds |= {f"remediations.{name}": one.settings for name, one in PLUGINS.remediations.items()}
    kinds |= {
        "healing": config.HealingSettings,
        "notify": config.NotifySettings,
        "history": config.HistorySettings,
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
    assert [route.to for route in loaded.routes] == [("ops",), ("on-call",)]
    assert loaded.warnings == ()
    assert not loaded.faults["bond.single_member"].enabled


@pytest.mark.parametrize("path", sorted((SHIPPED / "examples").glob("*.toml")), ids=lambda path: path.name)
def test_the_example_files_load(tmp_path: Path, path: Path) -> None:
    loaded = load_text(tmp_path, path.read_text())
    assert loaded.routes
    assert loaded.warnings == ()


UNITS = ("host-watchdog.service", "host-watchdog.timer")


@pytest.mark.skipif(
    not shutil.which("systemd-analyze"),
    reason=f"{MISSING}systemd-analyze; it comes with systemd",
)
def test_systemd_finds_no_fault_with_the_units(tmp_path: Path) -> None:
    """The program itself need not be installed where the tests run, so another stands in for it."""
    for name in UNITS:
        text = (SHIPPED / "systemd" / name).read_text()
        (tmp_path / name).write_text(text.replace("/opt/host-watchdog/bin/watchdog", "/bin/true"))
    verify = ["systemd-analyze", "verify", *(str(tmp_path / name) for name in UNITS)]
    run = subprocess.run(verify, capture_output=True, text=True, check=False)
    complaints = [line for line in (run.stdout + run.stderr).splitlines() if "host-watchdog" in line]
    assert (run.returncode, complaints) == (0, [])


def read_unit(name: str) -> configparser.ConfigParser:
    unit = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string((SHIPPED / "systemd" / name).read_text())
    return unit


def test_a_run_that_found_something_is_no_failed_unit() -> None:
    service = read_unit("host-watchdog.service")["Service"]
    assert (service["Type"], service["SuccessExitStatus"]) == ("oneshot", "1 2 3")


def test_the_service_cannot_step_a_clock_and_can_read_it() -> None:
    service = read_unit("host-watchdog.service")["Service"]
    assert "CAP_SYS_TIME" not in service["CapabilityBoundingSet"].split()
    assert "ProtectClock" not in service


def test_the_timer_does_not_go_by_the_wall_clock() -> None:
    timer = read_unit("host-watchdog.timer")["Timer"]
    assert "OnCalendar" not in timer
    assert (timer["OnUnitActiveSec"], timer["Persistent"]) == ("1min", "false")


def test_cron_the_service_and_the_readme_call_the_same_program() -> None:
    program = "/opt/host-watchdog/bin/watchdog"
    (job,) = [line for line in (SHIPPED / "cron.d" / "host-watchdog").read_text().splitlines() if line[0] == "*"]
    assert job.split()[:8] == ["*"] * 5 + ["root", program, "run"]
    assert read_unit("host-watchdog.service")["Service"]["ExecStart"] == f"{program} run"
    assert program in (SHIPPED.parent / "README.md").read_text()
