"""Takes an attempt back in time, should who made it be cut off, killed or stuck: another process waits for that.

Both ends are here. The healer starts the keeper before the first step and tells it when the attempt has ended; no
keeper, no step. The keeper hears that and ends at once, or, when the time is up, ends the healer if it still lives
(SIGTERM, at which it rolls back itself; then SIGKILL) and has what it left undone by `recover`. So it needs the
history's lock only when nobody holds it for this attempt any more.
"""

import os
import selectors
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

import msgspec

from watchdog.actuator import StepFailed
from watchdog.actuator.apart import start_apart
from watchdog.errors import Refused
from watchdog.healing.contracts import Journal
from watchdog.host import Host
from watchdog.steps import Outcome, Plan
from watchdog.units import render_seconds

READY, ENDED = b"ready", b"ended"
# A slow machine takes some seconds to start Python, a loaded one many; nothing is changed meanwhile.
_START_SECONDS = 60.0
_END_SECONDS = 5.0
# To undo what was done, and write it down, takes a healer that is not stuck less.
_GRACE_SECONDS = 10.0
# What waits wakes up so often, as time in suspend counts for CLOCK_BOOTTIME and not for a wait.
_SLICE_SECONDS = 1.0

# The command line of the keeper, without what it inherits: (attempt, seconds, channel, healer) -> argv.
KeeperArgv = Callable[[int, float, int, int], Sequence[str]]


@contextmanager
def timed_rollback(
    host: Host, journal: Journal, argv_of: KeeperArgv, attempt_id: int, plan: Plan
) -> Iterator[None]:
    """Have the attempt undone by another process unless the block ends well before the plan's time is up.

    A plan without such a time needs none. Where the keeper cannot be started the attempt ends as refused, and
    Refused is raised: nothing was changed.
    """
    seconds = plan.undone_after_seconds
    if seconds is None:
        yield
        return
    ours, theirs = socket.socketpair()
    healer = os.pidfd_open(os.getpid())
    try:
        keeper = start_apart(argv_of(attempt_id, seconds, theirs.fileno(), healer), (theirs.fileno(), healer))
        theirs.close()
        _demand_ready(ours)
    except (StepFailed, OSError) as error:
        ours.close()
        reason = f"nothing is changed that nobody could take back in time: no process for it ({error})"
        journal.end_attempt(attempt_id, Outcome.REFUSED, reason, host.stamp())
        raise Refused(reason) from error
    finally:
        theirs.close()
        os.close(healer)
    with ours:
        yield  # what is raised here leaves the attempt to the keeper
        with suppress(OSError):  # it was killed; then there is nobody to be told
            ours.send(ENDED)
    keeper.wait(_END_SECONDS)


class Keeper(msgspec.Struct, frozen=True, kw_only=True):
    """The other end, that waits; `channel` and `healer` (a pidfd) are what it was started with."""

    host: Host
    channel: socket.socket
    healer: int

    def wait(self, seconds: float) -> bool:
        """Say that we are there, then wait; tell whether the attempt ended in time."""
        with suppress(OSError):  # the healer is dead already
            self.channel.send(READY)
        return self._hears_end(seconds)

    def end_healer(self) -> bool:
        """End the healer if it still lives, and tell whether it ended the attempt after all."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.healer, number)
            if self._hears_end(_GRACE_SECONDS, until_healer_ends=True):
                return True
        return False

    def _hears_end(self, seconds: float, *, until_healer_ends: bool = False) -> bool:
        started = self.host.stamp()
        with selectors.DefaultSelector() as selector:
            selector.register(self.channel, selectors.EVENT_READ)
            selector.register(self.healer, selectors.EVENT_READ)
            while (left := seconds - self.host.stamp().seconds_since(started)) > 0:
                for key, _ in selector.select(min(left, _SLICE_SECONDS)):
                    if key.fileobj is self.channel:
                        if self._receive() == ENDED:
                            return True
                    elif until_healer_ends:
                        return self._receive() == ENDED
                    # It is dead, or has closed its end: it will say no more, and what it did stands.
                    selector.unregister(key.fileobj)
        return False

    def _receive(self) -> bytes:
        try:
            return self.channel.recv(len(ENDED), socket.MSG_DONTWAIT)
        except OSError:
            return b""


def not_verified_within(seconds: float) -> str:
    """Say why such an attempt is undone."""
    return f"it was not verified within {render_seconds(seconds)}"


def _demand_ready(channel: socket.socket) -> None:
    channel.settimeout(_START_SECONDS)
    try:
        said = channel.recv(len(READY))
    except TimeoutError as error:
        raise StepFailed(f"it did not start within {_START_SECONDS:g} s") from error
    if said != READY:
        raise StepFailed("it ended at once")
