"""`watchdog config show` and `config check`, as a person runs them."""

import json
import tomllib
from pathlib import Path

from tests.cli.command import Cli

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
