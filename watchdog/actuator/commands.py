"""Programs that change the host: the owner's own, and what manages services."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress

from watchdog.actuator.failed import StepFailed
from watchdog.host import Host
from watchdog.steps import AnyStep, Prepared, RunCommand

_MOST_WORDS_BYTES = 300


def prepare_command(step: RunCommand, host: Host) -> Prepared:
    """Say that it is always needed, and what its owner named to take it back."""
    return Prepared(needed=True, undo=RunCommand(argv=step.undo) if step.undo else None)


def run_command(step: RunCommand, host: Host) -> str:
    """Run the owner's program to its end; it must exit with 0."""
    return run(step, step.argv, host, step.timeout_seconds) or "done"


def run(step: AnyStep, argv: Sequence[str], host: Host, timeout_seconds: float) -> str:
    """Run a program, without a shell and in the C locale, and return the beginning of what it said.

    Raises StepFailed unless it ends with 0 in time; else its process group is ended. What it started and left
    behind (a service) lives on, and may keep its output open: so that goes to a file, which nobody waits for.
    """
    program = host.program(argv[0])
    if program is None:
        raise StepFailed(f"{step.describe()}: {argv[0]} is not installed")
    environment = {"PATH": host.program_folders, "LC_ALL": "C"}
    with tempfile.TemporaryFile() as output:
        try:
            process = subprocess.Popen(  # noqa: S603 - no shell; the argv is a plan's
                [program, *argv[1:]],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise StepFailed(f"{step.describe()}: cannot run {program}: {error.strerror}") from error
        try:
            code = process.wait(timeout_seconds)
        except BaseException as error:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if isinstance(error, subprocess.TimeoutExpired):
                raise StepFailed(f"{step.describe()}: did not end within {timeout_seconds:g} s") from error
            raise
        output.seek(0)
        said = " ".join(output.read(_MOST_WORDS_BYTES).decode(errors="replace").split())
    if code != 0:
        raise StepFailed(f"{step.describe()}: exit {code}: {said or 'it said nothing'}")
    return said
