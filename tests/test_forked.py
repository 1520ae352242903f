"""A forked program (tests/forked.py) is as one that is started: the same programs run both ways, and compared."""

import json
import os
import selectors
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.forked import Forked, run

ROOT = Path(__file__).parent.parent
Ended = tuple[int, list[str], str]
Both = Callable[..., Ended]


@pytest.fixture
def both(tmp_path: Path) -> Both:
    """Run a program both ways, and return how both ended."""

    def compare(
        program: str, *words: str, options: tuple[str, ...] = (), given: str = "", **environment: str
    ) -> Ended:
        path = tmp_path / "program.py"
        path.write_text(textwrap.dedent(program))
        argv = [sys.executable, *options, *(words or (str(path), "one", "two words", ""))]
        how: dict[str, Any] = {
            "env": {"PATH": os.environ["PATH"], **environment},
            "cwd": tmp_path,
            "stdin": subprocess.PIPE,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "text": True,
        }
        ended = []
        for start in (subprocess.Popen, lambda argv, **how: Forked(argv, "import json, logging", **how)):
            with start(argv, **how) as process:
                out, err = process.communicate(given, timeout=60)
            ended.append(
                (process.returncode, out.splitlines(), (err.splitlines() or [""])[-1])
            )  # but for a traceback's frames
        assert ended[1] == ended[0]
        return ended[1]

    return compare


@pytest.mark.parametrize(
    ("program", "code"),
    [
        pytest.param("print('done')", 0, id="end"),
        pytest.param("import sys; sys.exit(7)", 7, id="exit"),
        pytest.param("import sys; sys.exit('what was wrong')", 1, id="exit-with-words"),
        pytest.param("import sys; print('said', file=sys.stderr); raise ValueError('of mine')", 1, id="exception"),
        pytest.param("1 +", 1, id="no-program"),
        pytest.param("import os; print('lost'); os._exit(4)", 4, id="at-once"),
        pytest.param("import os; os.kill(os.getpid(), 9)", -9, id="killed"),
        pytest.param("import os; os.kill(os.getpid(), 15)", -15, id="told-to-end"),
        pytest.param("import os, time; os.kill(os.getpid(), 2); time.sleep(60)", -2, id="interrupted"),
        pytest.param("import atexit; atexit.register(print, 'last'); raise SystemExit(3)", 3, id="exit-handler"),
        pytest.param(
            "import threading as t; t.Timer(0.1, print, ['later']).start(); print('now')", 0, id="thread"
        ),
        pytest.param("import sys; sys.stdout.write('no line'); sys.stderr.write('nor here')", 0, id="flushed"),
        pytest.param("import sys; print(sys.stdin.read()[::-1], sys.stdin.isatty())", 0, id="reads"),
        pytest.param("import os; os.write(1, os.read(0, 9)); os.write(2, b'2')", 0, id="descriptors"),
        pytest.param("import sys; sys.stdout.close(); print('x')", 1, id="closed"),
    ],
)
def test_how_it_ends_and_what_it_says(both: Both, program: str, code: int) -> None:
    assert both(program, given="some words\n")[0] == code


# What a program can ask of where it is.
SURROUNDINGS = """
    import json, locale, os, resource, signal, sys, threading, time
    umask = os.umask(0)
    print(json.dumps({
        "argv": sys.argv,
        "orig_argv": sys.orig_argv,
        "path": sys.path,
        "name": [__name__, sys.modules["__main__"].__dict__["__name__"]],
        "flags": str(sys.flags),
        "environ": dict(os.environ),
        "folder": os.getcwd(),
        "umask": umask,
        "group": [os.getpgid(0) == os.getpid(), os.getsid(0) == os.getpid()],
        "open": sorted(os.listdir("/proc/self/fd")),
        "signals": {s.name: str(signal.getsignal(s)) for s in signal.Signals},
        "blocked": str(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
        "limits": [resource.getrlimit(n) for n in range(10)],
        "streams": [
            [s.encoding, s.errors, s.line_buffering, s.name, s.mode, s.fileno(), s is o]
            for s, o in zip((sys.stdin, sys.stdout, sys.stderr), (sys.__stdin__, sys.__stdout__, sys.__stderr__))
        ],
        "locale": [locale.getlocale(), locale.getpreferredencoding()],
        "zone": [time.tzname, time.strftime("%H", time.localtime(0))],
        "threads": [one.name for one in threading.enumerate()],
        "uid": [os.getresuid(), os.getresgid(), os.getgroups()],
    }, indent=1))
"""


@pytest.mark.parametrize(
    ("options", "environment"),
    [
        pytest.param((), {}, id="plain"),
        pytest.param((), {"TZ": "Asia/Tokyo", "HOME": "/nowhere", "LAMP": "é\n"}, id="environment"),
        pytest.param((), {"PYTHONPATH": "/a:relative::/a"}, id="folders"),
        pytest.param((), {"PYTHONIOENCODING": "latin-1"}, id="encoding"),
        pytest.param((), {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, id="locale"),
        pytest.param(("-I",), {"PYTHONPATH": "/a"}, id="isolated"),
    ],
)
def test_where_it_is(both: Both, options: tuple[str, ...], environment: dict[str, str]) -> None:
    code, out, err = both(SURROUNDINGS, options=options, **environment)
    assert (code, err) == (0, "")
    assert environment.items() <= json.loads("".join(out))["environ"].items()


def test_a_module(both: Both, tmp_path: Path) -> None:
    (tmp_path / "there.py").write_text("import sys; print(__name__, sys.argv, __file__, sys.path[0])")
    assert both("", "-m", "there", "word")[0] == 0


def test_what_was_installed_since(both: Both, tmp_path: Path) -> None:
    """A distribution that came after the server's start is found, by its entry point, too."""
    finds = "import importlib.metadata as m; print([p.load().HERE for p in m.entry_points(group='tests.forked')])"
    for name in ("one", "two"):
        info = tmp_path / "site" / f"{name}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[tests.forked]\n{name} = {name}\n")
        (tmp_path / f"site/{name}.py").write_text(f"HERE = '{name}'")
        assert name in both(finds, PYTHONPATH=str(tmp_path / "site"))[1][0]


def test_its_session_and_umask_are_as_asked(tmp_path: Path) -> None:
    for start in (subprocess.Popen, lambda argv, **how: Forked(argv, "", **how)):
        program = tmp_path / "program.py"
        program.write_text("import os; print(os.getsid(0) == os.getpid(), oct(os.umask(0)))")
        with start(
            [sys.executable, str(program)], stdout=subprocess.PIPE, start_new_session=True, umask=0o27
        ) as process:
            assert process.stdout.read() == b"True 0o27\n"


def test_one_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        f"import os, time; open({str(tmp_path / 'pid')!r}, 'w').write(f'{{os.getpid()}}'); time.sleep(60)"
    )
    with pytest.raises(subprocess.TimeoutExpired):
        run([sys.executable, str(program)], "", env={}, timeout=2)
    pid = int((tmp_path / "pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_several_at_once_and_their_ends_in_any_order(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("import sys; sys.exit(int(sys.stdin.read()))")
    started = [Forked([sys.executable, str(program)], "", stdin=subprocess.PIPE, text=True) for _ in range(4)]
    assert [one.poll() for one in started] == [None] * 4
    for number in (2, 0, 3, 1):
        started[number].communicate(f"{number + 10}")
    assert [one.returncode for one in started] == [10, 11, 12, 13]


def test_the_server_ends_with_who_asked_it_and_its_programs_go_on(tmp_path: Path) -> None:
    """As programs do whose starter is killed."""
    program = tmp_path / "program.py"
    program.write_text(
        "import os, sys; print(os.getpid(), os.getppid(), flush=True); sys.stdin.read(); sys.exit(5)"
    )
    asks = (
        "import os, sys, time; from tests.forked import Forked\n"
        f"Forked([sys.executable, {str(program)!r}], ''); time.sleep(600)"
    )
    worker = subprocess.Popen(
        [sys.executable, "-c", asks], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert worker.stdin is not None
    assert worker.stdout is not None
    pid, server = map(int, worker.stdout.readline().split())
    watched = [os.pidfd_open(pid), os.pidfd_open(server)]
    worker.send_signal(signal.SIGKILL)
    assert worker.wait() == -9
    assert ends(watched[1], within=60)
    assert not ends(watched[0], within=0)
    worker.stdin.close()
    assert ends(watched[0], within=60)
    for one in watched:
        os.close(one)


def ends(pidfd: int, *, within: float) -> bool:
    with selectors.DefaultSelector() as selector:
        selector.register(pidfd, selectors.EVENT_READ)
        return bool(selector.select(within))
