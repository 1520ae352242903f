"""Who does what is healed: we ourselves; root, for the daemon that may not; or root by its own list only."""

import os
import pwd
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from watchdog import actuator as real_actuator
from watchdog.cli.app import App
from watchdog.errors import HistoryError
from watchdog.files import exists
from watchdog.healing import Actuator
from watchdog.history.store import History
from watchdog.registry import Registry
from watchdog.steps import Outcome
from watchdog.trust import untrusted_way

if TYPE_CHECKING:  # most need neither
    from watchdog.privileged.client import Hands
    from watchdog.privileged.own import OwnHands

USER = "host-watchdog"
# Where host-watchdog-heal.socket listens, and where host-watchdog-heal.service has its list.
SOCKET_PATH = Path("/run/host-watchdog/heal.sock")
LEDGER_PATH = Path("/var/lib/watchdog-heal/ledger.json")


def hands_of(app: App, history: History) -> "tuple[Registry, Actuator]":
    """Return the plugins and the actuator to heal with."""
    hands = _hands(app, history)
    return (hands.lend(app.registry, app.config.permissions), hands) if hands else (app.registry, real_actuator)


def demand_trusted(app: App) -> None:
    """Raise HistoryError where others can write the history: as root, what it has undone is what they like.

    The daemon's is no such history, as by it nothing is undone that does not stand in root's own list.
    """
    path = app.history_path.resolve()
    problem = untrusted_way(path) or untrusted_way(app.history_path.parent)
    if problem and not is_the_daemons(app.history_path):
        raise HistoryError(f"nothing is undone by a history that others can write: {problem}")


def is_the_daemons(history: Path) -> bool:
    """Tell whether a history is where only the daemon's user, and root, can write."""
    folder = history.parent.resolve()
    try:
        uid = pwd.getpwnam(USER).pw_uid
        owners = {one.lstat().st_uid for one in (folder, history) if one.exists()}
    except (KeyError, OSError):
        return False
    return owners <= {0, uid} and folder.stat().st_uid == uid and untrusted_way(folder.parent) is None


def _hands(app: App, history: History) -> "Hands | OwnHands | None":
    if os.geteuid() != 0:
        if not exists(SOCKET_PATH):
            return None
        from watchdog.privileged.client import Hands

        return Hands(memories=history.load_memories, path=SOCKET_PATH, attempt=partial(attempt_under_way, history))
    if not is_the_daemons(app.history_path):
        return None
    from watchdog.privileged.ledger import Ledger, LedgerError
    from watchdog.privileged.own import OwnHands

    try:
        LEDGER_PATH.parent.mkdir(mode=0o700, exist_ok=True)
        return OwnHands(ledger=Ledger(LEDGER_PATH), attempt=partial(attempt_under_way, history))
    except (LedgerError, OSError) as error:  # what heals must not keep the checks from looking
        raise HistoryError(f"nothing is healed here: {error}") from error


def attempt_under_way(history: History) -> int:
    """Return what the history calls the attempt under way: it stands there before its first step is done."""
    return max((one.id for one in history.attempts(None, Outcome.RUNNING)), default=0)
