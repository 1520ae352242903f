"""The command line, and the composition root: here the rooms of the house are put together.

Each command is a module of its own and is imported only when it is called, so that `watchdog --help` and a run
from cron pay for nothing they do not use.
"""

import importlib
import io
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import click

from watchdog.cli.app import App, complain
from watchdog.errors import ConfigError, WatchdogError

USAGE_ERROR = 3  # 1 and 2 mean warning and critical here, as in every monitoring plugin
INTERRUPTED = 130  # as a shell says it of SIGINT
_STDERR = 2

# name -> what the list of commands says; the module watchdog.cli.NAME holds `command`.
COMMANDS = {
    "run": "Run every check once now, show and record what was found.",
    "daemon": "Stay, and look by schedule and whenever the kernel tells of a change.",
    "status": "What is wrong now, and why; the last 24 hours.",
    "incidents": "List incidents.",
    "explain": "Say what a fault means and what to do about it.",
    "heal": "Show or apply what could heal an incident.",
    "rollback": "Take back what an attempt at healing changed.",
    "pause": "Heal nothing on this host, for some time or until resumed.",
    "resume": "End pauses.",
    "ack": "Say that you know of an incident, so that nobody is reminded of it.",
    "silence": "Leave one thing alone for some time, and tell nobody of it.",
    "maintenance": "Tell nobody and heal nothing by itself for some time.",
    "report": "What happened over a period.",
    "check": "Run one check and record nothing.",
    "config": "Show or check the settings.",
    "notify": "Send the notifications that wait.",
    "install": "Put in place what keeps the watchdog going on this host.",
}
# What the program starts of itself, for nobody to type.
_HIDDEN = ("actuator", "recover")


class _Commands(click.Group):
    """A group that imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in (*COMMANDS, *_HIDDEN):
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


def main() -> NoReturn:
    """Run the command line and end with its exit code, whatever threads a plugin or a notification left behind."""
    # What is opened next would get the number of a stream that is closed, and what is meant for it.
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= _STDERR:
        pass
    os.close(descriptor)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # what the terminal cannot say must not end us
    code = answer()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, AttributeError):
            stream.flush()
    os._exit(code)


def answer() -> int:
    """Run the command line and return its exit code; errors meant for people go to stderr, a line each, with 3."""
    try:
        code = cli.main(prog_name="watchdog", standalone_mode=False)
    except (click.Abort, KeyboardInterrupt):
        complain("interrupted")
        return INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
    except (click.ClickException, WatchdogError, OSError) as error:
        for text in _in_words(error):
            complain(text)
    except Exception:  # noqa: BLE001 - a fault of ours must not be taken for a warning, which is exit code 1
        sys.excepthook(*sys.exc_info())
    else:
        return code if isinstance(code, int) else 0
    return USAGE_ERROR


def _in_words(error: click.ClickException | WatchdogError | OSError) -> tuple[str, ...]:
    match error:
        case ConfigError():
            return tuple(map(str, error.problems))
        case OSError():  # what we read and write says more than that; what is left is what we print
            return (f"{error.filename or 'the output'}: {error.strerror or error}",)
        case click.UsageError(ctx=click.Context() as context):
            return (f"{error.format_message()} (see {context.command_path} --help)",)
        case click.ClickException():
            return (error.format_message(),)
        case _:
            return (str(error),)
