"""The command line, and the composition root: here the rooms of the house are put together.

Each command is a module of its own and is imported only when it is called, so that `watchdog --help` and a run
from cron pay for nothing they do not use.
"""

import importlib
import sys
from pathlib import Path
from typing import Any

import click

from watchdog.cli.app import App
from watchdog.errors import WatchdogError

USAGE_ERROR = 3  # 1 and 2 mean warning and critical here, as in every monitoring plugin
INTERRUPTED = 130  # as a shell says it of SIGINT

# name -> what the list of commands says; the module watchdog.cli.NAME holds `command`.
COMMANDS = {
    "run": "Run every check once now, show and record what was found.",
    "status": "What is wrong now, and why.",
    "incidents": "List incidents.",
    "explain": "Say what a fault means and what to do about it.",
    "heal": "Show or apply what could heal an incident.",
    "report": "What happened over a period.",
    "check": "Run one check and record nothing.",
    "config": "Show or check the settings.",
    "notify": "Send the notifications that wait.",
}


class _Commands(click.Group):
    """A group that imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"watchdog.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches

            close = get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            raise click.UsageError(f"{error.message}{hint}", ctx) from error


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Settings; else $WATCHDOG_CONFIG, else /etc/watchdog/watchdog.toml, else built-in defaults.",
)
@click.option(
    "--history",
    "history_path",
    # Whether it can be read is the history's to say: `run` goes on without it.
    type=click.Path(path_type=Path, readable=False),
    metavar="FILE",
    help="History; else the settings', else /var/lib/watchdog (root) or ~/.local/state/watchdog.",
)
@click.version_option(package_name="host-watchdog", prog_name="watchdog")
@click.pass_context
def cli(ctx: click.Context, config_path: Path | None, history_path: Path | None) -> None:
    """See the faults of time and network redundancy on this host that fail silently.

    Exit codes: 0 ok, 1 warning, 2 critical, 3 unknown or an error of usage or configuration.
    """
    ctx.obj = App(config_path=config_path, history_path=history_path)


def main() -> None:
    """Run the command line; errors meant for people go to stderr, a line each, with exit code 3."""
    try:
        code = cli.main(prog_name="watchdog", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except (click.Abort, KeyboardInterrupt):
        click.echo("watchdog: interrupted", err=True)
        sys.exit(INTERRUPTED)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(USAGE_ERROR)
    except click.ClickException as error:
        context = error.ctx if isinstance(error, click.UsageError) else None
        more = f" (see {context.command_path} --help)" if context else ""
        click.echo(f"watchdog: {error.format_message()}{more}", err=True)
        sys.exit(USAGE_ERROR)
    except WatchdogError as error:
        for line in str(error).splitlines():
            click.echo(f"watchdog: {line}", err=True)
        sys.exit(USAGE_ERROR)
