"""Boots a scenario in user-mode Linux: a real kernel as a process, with its own clock, network and modules.

The kernel sees this machine's files read-only below a layer of memory (init.sh), so a scenario may write anywhere
and nothing of it reaches this machine, except `$OUT`: a private directory; its files come back in the Transcript.
The machine's clock, interfaces, routes and firewall are out of its reach altogether. Root is not needed.
"""

import atexit
import compileall
import contextlib
import fcntl
import json
import os
import selectors
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any, TextIO

DIRECTORY = Path(__file__).resolve().parent
CHECKOUT = DIRECTORY.parent.parent
PACKAGES = CHECKOUT / ".lab" / "packages"
TAIL_LINES = 40


class LabError(Exception):
    """The kernel did not come up, did not end in time, or the scenario failed; says what it said last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """What a scenario left: `text` is what it said, `console` what the kernel said, `files` its `$OUT` by name."""

    text: str
    console: str
    files: Mapping[str, str]

    def json(self, name: str) -> Any:
        """Return what `wd NAME ... --json` printed; LabError when that is no JSON."""
        try:
            return json.loads(self.files[f"{name}.json"])
        except (KeyError, ValueError) as error:
            said = {key: value for key, value in self.files.items() if key.startswith(f"{name}.")}
            raise LabError(f"`wd {name}` left no JSON ({error!r}); it left {said or 'nothing'}") from error

    def code(self, name: str) -> int:
        """Return the exit code of `wd NAME`."""
        return int(self.files[f"{name}.code"])


def missing(packages: Sequence[str] = ()) -> str | None:
    """Return what this machine lacks to boot a scenario that needs these packages, None for nothing."""
    lacks = [
        f"{program} (package {package})"
        for program, package in _PROGRAMS.items()
        if shutil.which(program, path=_PATH) is None
    ]
    lacks += [f"{name} (unpacked for the lab)" for name in packages if not (PACKAGES / name).is_dir()]
    return ", ".join(lacks) or None


def boot(
    scenario: str,
    *,
    modules: Sequence[str] = (),
    packages: Sequence[str] = (),
    timeout_seconds: float = 480,
    memory_mb: int = 512,
    audience: str = "tests",
    echo: TextIO | None = None,
) -> Transcript:
    """Run a scenario (bash, with the words of lib.sh) in a kernel of its own, and return what it left.

    `packages` are names of what `install-deps` unpacked; inside it is as if installed, but its set-up scripts
    did not run. `timeout_seconds` are this machine's; of its own a scenario has ten times as many (idle.c).
    `echo` hears the scenario's words as they come. Raises LabError when the kernel or the scenario fails.
    """
    if lacks := missing(packages):
        raise LabError(f"the lab lacks {lacks}; `sudo make lab-deps` brings it")
    _compile_ours()
    with tempfile.TemporaryDirectory(prefix="watchdog-lab-", ignore_cleanup_errors=True) as private:
        lab = Path(private).resolve()
        (lab / "out").mkdir()
        (lab / "scenario.sh").write_text(scenario)
        (lab / "environment").write_text(_environment(modules, packages, timeout_seconds, audience, echo))
        with _cpu_of_its_own() as cpu:
            text, console, code = _run(lab, _command(lab, cpu, memory_mb), memory_mb, timeout_seconds, echo)
        files = {file.name: file.read_text(errors="replace") for file in (lab / "out").iterdir() if file.is_file()}
    transcript = Transcript(text=text, console=console, files=files)
    ended = files.get(".exit_code", "").strip()
    if ended == "0":
        return transcript
    if ended:
        raise LabError(f"the scenario failed with exit code {ended}\n{_last_words(transcript)}")
    if code == -signal.SIGKILL:
        raise LabError(f"the scenario did not end within {timeout_seconds} s\n{_last_words(transcript)}")
    raise LabError(f"the kernel ended (code {code}) before the scenario did\n{_last_words(transcript)}")


_PROGRAMS = {"linux.uml": "user-mode-linux", "modprobe": "kmod", "ip": "iproute2", "cc": "gcc"}
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def _command(lab: Path, cpu: int, memory_mb: int) -> list[str]:
    """Return the kernel's command line, up to its consoles.

    `taskset`: a system call inside is a switch between two processes of this machine; on one CPU that costs 16 µs,
    across two 90 µs, and Python starts three times as fast.
    """
    return [
        *("taskset", "--cpu-list", str(cpu)),
        *("linux.uml", f"mem={memory_mb}M", "rootfstype=hostfs", "rootflags=/", "ro"),
        *(f'init="{DIRECTORY}/init.sh"', f'LAB="{lab}"', "quiet", "con=null"),
    ]


@contextlib.contextmanager
def _cpu_of_its_own() -> Iterator[int]:
    """Wait for a CPU on which none of our kernels runs, and hold it; who came first is next.

    A kernel never waits (idle.c): two on one CPU would each see its programs take twice as long.
    """
    cpus = sorted(os.sched_getaffinity(0))
    with contextlib.ExitStack() as held:
        locks = {cpu: held.enter_context(_lock_file(f"cpu{cpu}")) for cpu in cpus}
        with _lock_file("next") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            while (cpu := next(filter(lambda cpu: _take(locks[cpu]), cpus), None)) is None:
                time.sleep(0.1)
        yield cpu


def _take(lock: IO[bytes]) -> bool:
    """Lock a file unless somebody else has."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lock_file(name: str) -> IO[bytes]:
    path = Path(tempfile.gettempdir(), f"watchdog-lab-{os.getuid()}-{name}")
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600), "r+b")


def _run(
    lab: Path, command: list[str], memory_mb: int, timeout_seconds: float, echo: TextIO | None
) -> tuple[str, str, int]:
    """Start the kernel, hear both its consoles to their end, and return (text, console, exit code)."""
    console, console_out = os.pipe()
    text, text_out = os.pipe()
    said = {console: bytearray(), text: bytearray()}
    with subprocess.Popen(
        [*command, f"con0=null,fd:{console_out}", f"con1=null,fd:{text_out}"],
        stdin=subprocess.DEVNULL,
        stdout=console_out,
        stderr=console_out,
        pass_fds=(console_out, text_out),
        env=_surroundings(lab, memory_mb),
        start_new_session=True,
    ) as process:
        os.close(console_out)
        os.close(text_out)
        try:
            for pipe, piece in _pieces(process.pid, (console, text), timeout_seconds):
                said[pipe] += piece
                if echo is not None and pipe == text:
                    echo.write(piece.decode(errors="replace"))
                    echo.flush()
        finally:
            _end(process.pid)
            os.close(console)
            os.close(text)
    return said[text].decode(errors="replace"), said[console].decode(errors="replace"), process.returncode


def _pieces(pid: int, pipes: Sequence[int], timeout_seconds: float) -> Iterator[tuple[int, bytes]]:
    """Yield what comes from the pipes until all are closed; end the kernel when its time is over.

    A kernel that panics leaves its helper processes behind, which hold the pipes: they end with it.
    """
    deadline = time.monotonic() + timeout_seconds
    kernel = os.pidfd_open(pid)
    try:
        with selectors.DefaultSelector() as selector:
            for descriptor in (kernel, *pipes):
                selector.register(descriptor, selectors.EVENT_READ)
            while len(selector.get_map()) > (kernel in selector.get_map()):
                ready = [key.fd for key, _ in selector.select(max(0, deadline - time.monotonic()))]
                if kernel in selector.get_map() and (not ready or kernel in ready):
                    selector.unregister(kernel)
                    _end(pid)
                for pipe in set(ready) - {kernel}:
                    if piece := os.read(pipe, 1 << 16):
                        yield pipe, piece
                    else:
                        selector.unregister(pipe)
    finally:
        os.close(kernel)


def _end(pid: int) -> None:
    """Kill the process group that Popen made for the kernel: itself and the processes inside it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def _surroundings(lab: Path, memory_mb: int) -> dict[str, str]:
    """Return the kernel's own environment. HOME: it leaves its pid file and management socket there.

    TMPDIR: it keeps its memory in a file in /dev/shm, which containers often make small.
    """
    environment = {
        "PATH": _PATH,
        "HOME": str(lab),
        "LD_PRELOAD": _preloaded(),
        "WAKE_AFTER": str(lab / "out" / ".wake_after"),
    }
    try:
        room = os.statvfs("/dev/shm")
    except FileNotFoundError:
        return environment
    small = room.f_bavail * room.f_frsize < memory_mb << 20
    return environment | ({"TMPDIR": tempfile.gettempdir()} if small else {})


@cache
def _preloaded() -> str:
    """Compile what the kernel starts with, once for all that this process boots, and return the libraries' paths.

    idle.c: it does not wait. xstate.c, where this processor has AMX: it has no room for the tile registers.
    """
    names = ["idle", "xstate"] if " amx_tile" in Path("/proc/cpuinfo").read_text() else ["idle"]
    made = Path(tempfile.mkdtemp(prefix="watchdog-lab-preloaded-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    for name in names:
        command = ["cc", "-O2", "-shared", "-fPIC", "-o", f"{made}/{name}.so", f"{DIRECTORY}/{name}.c", "-ldl"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": _PATH})
        if done.returncode:
            raise LabError(f"cc could not compile {name}.c: {done.stderr[-500:]}")
    return ":".join(f"{made}/{name}.so" for name in names)


def _environment(
    modules: Sequence[str], packages: Sequence[str], timeout_seconds: float, audience: str, echo: TextIO | None
) -> str:
    """Return what the scenario finds in its environment, as bash."""
    terminal = echo is not None and echo.isatty()
    variables = {
        "HOME": "/run/home",
        "LANG": "C.UTF-8",
        "LAB_AUDIENCE": audience,
        "LAB_CHECKOUT": str(CHECKOUT),
        "LAB_COLUMNS": str(shutil.get_terminal_size((100, 50)).columns if terminal else 100),
        "LAB_DIRECTORY": str(DIRECTORY),
        "LAB_MODULES": " ".join(modules),
        "LAB_PACKAGES": " ".join(packages),
        # Should we be killed, nobody is left to end the kernel: it then ends itself. Its clock is a quick one.
        "LAB_SECONDS": str(timeout_seconds * 10),
        "OUT": "/run/lab/out",
        # The checkout's bytecode is made beforehand; inside it would only fill memory.
        "PYTHONDONTWRITEBYTECODE": "1",
        "TERM": os.environ.get("TERM", "linux") if terminal else "dumb",
        "WATCHDOG": str(Path(sys.prefix) / "bin" / "watchdog"),
    }
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())


@cache
def _compile_ours() -> None:
    """Make the checkout's bytecode: inside, each start would compile it anew."""
    for package in ("watchdog", "checks", "remediations"):
        compileall.compile_dir(CHECKOUT / package, quiet=2)


def _last_words(transcript: Transcript) -> str:
    """Return the ends of what the scenario and the kernel said."""
    return "\n".join(
        f"--- {who} said last:\n" + "\n".join(said.splitlines()[-TAIL_LINES:])
        for who, said in (("the scenario", transcript.text), ("the kernel", transcript.console))
    )
