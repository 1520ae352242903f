"""`watchdog install`: puts in place what keeps the watchdog going on this host; starts nothing."""

import os
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from importlib import resources
from pathlib import Path

import click

import watchdog
from watchdog.cli.app import App
from watchdog.cli.shipped import Shipped, There, Variant, compare, is_plain, shipped
from watchdog.cli.stdout import write, write_text
from watchdog.errors import WatchdogError
from watchdog.files import read_bytes, say
from watchdog.report.page import Part, item, line
from watchdog.trust import untrusted_way

_MOST_BYTES = 1 << 16
# ProtectHome= and PrivateTmp= hide these from the daemon.
_HIDDEN = ("/home", "/root", "/run/user", "/tmp", "/var/tmp")  # noqa: S108 - nothing is written there


@click.command("install")
@click.option("--daemon", "variant", flag_value="daemon", help="The daemon, under systemd.")
@click.option("--timer", "variant", flag_value="timer", help="`watchdog run` every minute, by a systemd timer.")
@click.option("--cron", "variant", flag_value="cron", help="`watchdog run` every minute, by cron.")
@click.option(
    "--report",
    "every",
    type=click.Choice(["weekly", "monthly"]),
    help="Beside it: a systemd timer that sends the report ([report] to in the settings).",
)
@click.option("--print", "show", is_flag=True, help="Only show the files.")
@click.option("--remove", is_flag=True, help="Take the files away again (without a variant: of every one).")
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=Path("/"),
    metavar="DIR",
    help="An image or a tree below which the files go, in place of /.",
)
@click.pass_context
def command(
    ctx: click.Context, variant: str | None, every: str | None, show: bool, remove: bool, root: Path
) -> None:
    """Put the files in place that keep this program going: units, or a cron file; say what to type next.

    Without a variant: the daemon where there is systemd, else cron. With --report: what sends the report, beside
    it. Nothing is started or enabled. To do it again changes nothing; a file that somebody changed is left alone,
    and then none is written. Options before `install` (--config) are kept.

    Exit codes: 0 done; 3 refused, or an error of usage.
    """
    app: App = ctx.obj
    if variant and every:
        raise click.UsageError(f"--{variant} or --report, one at a time: each is installed and removed for itself")
    variant = variant or every
    root = root.absolute()
    if remove:
        wanted = [Variant(variant)] if variant else list(Variant)
    else:
        wanted = [Variant(variant) if variant else _usual(root)]
    words = _command(app, root)
    files = [one for each in wanted for one in shipped(each, _read_shipped, words)]
    if show:
        write_text("\n".join(f"==> /{one.path} <==\n{one.text}" for one in files).rstrip("\n"))
        return
    if root == Path("/") and os.geteuid() != 0:
        raise WatchdogError("only root can put files below /etc: sudo, or --print, or --root DIR")
    if remove:
        _remove(root, files, wanted)
    else:
        _demand_alone(root, wanted[0])
        if root == Path("/"):
            _demand_usable(wanted[0], Path(words[0]))
        write(_install(root, files, wanted[0]))


def _usual(root: Path) -> Variant:
    """Return what fits the host, or the image, best."""
    systemd = ("run/systemd/system", "usr/lib/systemd/systemd", "lib/systemd/systemd")
    return Variant.DAEMON if any((root / one).exists() for one in systemd) else Variant.CRON


def _read_shipped(name: str) -> str:
    return (resources.files(watchdog) / "_config" / name).read_text()


def _command(app: App, root: Path) -> tuple[str, ...]:
    """Return the program that is running, with the settings that it was given, as it is called in the files."""
    started = Path(sys.argv[0])
    program = (started if started.is_file() else Path(sys.executable).with_name("watchdog")).resolve()
    words = [str(_inside(program, root))]
    if app.config_path:
        words += ["--config", str(_inside(app.config_path.absolute(), root))]
    for word in words[::2]:
        if not is_plain(word):
            raise WatchdogError(
                f"{word}: a unit and cron need a path of letters, digits and /_.+@- only; put it elsewhere"
            )
    return tuple(words)


def _inside(path: Path, root: Path) -> Path:
    """Return how a path is called in the image."""
    return Path("/") / path.relative_to(root) if root != Path("/") and path.is_relative_to(root) else path


def _demand_alone(root: Path, variant: Variant) -> None:
    """Refuse a second variant beside another: both would look."""
    for other in Variant if variant.looks else ():
        there = [path for path in other.files if (root / path).exists()]
        if other is not variant and other.looks and there:
            raise WatchdogError(
                f"--{other.value} is in place already (/{there[0]}), and one is enough; "
                f"first: watchdog install --remove --{other.value}"
            )


def _demand_usable(variant: Variant, program: Path) -> None:
    """Refuse a program that root must not trust, or that the daemon's own user could not reach."""
    for path in (program, Path(sys.executable), Path(watchdog.__file__)):
        if problem := untrusted_way(path.resolve()):
            raise WatchdogError(f"it would run as root, from where others can change it: {problem}")
        if variant is Variant.DAEMON and (place := _closed(path.resolve())):
            raise WatchdogError(
                f"the daemon runs as a user of its own and cannot reach {path}: {place} is closed to it. "
                "Install the program elsewhere (/opt/host-watchdog), or take --timer"
            )


def _closed(path: Path) -> Path | None:
    """Return what keeps the daemon's user from a file; None: nothing."""
    hidden = next((Path(one) for one in _HIDDEN if path.is_relative_to(one)), None)
    if hidden:
        return hidden
    for place in (path, *path.parents):
        needed = stat.S_IXOTH if place.is_dir() else stat.S_IROTH
        if not place.stat().st_mode & needed:
            return place
    return None


def _install(root: Path, files: Sequence[Shipped], variant: Variant) -> Iterator[Part]:
    """Write what is not there yet, all or (where one is somebody's own) nothing."""
    states = {one.path: compare(_read(root / one.path), one.text) for one in files}
    refused = [path for path, there in states.items() if there in (There.CHANGED, There.FOREIGN)]
    if refused:
        raise WatchdogError(
            "; ".join(f"/{path} is {states[path].value}" for path in refused)
            + ". Nothing was written: see what is different (watchdog install --print), then move it away; "
            "what you want otherwise belongs into a drop-in (systemctl edit)"
        )
    if variant is Variant.CRON and root == Path("/") and not Path("/etc/cron.d").is_dir():
        raise WatchdogError(
            "there is no /etc/cron.d: this cron has none; write the line of --print into crontab -e"
        )
    for one in files:
        if states[one.path] is There.THE_SAME:
            yield item("as it is", f"/{one.path}")
        else:
            _put(root / one.path, one.text)
            yield item("wrote" if states[one.path] is There.NOTHING else "renewed", f"/{one.path}")
    yield line()
    yield line("type next", "heading")
    for text in variant.start:
        yield item("", text, indent=0)


def _remove(root: Path, files: Iterable[Shipped], variants: Iterable[Variant]) -> None:
    """Take away what is ours and unchanged; leave the rest, and say so."""
    enabled = [name for one in variants for name, link in one.wanted.items() if os.path.lexists(root / link)]
    if enabled:
        raise WatchdogError(f"still enabled; first: systemctl disable --now {' '.join(enabled)}")
    states = [(one, compare(_read(root / one.path), one.text)) for one in files]
    gone = [one.path for one, there in states if there in (There.THE_SAME, There.OURS)]
    for path in gone:
        (root / path).unlink()
    write(_farewell(gone))
    if left := [one for one in states if one[1] in (There.CHANGED, There.FOREIGN)]:
        raise WatchdogError("; ".join(f"/{one.path} is {there.value}" for one, there in left) + ": left alone")


def _farewell(gone: Sequence[str]) -> Iterator[Part]:
    yield from (item("removed", f"/{path}") for path in gone)
    if not gone:
        yield line("there was nothing of ours to remove")
        return
    yield item("left", "settings (/etc/watchdog), history (/var/lib/watchdog), the daemon's user and its groups")
    if any(path.startswith("etc/systemd/") for path in gone):
        yield line()
        yield line("type next", "heading")
        yield item("", "systemctl daemon-reload", indent=0)


def _read(path: Path) -> str | None:
    """Return what stands there, None for nothing. WatchdogError for what is no file, or a link."""
    if path.is_symlink():
        raise WatchdogError(f"{path} is a link (a masked unit?): left alone; remove it first")
    try:
        return read_bytes(path, _MOST_BYTES).decode(errors="replace")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise WatchdogError(f"{path}: {say(error)}") from error


def _put(path: Path, text: str) -> None:
    """Write a file whole, readable by all: cron and systemd find the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    new = path.with_name(f".{path.name}.watchdog-new")
    with suppress(FileNotFoundError):
        new.unlink()
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fchmod(descriptor, 0o644)
            os.fsync(descriptor)
        new.rename(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
