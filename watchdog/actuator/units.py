"""Services, through systemd where it runs, else through `service` (System V init) or `rc-service` (OpenRC)."""

import re
import time

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
# systemctl(1) is-active, LSB: 3; OpenRC: 32. LSB's 1 and 2 (it crashed, a pid or lock file is left) are also what
# scripts end with that know no `status`.
_NOT_RUNNING = (3, 32)
_COMM_LENGTH = 15
_MOST_LOOKS, _LOOK_EVERY_SECONDS = 40, 0.25


def prepare_unit(step: UnitAction, host: Host) -> Prepared:
    """Say whether the service runs already; a restart or reload is always needed, and at most done again."""
    if step.action in ("restart", "reload"):
        return Prepared(needed=True, undo=step if step.again_on_undo else None)
    runs = _runs(step, host)
    back = UnitAction(unit=step.unit, action="start" if runs else "stop")
    return Prepared(needed=runs != (step.action == "start"), undo=back)


def act_on_unit(step: UnitAction, host: Host) -> str:
    """Start, stop, restart or reload it; a start or restart that leaves it not running has failed."""
    if step.action in ("start", "stop") and _runs(step, host) == (step.action == "start"):
        return f"{step.unit}: it is so already"
    run(step, _argv(step.action, step, host), host, _LIMIT_SECONDS)
    if step.action in ("start", "restart") and not _runs(step, host):
        raise StepFailed(f"{step.describe()}: it ended at once; see its log")
    if step.action == "stop" and not _ends(step, host):
        raise StepFailed(f"{step.describe()}: it still runs; see its log")
    return f"{step.unit}: {step.action} done"


def _ends(step: UnitAction, host: Host) -> bool:
    """Wait a little until it no longer runs: some init scripts send the signal and return."""
    for _ in range(_MOST_LOOKS):
        if not _runs(step, host):
            return True
        time.sleep(_LOOK_EVERY_SECONDS)
    return False


def _runs(step: UnitAction, host: Host) -> bool:
    asked = "is-active" if _has_systemd(host) else "status"
    try:
        code = host.run(_argv(asked, step, host), _LIMIT_SECONDS).exit_code
        runs = code == 0 if code in (0, *_NOT_RUNNING) or _has_systemd(host) else _is_seen_running(step, host)
    except Unobservable as error:
        raise StepFailed(f"{step.describe()}: whether it runs cannot be seen: {error}") from error
    if runs is None:
        raise StepFailed(f"{step.describe()}: its init script does not say whether it runs (exit {code})")
    return runs


def _is_seen_running(step: UnitAction, host: Host) -> bool | None:
    """Tell it by its process, where the init script knows no `status`, as Debian's of keepalived; None: unknown.

    A daemon that is just starting has no pid file yet, so its name counts as well; and one that has ended has
    none any more. That nobody has the name tells something only where a program has it.
    """
    name = _service_name(step)
    pid = (host.read_text(f"/run/{name}.pid") or "").strip()
    if pid.isdecimal() and _comm(host, pid):
        return True
    alike = (one for one in host.names_in("/proc") if one.isdecimal() and _comm(host, one) == name[:_COMM_LENGTH])
    if any(host.shares_network(int(one)) for one in alike):
        return True
    return False if pid or host.program(name) else None


def _comm(host: Host, pid: str) -> str:
    return (host.read_text(f"/proc/{pid}/comm") or "").strip()


def _service_name(step: UnitAction) -> str:
    return step.unit.removesuffix(".service")


def _argv(action: str, step: UnitAction, host: Host) -> tuple[str, ...]:
    if not _NAME.fullmatch(step.unit) or step.unit.endswith(_NO_SERVICES) or ".." in step.unit:
        raise StepFailed(f"{step.describe()}: {step.unit!r} is no name of a service")
    if _has_systemd(host):
        return ("systemctl", action, "--", step.unit)
    name = _service_name(step)
    return ("rc-service", name, action) if host.program("rc-service") else ("service", name, action)


def _has_systemd(host: Host) -> bool:
    return host.path("/run/systemd/system").is_dir()
