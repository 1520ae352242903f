"""`watchdog config show` and `config check`, as a person runs them."""

import json
import os
import tomllib
from pathlib import Path

import pytest

from tests.cli.command import Cli
from watchdog import files

SLACK = """
    [notify.targets.ops]
    url = "slack://T0KEN"
    [[notify.routes]]
    to = ["ops"]
"""


def test_show_says_where_the_settings_come_from(cli: Cli) -> None:
    ended = cli("--config", str(a_file(cli.folder, "")), "config", "show")
    assert ended.code == 0
    assert ended.out.startswith(f"# Every setting in force: {cli.folder / 'named.toml'} (SHA-256 e3b0c442")
    assert tomllib.loads(ended.out)["checks"]["bond"]["every"] == "1m"


def test_show_is_what_check_accepts(cli: Cli) -> None:
    cli.settings('[checks.bond]\nevery = "5m"\n[faults."bond.single_member"]\nenabled = false\n')
    shown = cli("config", "show").out
    path = a_file(cli.folder, shown)
    assert (checked := cli("config", "check", str(path))).out == f"ok: {path}\n"
    assert (checked.code, checked.err) == (0, "")


def test_show_json(cli: Cli) -> None:
    cli.settings('[checks.bond]\nevery = "5m"\n')
    shown = cli("config", "show", "--json").json
    assert shown["source"] == cli.environment["WATCHDOG_CONFIG"]
    assert shown["settings"]["checks"]["bond"]["every"] == "5m"


def test_secrets_are_masked(cli: Cli) -> None:
    cli.settings(SLACK)
    text, as_json = cli("config", "show"), cli("config", "show", "--json")
    assert "T0KEN" not in text.out + text.err + as_json.out + as_json.err
    assert "# Secrets are shown as ***" in text.out
    assert json.loads(as_json.out)["settings"]["notify"]["targets"]["ops"]["url"] == "***"


def test_check_names_every_problem_and_exits_3(cli: Cli) -> None:
    path = a_file(cli.folder, '[checks.bnd]\n[checks.clock_step]\nevery = "0s"\n[hstory]\n')
    ended = cli("config", "check", str(path))
    assert (ended.code, ended.out) == (3, "")
    assert [line.partition(": expected ")[0] for line in ended.err.splitlines()] == [
        f"watchdog: {path}: {key}" for key in ("hstory", "checks.bnd", "checks.clock_step.every")
    ]


def test_check_without_a_file_checks_the_settings_in_force(cli: Cli) -> None:
    cli.settings("[checks.bnd]\n")
    ended = cli("config", "check")
    assert ended.code == 3
    assert "(did you mean 'bond'?)" in ended.err


def test_check_tells_warnings_and_is_content(cli: Cli) -> None:
    cli.settings('[notify.targets.ops]\nurl_env = "OPS"\n')
    ended = cli("config", "check")
    assert (ended.code, ended.out) == (0, f"ok: {cli.folder / 'watchdog.toml'}\n")
    assert ended.err.endswith("no route in [[notify.routes]] leads here, so nothing will be sent\n")


def test_a_file_that_is_named_must_exist(cli: Cli) -> None:
    ended = cli("--config", "/nonexistent/watchdog.toml", "config", "show")
    assert (ended.code, ended.out) == (3, "")
    assert ended.err == (
        "watchdog: /nonexistent/watchdog.toml: expected the configuration file that --config names, "
        "found no such file\n"
    )


def test_check_says_which_url_cannot_be_had(cli: Cli) -> None:
    there, away = cli.folder / "there.url", cli.folder / "away.url"
    there.touch(mode=0o600)
    there.write_text("json://127.0.0.1/")
    tables = "".join(f'[notify.targets.{one.stem}]\nurl_file = "{one}"\n' for one in (there, away))
    cli.settings(f'{tables}[[notify.routes]]\nto = ["there", "away"]\n[notify.ping]\nurl_file = "{away}"\n')
    ended = cli("config", "check")
    assert ended.code == 0
    found = "on one line, found no such file or directory"
    assert ended.err.splitlines() == [
        f"watchdog: nothing can be sent: {away}: expected the URL of notification target 'away' {found}",
        f"watchdog: nothing can be sent: {away}: expected the URL of notify.ping {found}",
    ]


def test_check_says_which_url_apprise_cannot_read_and_shows_none_of_it(cli: Cli) -> None:
    """A password with an @ in it, a webhook of which a part is missing, a service that is none."""
    file = cli.folder / "slack.url"
    file.touch(mode=0o600)
    file.write_text("slack://watchdog@T0KEN")
    cli.settings(
        f'[notify.targets.slack]\nurl_file = "{file}"\n'
        '[notify.targets.none]\nurl = "nosuchT0KEN://T0KEN"\n'
        '[notify.targets.ops]\nurl = "json://u:T0KEN@127.0.0.1/"\n'
        '[notify.targets.away]\nurl_env = "NOT_HERE"\n'
    )
    ended = cli("config", "check")
    assert (ended.code, ended.out) == (3, "")
    wanted = "expected a URL that apprise can read, written as in its wiki, and @ in a password as %40"
    source = cli.folder / "watchdog.toml"
    problems = [line for line in ended.err.splitlines() if "apprise" in line]
    assert problems == [
        f"watchdog: {source}: notify.targets.{key}: {wanted}, found one that it cannot read"
        for key in ("slack.url_file", "none.url")
    ]
    assert "T0KEN" not in ended.err
    cli.settings('[notify.targets.ops]\nurl = "json://u:T0KEN@127.0.0.1/"\n')
    assert cli("config", "check").code == 0


@pytest.mark.parametrize(
    ("mode", "owner", "group", "closed"),
    [
        pytest.param(0o600, 0, 0, True, id="roots-alone"),
        pytest.param(0o640, 0, 0, True, id="roots-group"),
        pytest.param(0o640, 0, 77, False, id="the-daemons-group"),
        pytest.param(0o600, 0, 77, True, id="the-daemons-group-may-not"),
        pytest.param(0o644, 0, 0, False, id="everybodys"),
        pytest.param(0o600, 1000, 0, False, id="of-somebody-who-runs-it-alone"),
    ],
)
def test_what_is_kept_from_the_daemon(
    monkeypatch: pytest.MonkeyPatch, mode: int, owner: int, group: int, closed: bool
) -> None:
    monkeypatch.setattr(files, "_own_groups", lambda: {0, 77})
    status = os.stat_result((mode, 0, 0, 1, owner, group, 0, 0, 0, 0))
    assert files.closed_to_daemon(status) is closed
    monkeypatch.setattr(files, "_own_groups", lambda: {0})
    assert not files.closed_to_daemon(status), "there is no daemon on this host"


def a_file(folder: Path, text: str) -> Path:
    path = folder / "named.toml"
    path.write_text(text)
    path.chmod(0o600)
    return path


def test_check_says_what_nobody_would_be_told_of(cli: Cli) -> None:
    route = '[notify.targets.ops]\nurl_env = "OPS"\n[[notify.routes]]\nto = ["ops"]\n'
    path = a_file(cli.folder, route)
    assert cli("config", "check", str(path)).err == ""
    path.write_text(f'{route}faults = ["bond.*"]\n')
    ended = cli("config", "check", str(path))
    assert ended.code == 0
    assert "clock_step.backward, " in ended.err
    assert "bond." not in ended.err
    assert ended.err.endswith("more: no route in [[notify.routes]] takes it on this host\n")
    path.write_text(f'{route}hosts = ["no-such-host"]\n')
    assert "nothing will be told of watchdog." in cli("config", "check", str(path)).err
