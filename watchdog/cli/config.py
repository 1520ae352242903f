"""`watchdog config`: the settings in force, and whether a file could be them."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from watchdog.cli.app import App
    from watchdog.config import Config
    from watchdog.errors import Problem
    from watchdog.secret_url import SecretUrl


_MOST_NAMED = 8


@click.group(name="config")
def command() -> None:
    """Show or check the settings."""


@command.command(short_help="Show every setting in force.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@click.pass_obj
def show(app: "App", *, as_json: bool) -> None:
    """Show every setting in force, as a configuration that could be saved."""
    from watchdog.cli.stdout import write_text

    write_text((render_json(app.config) if as_json else render_config(app.config)).rstrip("\n"))


@command.command(short_help="Say what is wrong with a file.")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.pass_obj
def check(app: "App", file: Path | None) -> None:
    """Say what is wrong with FILE (default: the settings in force), a line each; exit 0 or 3."""
    from watchdog import config
    from watchdog.cli.app import complain
    from watchdog.cli.stdout import write_text

    path = file or config.find_path(app.config_path, os.environ)
    loaded = config.load(path, app.plugins)
    app.try_templates(loaded)
    _try_urls(loaded, str(path))
    for warning in (*loaded.warnings, *_unread(loaded)):
        complain(warning)
    if untold := loaded.untold(app.host.name(), app.plugins.faults):
        complain(f"nothing will be told of {_some(untold)}: no route in [[notify.routes]] takes it on this host")
    write_text(
        f"ok: {path}" if path else "ok: there is no configuration file, so the built-in defaults are in force"
    )


def _try_urls(loaded: "Config", source: str) -> None:
    """Raise ConfigError for the URLs that apprise cannot read; what cannot be had here is told by others."""
    from contextlib import suppress

    from watchdog.errors import ConfigError, Problem
    from watchdog.notify.checking_urls import unreadable
    from watchdog.secret_url import PLACES

    urls, targets = {}, loaded.notify.targets
    for name, target in targets.items():
        with suppress(ConfigError):
            urls[name] = target.resolve(os.environ)
    wrong = unreadable(urls, os.environ)
    if wrong is None:
        raise ConfigError([_no_url(source, "notify.targets", "the process that reads it did not answer")])
    problems: list[Problem] = []
    for name in wrong:
        place = next(place for place in PLACES if getattr(targets[name], place) is not None)
        problems.append(_no_url(source, f"notify.targets.{name}.{place}", "one that it cannot read"))
    if problems:
        raise ConfigError(problems)


def _no_url(source: str, key: str, found: str) -> "Problem":
    from watchdog.errors import Problem

    expected = "a URL that apprise can read, written as in its wiki, and @ in a password as %40"
    return Problem(source=source, key=key, expected=expected, found=found)


def _unread(loaded: "Config") -> Iterator[str]:
    """Yield which URL cannot be had from its file; what the environment holds may be there for others only."""
    from watchdog.errors import ConfigError
    from watchdog.files import OWN_GROUP, closed_to_daemon

    notify = loaded.notify
    urls: dict[str, SecretUrl] = {
        f"notification target {name!r}": target for name, target in notify.targets.items()
    }
    if notify.ping:
        urls["notify.ping"] = notify.ping
    for what, url in urls.items():
        if url.url_file is not None:
            try:
                url.read(os.environ, what)
            except ConfigError as error:
                yield f"nothing can be sent: {error}"
                continue
            if closed_to_daemon(url.url_file.stat()):
                cure = f"chgrp {OWN_GROUP} {url.url_file}; chmod 640 {url.url_file}"
                yield f"{url.url_file}: the daemon, which sends, is not root and cannot read it; run: {cure}"


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
