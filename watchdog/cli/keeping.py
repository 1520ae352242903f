"""What keeps the watchdog going on this host, and what to do where nothing has looked for long."""

import os
from pathlib import Path

import msgspec

from watchdog.cli.app import App
from watchdog.cli.shipped import Variant
from watchdog.daemon.door import DaemonState
from watchdog.daemon.visiting import DaemonSeen, see_daemon
from watchdog.history.paths import default_path
from watchdog.model import Json, Stamp
from watchdog.report.story import moment
from watchdog.units import render_seconds

_PATIENCE_SECONDS = 2.0


class Keeping(msgspec.Struct, frozen=True, kw_only=True):
    """The daemon of a history as seen from outside, and what `watchdog install` put in place for it.

    `enabled` tells whether the units are switched on; cron needs no such thing.
    """

    daemon: DaemonSeen
    variant: Variant | None = None
    enabled: bool = False


def read_keeping(app: App) -> Keeping:
    """Ask the daemon, and see what is installed."""
    daemon = see_daemon(app.history_path, _PATIENCE_SECONDS)
    if not _is_the_hosts(app):  # what is installed looks for another history
        return Keeping(daemon=daemon)
    for variant in filter(lambda one: one.looks, Variant):
        if any(_exists(app, path) for path in variant.files):
            links = variant.wanted.values()
            return Keeping(daemon=daemon, variant=variant, enabled=all(_exists(app, link) for link in links))
    return Keeping(daemon=daemon)


def describe(keeping: Keeping, now: Stamp) -> str:
    """Say who looks, where that can be told; "" where it cannot."""
    if state := keeping.daemon.state:
        return _describe_daemon(state, now)
    if keeping.daemon.runs:
        return (
            f"the daemon runs, and did not say within {render_seconds(_PATIENCE_SECONDS)} how it is:"
            " it may be healing; journalctl -t watchdog"
        )
    match keeping.variant:
        case Variant.TIMER:
            return "looked at every minute, by host-watchdog-run.timer"
        case Variant.CRON:
            return "looked at every minute, by cron (/etc/cron.d/host-watchdog)"
        case Variant.DAEMON:
            return "looked at by the daemon (host-watchdog.service)"
        case _:
            return ""


def advise(keeping: Keeping) -> str:
    """Say what is wrong with what should look, and what to do; for one whose record is old."""
    if keeping.daemon.runs:
        return "the daemon runs and does not look; journalctl -t watchdog, then systemctl restart host-watchdog"
    if keeping.variant is None:
        return "is `watchdog run` still called (cron, timer), or a daemon started? watchdog install sets that up"
    if keeping.variant is Variant.CRON:
        return "cron does not call it (/etc/cron.d/host-watchdog); does cron run? systemctl status cron"
    units = " ".join(keeping.variant.wanted)
    if keeping.variant is Variant.TIMER:
        if not keeping.enabled:
            return f"the timer is in place and not switched on; systemctl enable --now {units}"
        return "the timer does not start it; systemctl status host-watchdog-run.timer host-watchdog-run.service"
    return missing_daemon(keeping) or "does the daemon run? systemctl status host-watchdog"


def missing_daemon(keeping: Keeping) -> str:
    """Say that the daemon that is in place does not run, and what to do; "" where it runs, or need not."""
    if keeping.variant is not Variant.DAEMON or keeping.daemon.runs is not False:
        return ""
    if not keeping.enabled:
        units = " ".join(Variant.DAEMON.wanted)
        return f"the daemon is in place and not switched on; systemctl enable --now {units}"
    return "the daemon is not running; systemctl status host-watchdog"


def keeping_json(keeping: Keeping, now: Stamp) -> dict[str, Json]:
    """Return what `status --json` says of it; durations by CLOCK_BOOTTIME."""
    state = keeping.daemon.state
    daemon: dict[str, Json] = {
        "running": keeping.daemon.runs,
        "since": state.began.wall_text if state else None,
        "running_seconds": round(now.seconds_since(state.began), 3) if state else None,
        "next_look_seconds": _next_look(state, now) if state else None,
        "hanging": list(state.hanging) if state else [],
    }
    return {"daemon": daemon, "kept_by": keeping.variant.value if keeping.variant else None}


def _describe_daemon(state: DaemonState, now: Stamp) -> str:
    watched = render_seconds(now.seconds_since(state.began))
    words = [f"the daemon has watched for {watched} (since {moment(state.began)})"]
    next_look = _next_look(state, now)
    if state.lent:
        words.append("another command has its history, then it looks on")
    elif next_look is not None:
        words.append(f"next look in {render_seconds(next_look)}")
    if state.hanging:
        words.append(f"hanging: {', '.join(state.hanging)}")
    return "; ".join(words)


def _next_look(state: DaemonState, now: Stamp) -> float | None:
    if state.next_look_ns is None:
        return None
    return round(max(state.next_look_ns - now.boottime_ns, 0) / 1e9, 3)


def _is_the_hosts(app: App) -> bool:
    """Tell whether this history is the one that what is installed looks for."""
    configured = app.config.history.path
    return app.history_path == (Path(configured) if configured else default_path({}, 0))


def _exists(app: App, path: str) -> bool:
    return os.path.lexists(app.host.path(f"/{path}"))
