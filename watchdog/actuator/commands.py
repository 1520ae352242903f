"""Programs that change the host: the owner's own, and what manages services."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from watchdog.actuator.failed import StepFailed
from watchdog.host import Host
from watchdog.secret import mask_secrets
from watchdog.steps import AnyStep, Prepared, RunCommand
from watchdog.trust import untrusted_program

_MOST_WORDS_BYTES = 300
MOST_OUTPUT_BYTES = 1 << 20
# Often enough that not much more than that is written.
_LOOK_SECONDS = 0.2


def prepare_command(step: RunCommand, host: Host) -> Prepared:
    """Say that it is always needed, and what its owner named to take it back."""
    undo = RunCommand(argv=step.undo, timeout_seconds=step.timeout_seconds) if step.undo else None
    for one in filter(None, (step, undo)):
        _program(one, one.argv, host)
    return Prepared(needed=True, undo=undo)


def run_command(step: RunCommand, host: Host) -> str:
    """Run the owner's program to its end; it must exit with 0."""
    return run(step, step.argv, host, step.timeout_seconds) or "done"


def run(step: AnyStep, argv: Sequence[str], host: Host, timeout_seconds: float) -> str:
    """Run a program, without a shell and in the C locale, and return the beginning of what it said.

    Raises StepFailed unless it ends with 0 in time and without a flood of words; else its process group is ended.
    What it started and left behind (a service) lives on, and may keep its output open: so that goes to a file,
    which nobody waits for.
    """
    program = _program(step, argv, host)
    environment = {"PATH": host.program_folders, "LC_ALL": "C"}
    with tempfile.TemporaryFile() as output:
        try:
            process = subprocess.Popen(  # noqa: S603 - no shell; the argv is a plan's
                [program, *argv[1:]],
                env=environment,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:  # ValueError: a NUL, or text that no encoding has
            raise StepFailed(f"{step.describe()}: cannot run {program}: {_why(error)}") from error
        try:
            code = _wait(process, output.fileno(), timeout_seconds)
        except BaseException as error:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if isinstance(error, subprocess.TimeoutExpired):
                raise StepFailed(f"{step.describe()}: did not end within {timeout_seconds:g} s") from error
            if isinstance(error, OverflowError):
                raise StepFailed(f"{step.describe()}: printed more than {MOST_OUTPUT_BYTES} bytes") from error
            raise
        output.seek(0)
        said = _words(output.read(_MOST_WORDS_BYTES))
    if code != 0:
        raise StepFailed(f"{step.describe()}: exit {code}: {said or 'it said nothing'}")
    return said


def _program(step: AnyStep, argv: Sequence[str], host: Host) -> str:
    """Return the path of the program; named by a path it must, as root, be in nobody else's hands."""
    program = host.program(argv[0]) if argv and "\0" not in argv[0] else None
    if program is None:
        raise StepFailed(f"{step.describe()}: {argv[0] if argv else 'nothing'} is not installed")
    if argv[0].startswith("/") and (problem := untrusted_program(Path(program))):
        raise StepFailed(f"{step.describe()}: {program} is not run: {problem}")
    return program


def _wait(process: subprocess.Popen[bytes], output: int, timeout_seconds: float) -> int:
    """Wait for its end; raises TimeoutExpired, and OverflowError for a flood of words."""
    left = timeout_seconds
    while True:
        try:
            return process.wait(min(_LOOK_SECONDS, left))
        except subprocess.TimeoutExpired:
            left -= _LOOK_SECONDS
            if os.fstat(output).st_size > MOST_OUTPUT_BYTES:
                raise OverflowError from None
            if left <= 0:
                raise


def _words(said: bytes) -> str:
    """Return what a program said, as text that harms no terminal and shows no secret that is named as one."""
    text = "".join(c if c.isprintable() else "?" for c in " ".join(said.decode(errors="replace").split()))
    return mask_secrets(text)


def _why(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
