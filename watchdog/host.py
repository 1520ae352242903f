"""Host: the read-only way to ask this machine anything. The only module that reads clocks.

`root` lets a test hand over a fixture tree in place of `/`. Nothing here changes the host.
"""

import copy
import errno
import os
import selectors
import shutil
import signal
import socket
import stat
import subprocess
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

import msgspec

from watchdog.errors import Unobservable
from watchdog.linux.timex import TIMEX_BYTES, KernelClock, decode_timex
from watchdog.model import Heed, Past, Stamp
from watchdog.netlink import Netlink

if TYPE_CHECKING:  # 10 ms that most commands can do without
    import psutil

# More than any file we read has reason to hold; what is longer is not what we take it for.
MAX_FILE_BYTES = 4 << 20
MAX_OUTPUT_BYTES = 1 << 20
HEAD_BYTES = 256
# Most files are shorter than that; a larger buffer for each would leave holes in a daemon's memory.
_FIRST_BYTES, _NEXT_BYTES = 1 << 13, 1 << 16
# Where system programs live; cron's PATH lacks the sbin folders.
PROGRAM_FOLDERS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Completed(msgspec.Struct, frozen=True, kw_only=True):
    """A program that ended: its exit code (negative: ended by that signal) and what it printed, bounded."""

    exit_code: int
    stdout: str
    stderr: str


class Process(msgspec.Struct, frozen=True, kw_only=True):
    """A running process; `started_boottime_seconds` is CLOCK_BOOTTIME at its start, None when it is gone.

    `exe` is the file behind /proc/PID/exe, None where we may not look (another user's) or for kernel threads.
    """

    pid: int
    name: str
    exe: str | None
    argv: tuple[str, ...]
    started_boottime_seconds: float | None


class Tail(msgspec.Struct, frozen=True, kw_only=True):
    """The end of a file: its inode, its first bytes, where in it `content` begins, and the bytes from there on."""

    inode: int
    head: bytes
    begins_at: int
    content: bytes


class Follower:
    """A program that goes on printing; `descriptor` is the non-blocking end to read it from."""

    def __init__(self, process: subprocess.Popen[bytes], descriptor: int) -> None:
        self._process, self.descriptor = process, descriptor

    def end(self) -> None:
        """End the program, and wait until it has."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self.descriptor)


class Host:
    """This machine, or a tree that looks like one."""

    def __init__(self, root: Path = Path("/"), program_folders: str = PROGRAM_FOLDERS) -> None:
        self.root = root
        self.program_folders = program_folders
        self._processes: tuple[Process, ...] | None = None
        self._process_names: Mapping[int, str] | None = None
        self._reading_processes, self._reading_names = threading.Lock(), threading.Lock()
        # The daemon's ear for the clock puts its notes here: what the clocks read each time after they were set.
        self.clock_readings: Callable[[], tuple[Stamp, ...]] = tuple
        # Whoever asks stays, and lets a check look again as soon as it wishes: the daemon.
        self.looks_again = False
        # And its ear for the wire: what was heard on these links before now, and what to be woken for from now on.
        self.overheard: Callable[[Collection[str], Heed], Past] = nothing_heard

    def afresh(self) -> Self:
        """Return this host for another look: what one look reads only once is read again."""
        fresh = copy.copy(self)
        fresh._processes = fresh._process_names = None  # noqa: SLF001 - it is one of us
        fresh._reading_processes, fresh._reading_names = threading.Lock(), threading.Lock()  # noqa: SLF001
        return fresh

    def path(self, path: str) -> Path:
        """Return an absolute path as seen under `root`."""
        return self.root / path.lstrip("/")

    def read_text(self, path: str) -> str | None:
        """Return a file's text, None when there is no such file; undecodable bytes are replaced.

        Raises Unobservable when it exists and cannot be read, or is a pipe: any user's command line may name one.
        """
        try:
            # What is read whole needs no buffer, and a look through /proc reads hundreds of files.
            with _open(self.path(path), buffering=0) as file:
                if stat.S_ISFIFO(os.fstat(file.fileno()).st_mode):
                    raise Unobservable(f"cannot read {path}: it is a pipe")
                return _read_bounded(file).decode(errors="replace")
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            # A network device (/sys) or a process (/proc) can vanish while its file is being read.
            if error.errno in (errno.ENODEV, errno.ESRCH):
                return None
            raise Unobservable(f"cannot read {path}: {error.strerror}") from error

    def read_tail(self, path: str, max_bytes: int) -> Tail | None:
        """Return the last `max_bytes` of a file, None when there is no such file.

        Raises Unobservable when it exists and cannot be read, or is no file: a pipe's content is another's.
        """
        try:
            with _open(self.path(path)) as file:
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode):
                    raise Unobservable(f"cannot read {path}: it is not a file")
                head = file.read(HEAD_BYTES)
                begins_at = max(status.st_size - max_bytes, 0)
                file.seek(begins_at)
                content = file.read(max_bytes)
                return Tail(inode=status.st_ino, head=head, begins_at=begins_at, content=content)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise Unobservable(f"cannot read {path}: {error.strerror}") from error

    def names_in(self, directory: str) -> tuple[str, ...]:
        """Return the sorted names in a directory, none when there is no such directory.

        Raises Unobservable when it exists and cannot be listed.
        """
        try:
            return tuple(sorted(entry.name for entry in self.path(directory).iterdir()))
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as error:
            raise Unobservable(f"cannot list {directory}: {error.strerror}") from error

    def name(self) -> str:
        """Return the host name, in the kernel's words."""
        return (self.read_text("/proc/sys/kernel/hostname") or "localhost").strip()

    def stamp(self) -> Stamp:
        """Return this moment: boot_id, CLOCK_BOOTTIME and CLOCK_REALTIME, read together.

        The pair is the tightest of five BOOTTIME-REALTIME-BOOTTIME readings (noise below a microsecond),
        so that REALTIME - BOOTTIME can be compared between stamps. Raises Unobservable without a boot_id.
        """
        boot_id = (self.read_text("/proc/sys/kernel/random/boot_id") or "").strip()
        if not boot_id:
            raise Unobservable("cannot read /proc/sys/kernel/random/boot_id: is /proc mounted?")
        _, boottime_ns, wall_ns = min(_clock_readings())
        return Stamp(boot_id=boot_id, boottime_ns=boottime_ns, wall_ns=wall_ns)

    def boottime_ns(self) -> int:
        """Return CLOCK_BOOTTIME, to compare with that of stamps of this boot."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME)

    def monotonic_us(self) -> int:
        """Return CLOCK_MONOTONIC in microseconds, which a service manager reckons with."""
        return time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000

    def suspended_seconds(self) -> float:
        """Return how long this boot was suspended: what CLOCK_BOOTTIME counts and CLOCK_MONOTONIC does not."""
        return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)

    def adjtimex(self) -> KernelClock:
        """Return the kernel's view of its clock. Reads only (`modes` is 0), so no privilege is needed.

        Raises Unobservable where a system call filter forbids even that (systemd's ProtectClock=yes does).
        """
        import ctypes  # late: only one check needs it

        timex = ctypes.create_string_buffer(2 * TIMEX_BYTES)  # all zero; the struct ends with padding
        state = ctypes.CDLL(None, use_errno=True).adjtimex(timex)
        if state < 0:
            error = os.strerror(ctypes.get_errno())
            raise Unobservable(f"adjtimex: {error}; a unit's ProtectClock=yes or a seccomp filter may forbid it")
        return decode_timex(timex.raw, state)

    def modified(self, path: str) -> float | None:
        """Return CLOCK_BOOTTIME seconds when a file was last written, None when there is none.

        Reckoned back from the file's wall clock stamp, so a clock step since then shifts it: a likelihood only.
        """
        try:
            written_wall = self.path(path).stat().st_mtime
        except OSError:
            return None
        now = self.stamp()
        return written_wall - (now.wall_ns - now.boottime_ns) / 1e9

    def program(self, name: str) -> str | None:
        """Return the path of a system program, None when it is not installed."""
        return shutil.which(name, path=self.program_folders)

    def run(self, argv: Sequence[str], timeout_seconds: float = 5.0) -> Completed:
        """Run a program that only reads, in the C locale, without a shell, and return what came of it.

        Raises Unobservable when it cannot be started, prints more than a mebibyte, or does not end in time
        (its whole process group is then ended).
        """
        program = self.program(argv[0])
        if program is None:
            raise Unobservable(f"{argv[0]} is not installed")
        environment = {"PATH": self.program_folders, "LC_ALL": "C"}
        try:
            process = subprocess.Popen(
                [program, *argv[1:]],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise Unobservable(f"cannot run {program}: {error.strerror}") from error
        with process:
            try:
                stdout, stderr = _read_output(process, argv[0], timeout_seconds)
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        return Completed(exit_code=process.returncode, stdout=stdout, stderr=stderr)

    def follow(self, argv: Sequence[str]) -> Follower:
        """Start a program that only reads, and goes on printing until it is ended.

        Raises Unobservable when it cannot be started.
        """
        program = self.program(argv[0])
        if program is None:
            raise Unobservable(f"{argv[0]} is not installed")
        reading, writing = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            # It may block; we must not.
            os.set_blocking(writing, True)
            process = subprocess.Popen(
                [program, *argv[1:]],
                env={"PATH": self.program_folders, "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=writing,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            os.close(reading)
            raise Unobservable(f"cannot run {program}: {error.strerror}") from error
        finally:
            os.close(writing)
        return Follower(process, reading)

    def process_names(self) -> Mapping[int, str]:
        """Return what each process calls itself (/proc/PID/comm, at most 15 bytes of it), by its number.

        That costs a tenth of `processes`, and is read once for however many checks look at the same time.
        """
        with self._reading_names:
            if self._process_names is None:
                self._process_names = dict(self._read_process_names())
            return self._process_names

    def _read_process_names(self) -> Iterator[tuple[int, str]]:
        folder = str(self.path("/proc"))
        try:
            pids = os.listdir(folder)  # noqa: PTH208 - thousands of names, no paths
        except OSError:
            return  # /proc is not mounted
        for pid in pids:
            if pid.isdecimal():
                with suppress(OSError):  # it has ended
                    descriptor = os.open(f"{folder}/{pid}/comm", os.O_RDONLY | os.O_CLOEXEC)
                    try:
                        name = os.read(descriptor, HEAD_BYTES)
                    finally:
                        os.close(descriptor)
                    yield int(pid), name.decode(errors="replace").rstrip("\n")

    def processes_called(self, start: str) -> tuple[Process, ...]:
        """Return the running processes whose names begin so, by their numbers: of the others only names are read.

        `start` is at most 15 bytes long. Raises Unobservable where other users' processes are hidden from us.
        """
        names = self.process_names()
        if 1 not in names:
            raise _hidden()
        alike = sorted(pid for pid, name in names.items() if name.startswith(start))
        if not alike:
            return ()
        import psutil

        found = []
        for pid in alike:
            with suppress(psutil.NoSuchProcess):
                found.append(self._read_process(psutil.Process(pid)))
        return tuple(found)

    def processes(self) -> tuple[Process, ...]:
        """Return the running processes, read once for however many checks look at the same time (`afresh`).

        Those that end meanwhile are left out. Raises Unobservable where other users' are hidden from us.
        """
        with self._reading_processes:
            if self._processes is None:
                self._processes = tuple(self._read_processes())
            return self._processes

    def _read_processes(self) -> Iterator[Process]:
        import psutil

        if 1 not in psutil.pids():
            raise _hidden()
        for process in psutil.process_iter():
            with suppress(psutil.NoSuchProcess):
                yield self._read_process(process)

    def _read_process(self, process: "psutil.Process") -> Process:
        """Read what we tell of a process. Raises NoSuchProcess, and Unobservable."""
        import psutil

        try:
            exe = process.exe() or None
        except psutil.AccessDenied:
            exe = None
        try:
            name, argv = process.name(), tuple(process.cmdline())
        except psutil.AccessDenied:
            raise _hidden() from None
        return Process(
            pid=process.pid,
            name=name,
            exe=exe,
            argv=argv,
            started_boottime_seconds=self._started(process.pid),
        )

    def shares_network(self, pid: int) -> bool | None:
        """Tell whether a process lives in our network namespace: a container's does not; None: we may not look.

        Who may not look at another user's namespace may still read what is in it (/proc/PID/net): whether a socket
        that we just opened is.
        """
        try:
            theirs = self.path(f"/proc/{pid}/ns/net").stat()
            ours = self.path("/proc/self/ns/net").stat()
        except PermissionError:
            return self._sees_our_socket(pid)
        except OSError:
            return None
        return (theirs.st_dev, theirs.st_ino) == (ours.st_dev, ours.st_ino)

    def _sees_our_socket(self, pid: int) -> bool | None:
        """Look for a netlink socket of ours among those in a process's network namespace (inodes are unique)."""
        try:
            with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as ours:
                ours.bind((0, 0))
                inode = str(os.fstat(ours.fileno()).st_ino)
                table = self.read_text(f"/proc/{pid}/net/netlink")
        except (OSError, Unobservable):
            return None
        return None if not table else any(line.split()[-1:] == [inode] for line in table.splitlines())

    def _started(self, pid: int) -> float | None:
        """Return field 22 of /proc/PID/stat (proc(5)): clock ticks from boot to the process's start."""
        stat = self.read_text(f"/proc/{pid}/stat")
        if not stat:
            return None
        return int(stat.rpartition(")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")

    def rtnetlink(self) -> Netlink:
        """Return a socket to ask the kernel of links, addresses, neighbours, routes and rules; to be closed.

        Raises Unobservable.
        """
        return Netlink()

    @contextmanager
    def netlink(self) -> Iterator[Any]:
        """Yield a pyroute2 IPRoute of the calling thread's own, for what is to change.

        The import is late: it costs 0.15 s and 10 MB, which stay.
        """
        from pyroute2 import IPRoute

        with IPRoute() as netlink:
            yield netlink


def nothing_heard(_: Collection[str], __: Heed) -> Past:
    """Stand in for an ear where none listens: what a look wants to know, it must hear itself."""
    return Past()


def _hidden() -> Unobservable:
    return Unobservable("other users' processes are hidden (/proc has hidepid): this needs root")


def _open(path: Path, buffering: int = -1) -> IO[bytes]:
    """Open for reading. O_NONBLOCK: opening a pipe would otherwise wait for a writer."""
    if "\0" in str(path):  # some program may call that its log; Python's error for it is none of the system's
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return os.fdopen(descriptor, "rb", buffering=buffering)
    except OSError:  # a folder
        os.close(descriptor)
        raise


def _read_bounded(file: IO[bytes]) -> bytes:
    """Read in small pieces: procfs allocates as much kernel memory as one read asks for, and refuses megabytes."""
    content, size = b"", _FIRST_BYTES
    while piece := file.read(min(size, MAX_FILE_BYTES - len(content))):
        content += piece
        if len(piece) == size:
            size = _NEXT_BYTES
    return content


def _clock_readings() -> Iterator[tuple[int, int, int]]:
    """Yield five (width, boottime, wall) readings in nanoseconds; the narrower, the truer."""
    for _ in range(5):
        before = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        wall = time.clock_gettime_ns(time.CLOCK_REALTIME)
        after = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        yield after - before, (before + after) // 2, wall


def _read_output(process: subprocess.Popen[bytes], name: str, timeout_seconds: float) -> tuple[str, str]:
    """Read both streams to their end, each bounded, all within the time limit."""
    if process.stdout is None or process.stderr is None:
        raise AssertionError("both streams are pipes")
    read: dict[int, bytes] = {process.stdout.fileno(): b"", process.stderr.fileno(): b""}
    deadline = time.clock_gettime(time.CLOCK_BOOTTIME) + timeout_seconds
    with selectors.DefaultSelector() as selector:
        for descriptor in read:
            selector.register(descriptor, selectors.EVENT_READ)
        while selector.get_map():
            left = deadline - time.clock_gettime(time.CLOCK_BOOTTIME)
            ready = selector.select(left) if left > 0 else []
            if not ready:
                raise Unobservable(f"{name} did not end within {timeout_seconds:g} s")
            for key, _ in ready:
                piece = os.read(key.fd, 1 << 16)
                read[key.fd] += piece
                if not piece:
                    selector.unregister(key.fd)
                elif len(read[key.fd]) > MAX_OUTPUT_BYTES:
                    raise Unobservable(f"{name} printed more than {MAX_OUTPUT_BYTES} bytes")
    try:
        process.wait(max(deadline - time.clock_gettime(time.CLOCK_BOOTTIME), 0.1))
    except subprocess.TimeoutExpired as error:
        raise Unobservable(f"{name} did not end within {timeout_seconds:g} s") from error
    stdout, stderr = (text.decode(errors="replace") for text in read.values())
    return stdout, stderr
