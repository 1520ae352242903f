"""Services, through systemd where it runs, else through `service` (System V init) or `rc-service` (OpenRC)."""

import re

from watchdog.actuator.commands import run
from watchdog.actuator.failed import StepFailed
from watchdog.errors import Unobservable
from watchdog.host import Host
from watchdog.steps import Prepared, UnitAction

# As long as systemd gives a unit to start or stop (DefaultTimeoutStartSec), and a little for the asking.
_LIMIT_SECONDS = 95.0
# A name that is one: `systemctl stop '*'` would stop everything, and init scripts are found by their path.
_NAME = re.compile(r"(?!-)[\w.@:\\-]{1,255}", re.ASCII)
_NO_SERVICES = (".target", ".slice", ".scope", ".mount", ".automount", ".swap", ".device", ".snapshot")
# systemctl(1) is-active; LSB: 3 is "not running".
_NOT_RUNNING = 3


def prepare_unit(step: UnitAction, host: Host) -> Prepared:
    """Say whether the service runs already; a restart or reload is always needed and never undone."""
    if step.action in ("restart", "reload"):
        return Prepared(needed=True)
    runs = _runs(step, host)
    back = UnitAction(unit=step.unit, action="start" if runs else "stop")
    return Prepared(needed=runs != (step.action == "start"), undo=back)


def act_on_unit(step: UnitAction, host: Host) -> str:
    """Start, stop, restart or reload it; a start or restart that leaves it not running has failed."""
    if (
        step.action in ("start", "stop")
        and not _has_systemd(host)
        and _runs(step, host) == (step.action == "start")
    ):
        return f"{step.unit}: it is so already"  # init scripts differ in what they make of that
    run(step, _argv(step.action, step, host), host, _LIMIT_SECONDS)
    if step.action in ("start", "restart") and not _runs(step, host):
        raise StepFailed(f"{step.describe()}: it ended at once; see its log")
    if step.action == "stop" and _runs(step, host):
        raise StepFailed(f"{step.describe()}: it still runs; see its log")
    return f"{step.unit}: {step.action} done"


def _runs(step: UnitAction, host: Host) -> bool:
    asked = "is-active" if _has_systemd(host) else "status"
    try:
        code = host.run(_argv(asked, step, host), _LIMIT_SECONDS).exit_code
    except Unobservable as error:
        raise StepFailed(f"{step.describe()}: whether it runs cannot be seen: {error}") from error
    if code not in (0, _NOT_RUNNING) and not _has_systemd(host):
        raise StepFailed(f"{step.describe()}: its init script does not say whether it runs (exit {code})")
    return code == 0


def _argv(action: str, step: UnitAction, host: Host) -> tuple[str, ...]:
    if not _NAME.fullmatch(step.unit) or step.unit.endswith(_NO_SERVICES) or ".." in step.unit:
        raise StepFailed(f"{step.describe()}: {step.unit!r} is no name of a service")
    if _has_systemd(host):
        return ("systemctl", action, "--", step.unit)
    name = step.unit.removesuffix(".service")
    return ("rc-service", name, action) if host.program("rc-service") else ("service", name, action)


def _has_systemd(host: Host) -> bool:
    return host.path("/run/systemd/system").is_dir()
