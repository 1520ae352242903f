"""`watchdog install`: what it puts in place, what it refuses to touch, and that it takes exactly that away."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.command import WATCHDOG, Cli
from tests.needs import need

DAEMON = {
    "etc/sysusers.d/host-watchdog.conf",
    "etc/tmpfiles.d/host-watchdog.conf",
    "etc/systemd/system/host-watchdog.service",
    "etc/systemd/system/host-watchdog-heal.socket",
    "etc/systemd/system/host-watchdog-heal.service",
}
TIMER = {"etc/systemd/system/host-watchdog-run.service", "etc/systemd/system/host-watchdog-run.timer"}
CRON = {"etc/cron.d/host-watchdog"}
WEEKLY = {
    "etc/systemd/system/host-watchdog-report@7d.service",
    "etc/systemd/system/host-watchdog-report@7d.timer",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    image = tmp_path / "image"
    image.mkdir()
    return image


def tree(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("variant", "files"),
    [
        pytest.param("--daemon", DAEMON, id="daemon"),
        pytest.param("--timer", TIMER, id="timer"),
        pytest.param("--cron", CRON, id="cron"),
        pytest.param("--report=weekly", WEEKLY, id="weekly-report"),
    ],
)
def test_puts_the_files_there_once_and_takes_exactly_them_away(
    cli: Cli, root: Path, variant: str, files: set[str]
) -> None:
    own = root / "etc/systemd/system/my.service"
    own.parent.mkdir(parents=True)
    own.write_text("[Service]\n")
    first = cli("install", variant, "--root", str(root))
    assert (first.code, first.err) == (0, "")
    put = tree(root)
    assert set(put) - {"etc/systemd/system/my.service"} == files
    assert all((root / path).stat().st_mode & 0o777 == 0o644 for path in files)
    assert all(f"wrote  /{path}" in first.out for path in files)

    again = cli("install", variant, "--root", str(root))
    assert (again.code, tree(root)) == (0, put)
    assert all(f"as it is  /{path}" in again.out for path in files)

    removed = cli("install", "--remove", "--root", str(root))
    assert (removed.code, set(tree(root))) == (0, {"etc/systemd/system/my.service"})
    assert all(f"removed  /{path}" in removed.out for path in files)
    assert "nothing of ours" in cli("install", "--remove", "--root", str(root)).out


def test_what_was_put_there_is_what_print_shows_and_systemd_takes_it(cli: Cli, root: Path) -> None:
    shown = cli("install", "--daemon", "--print")
    assert shown.code == 0
    assert cli("install", "--daemon", "--root", str(root)).code == 0
    for path, content in tree(root).items():
        assert f"==> /{path} <==\n{content.decode()}".rstrip("\n") in shown.out
    analyze = shutil.which("systemd-analyze")
    need(None if analyze else "systemd-analyze (package systemd)")
    units = [str(root / path) for path in DAEMON if "/system/" in path]
    run = subprocess.run([str(analyze), "verify", *units], capture_output=True, text=True, check=False)
    # The program is this very one, so systemd finds it.
    assert (run.returncode, [one for one in run.stderr.splitlines() if "host-watchdog" in one]) == (0, [])


def test_a_file_that_somebody_changed_is_left_alone_and_nothing_else_is_written(cli: Cli, root: Path) -> None:
    assert cli("install", "--timer", "--root", str(root)).code == 0
    service, timer = sorted(root / path for path in TIMER)
    service.write_text(service.read_text() + "Nice=19\n")
    timer.unlink()
    before = tree(root)
    refused = cli("install", "--timer", "--root", str(root))
    assert (refused.code, tree(root)) == (3, before)
    assert "host-watchdog-run.service is ours, changed by somebody. Nothing was written" in refused.err
    left = cli("install", "--remove", "--root", str(root))
    assert (left.code, tree(root)) == (3, before)
    assert "changed by somebody: left alone" in left.err


def test_one_that_an_older_watchdog_wrote_is_renewed(cli: Cli, root: Path) -> None:
    from watchdog.cli.shipped import seal

    job = root / "etc/cron.d/host-watchdog"
    job.parent.mkdir(parents=True)
    job.write_text(seal("*/5 * * * * root /opt/old/watchdog run\n"))
    ended = cli("install", "--cron", "--root", str(root))
    assert (ended.code, ended.err) == (0, "")
    assert "renewed  /etc/cron.d/host-watchdog" in ended.out
    assert str(WATCHDOG) in job.read_text()


def test_a_masked_unit_stays_masked(cli: Cli, root: Path) -> None:
    unit = root / "etc/systemd/system/host-watchdog-run.timer"
    unit.parent.mkdir(parents=True)
    unit.symlink_to("/dev/null")
    refused = cli("install", "--timer", "--root", str(root))
    assert refused.code == 3
    assert "is a link (a masked unit?)" in refused.err
    assert unit.readlink() == Path("/dev/null")
    assert not (root / "etc/systemd/system/host-watchdog-run.service").exists()


def test_one_way_of_running_is_enough(cli: Cli, root: Path) -> None:
    assert cli("install", "--cron", "--root", str(root)).code == 0
    refused = cli("install", "--daemon", "--root", str(root))
    assert (refused.code, set(tree(root))) == (3, CRON)
    assert "first: watchdog install --remove --cron" in refused.err


def test_what_is_enabled_is_disabled_first(cli: Cli, root: Path) -> None:
    assert cli("install", "--timer", "--root", str(root)).code == 0
    wants = root / "etc/systemd/system/timers.target.wants/host-watchdog-run.timer"
    wants.parent.mkdir()
    wants.symlink_to("/etc/systemd/system/host-watchdog-run.timer")
    refused = cli("install", "--remove", "--root", str(root))
    assert refused.code == 3
    assert "first: systemctl disable --now host-watchdog-run.timer" in refused.err
    assert set(tree(root)) >= TIMER
    wants.unlink()
    assert cli("install", "--remove", "--root", str(root)).code == 0


@pytest.mark.parametrize(
    ("marks", "files"),
    [
        pytest.param("usr/lib/systemd/systemd", DAEMON, id="an-image-with-systemd"),
        pytest.param("etc/os-release", CRON, id="an-image-without"),
    ],
)
def test_without_a_variant_it_takes_what_fits(cli: Cli, root: Path, marks: str, files: set[str]) -> None:
    mark = root / marks
    mark.parent.mkdir(parents=True)
    mark.touch()
    assert cli("install", "--root", str(root)).code == 0
    assert set(tree(root)) == files | {marks}


def test_the_settings_it_was_given_are_kept(cli: Cli, root: Path) -> None:
    settings = cli.folder / "own.toml"
    settings.touch()
    assert cli("--config", str(settings), "install", "--cron", "--root", str(root)).code == 0
    assert f"root {WATCHDOG} --config {settings} run" in (root / "etc/cron.d/host-watchdog").read_text()


def test_a_path_that_a_unit_would_not_take_literally_is_refused(cli: Cli, root: Path) -> None:
    refused = cli("--config", "/srv/100%/w.toml", "install", "--timer", "--root", str(root))
    assert (refused.code, tree(root)) == (3, {})
    assert "put it elsewhere" in refused.err


def test_the_report_goes_beside_whatever_looks_and_systemd_takes_its_units(cli: Cli, root: Path) -> None:
    for words in (["--timer"], ["--report", "monthly"], ["--report", "weekly"]):
        assert cli("install", *words, "--root", str(root)).code == 0
    analyze = shutil.which("systemd-analyze")
    need(None if analyze else "systemd-analyze (package systemd)")
    units = [str(path) for path in (root / "etc/systemd/system").iterdir() if "report" in path.name]
    assert len(units) == 4
    run = subprocess.run([str(analyze), "verify", *units], capture_output=True, text=True, check=False)
    assert (run.returncode, [one for one in run.stderr.splitlines() if "host-watchdog" in one]) == (0, [])
    removed = cli("install", "--remove", "--report", "weekly", "--root", str(root))
    assert removed.code == 0
    assert sorted(path.name for path in (root / "etc/systemd/system").iterdir()) == [
        "host-watchdog-report@31d.service",
        "host-watchdog-report@31d.timer",
        "host-watchdog-run.service",
        "host-watchdog-run.timer",
    ]
