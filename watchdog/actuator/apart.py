"""A process of our own that outlives us: what ends us, a closed terminal or a signal to our group, leaves it."""

import os
import subprocess
from collections.abc import Sequence

from watchdog.actuator.failed import StepFailed


class Apart:
    """One that was started; nobody need wait for it."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def wait(self, seconds: float) -> int | None:
        """Wait for its end and return its exit code, None when it goes on."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None


def start_apart(argv: Sequence[str], descriptors: Sequence[int]) -> Apart:
    """Start a program in a session of its own, without a terminal, with these descriptors of ours.

    It says nothing to anybody: who started us would wait for the end of our output. Raises StepFailed.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 - no shell; the argv is our own
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=tuple(descriptors),
            cwd=os.sep,  # it must not keep a file system from being unmounted
        )
    except OSError as error:
        raise StepFailed(f"cannot start {argv[0]}: {error.strerror}") from error
    return Apart(process)
