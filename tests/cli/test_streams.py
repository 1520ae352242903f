"""Streams that are closed, full, or read by nobody; and plugins that meddle with them or do not let go."""

import subprocess

import pytest

from tests.cli.command import Cli

PRINTS = """
from watchdog.plugin import *
import atexit, sys, threading, time
print("printed at import")
class F(Facts, frozen=True, kw_only=True):
    pass
def observe(host, settings, before):
    print("printed by observe")
    {body}
    return F()
OUT = Fault(code="loud.out", title="t", severity=Severity.CRITICAL, why="w", advice="a")
CHECK = Check(name="loud", title="t", faults=(OUT,), settings=CheckSettings, facts=F, memory=F, observe=observe,
              judge=lambda facts, before, settings: [OUT.on("a\\udcff", "it is \\u0142\\U0001f600\\udcff")],
              remember=lambda facts, before, settings: facts)
"""


@pytest.fixture
def loud(cli: Cli) -> Cli:
    """A check that finds a critical fault, with names that not every terminal can say, and prints."""
    cli.plugin("loud", PRINTS.format(body=""))
    return cli


def shell(cli: Cli, words: str, redirection: str) -> subprocess.CompletedProcess[str]:
    """Run `watchdog WORDS` with its streams redirected by bash, and return watchdog's own exit code."""
    script = f'"$@" {redirection}; exit ${{PIPESTATUS[0]}}'
    return subprocess.run(
        ["bash", "-c", script, "bash", *cli.argv(*words.split())],
        env=cli.environ(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_json_is_json_whatever_plugins_print_and_names_hold(loud: Cli) -> None:
    done = loud("run", "loud", "--json")
    (finding,) = done.json["checks"][0]["findings"]
    assert finding["subject"] == "a\udcff"
    assert done.out.isascii()
    assert "printed at import" in done.err
    assert "printed by observe" in done.err


@pytest.mark.parametrize("words", ["run loud", "run loud --json", "status", "incidents --json", "config check"])
@pytest.mark.parametrize(
    "redirection",
    [
        pytest.param(">&-", id="closed"),
        pytest.param("| true", id="read-by-nobody"),
        pytest.param(">&- 2>&- <&-", id="all-closed"),
    ],
)
def test_who_does_not_listen_does_not_change_how_it_ends(loud: Cli, words: str, redirection: str) -> None:
    loud("run", "loud")
    done = shell(loud, words, redirection)
    assert done.returncode == (0 if words.startswith(("incidents", "config")) else 2)
    assert "Traceback" not in done.stderr
    assert loud("status").code == 2, "and the history is whole"


@pytest.mark.parametrize("words", ["run loud", "run loud --json", "explain", "--help"])
def test_a_full_stdout_is_an_error_in_one_line(loud: Cli, words: str) -> None:
    done = shell(loud, words, "> /dev/full")
    assert done.returncode == 3
    assert done.stderr.splitlines()[-1] == "watchdog: the output: No space left on device"
    assert "Traceback" not in done.stderr


def test_a_terminal_that_cannot_say_a_name(loud: Cli) -> None:
    loud.environment["PYTHONIOENCODING"] = "latin-1"  # ASCII itself click takes for a slip, and writes UTF-8
    done = loud("run", "loud")
    assert done.code == 2
    assert "it is \\u0142\\U0001f600\\udcff" in done.out


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("threading.Thread(target=time.sleep, args=(600,), daemon=False).start()", id="thread"),
        pytest.param("atexit.register(time.sleep, 600)", id="exit-handler"),
    ],
)
def test_what_a_plugin_leaves_behind_does_not_hold_up_the_end(cli: Cli, body: str) -> None:
    cli.plugin("loud", PRINTS.format(body=body))
    assert cli("run", "loud", timeout=30).code == 2


def test_a_fault_of_ours_is_no_warning(cli: Cli) -> None:
    cli.plugin("loud", PRINTS.format(body="import watchdog.engine; watchdog.engine.advance = None"))
    done = cli("run", "loud")
    assert (done.code, "Traceback" in done.err) == (3, True)
