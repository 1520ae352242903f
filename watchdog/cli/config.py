"""`watchdog config`: the settings in force, and whether a file could be them."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from watchdog.cli.app import App
    from watchdog.config import Config


_MOST_NAMED = 8


@click.group(name="config")
def command() -> None:
    """Show or check the settings."""


@command.command(short_help="Show every setting in force.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@click.pass_obj
def show(app: "App", *, as_json: bool) -> None:
    """Show every setting in force, as a configuration that could be saved."""
    from watchdog.report.page import write_text

    write_text((render_json(app.config) if as_json else render_config(app.config)).rstrip("\n"))


@command.command(short_help="Say what is wrong with a file.")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.pass_obj
def check(app: "App", file: Path | None) -> None:
    """Say what is wrong with FILE (default: the settings in force), a line each; exit 0 or 3."""
    from watchdog import config
    from watchdog.cli.app import complain

    path = file or config.find_path(app.config_path, os.environ)
    loaded = config.load(path, app.plugins)
    app.try_templates(loaded)
    for warning in loaded.warnings:
        complain(warning)
    if untold := loaded.untold(app.host.name(), app.plugins.faults):
        complain(f"nothing will be told of {_some(untold)}: no route in [[notify.routes]] takes it on this host")
    click.echo(
        f"ok: {path}" if path else "ok: there is no configuration file, so the built-in defaults are in force"
    )


def _some(names: tuple[str, ...]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def render_config(config: "Config") -> str:
    """Write the settings as TOML, with where they come from."""
    from watchdog.toml import render_toml

    tables = config.tables()
    head = [_origin(config)]
    ping = config.notify.ping
    if any(target.url for target in config.notify.targets.values()) or (ping and ping.url):
        head.append("Secrets are shown as ***: put them back before you use this as a configuration.")
    return "".join(f"# {line}\n" for line in head) + render_toml(tables)


def render_json(config: "Config") -> str:
    """Write the settings as one JSON object; durations as text, secrets as `***`."""
    import json

    shown: dict[str, Any] = {
        "source": str(config.source) if config.source else None,
        "sha256": config.digest,
        "warnings": config.warnings,
        "settings": config.tables(),
    }
    return json.dumps(shown, indent=2) + "\n"


def _origin(config: "Config") -> str:
    if config.source is None:
        return "Every setting in force: the built-in defaults, as there is no configuration file."
    return f"Every setting in force: {config.source} (SHA-256 {config.digest}), and the built-in defaults."
