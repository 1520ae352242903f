"""`watchdog status --watch`, as a person watches: shown anew, ended by Ctrl-C with the code of what was shown."""

import signal
import subprocess
from collections.abc import Callable

import pytest

from tests.cli.command import Cli


def watch(cli: Cli, *, until: str, between: Callable[[], object] = lambda: None) -> tuple[int, list[str], str]:
    """Watch until a page says this, with something happening after the first; then press Ctrl-C."""
    with subprocess.Popen(
        cli.argv("status", "--watch", "0.5"),
        env=cli.environ(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        shown: list[str] = []
        page: list[str] = []
        for text in process.stdout:
            page.append(text)
            if text.startswith("every 0.5 s"):
                shown.append("".join(page))
                page.clear()
                if len(shown) == 1:
                    between()
                if until in shown[-1]:
                    break
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        said = process.stderr.read()
        code = process.wait(30)
    return code, [*shown, rest], said


def test_what_changes_is_shown_and_the_last_page_decides_the_code(cli: Cli, lamp: Callable[[str], None]) -> None:
    lamp("")
    assert cli("run", "lamp").code == 0

    def goes_out() -> None:
        lamp("hall")
        assert cli("run", "lamp").code == 2

    code, shown, said = watch(cli, until="lamp hall is out", between=goes_out)
    assert said == ""
    assert code == 2
    assert "no open incident" in shown[0]
    assert "lamp hall is out" in shown[-2]


def test_a_history_that_is_not_there_yet_is_waited_for(cli: Cli, lamp: Callable[[str], None]) -> None:
    lamp("")
    # Not "no open incident": that is said as well between the making of the history and the first look's record.
    code, shown, said = watch(cli, until="\nok       lamp", between=lambda: cli("run", "lamp"))
    assert (code, said) == (0, "")
    assert "there is no history" in shown[0]
    assert "no open incident" in shown[-2]


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("--watch", "--json"), id="a-script-does-not-watch"),
        pytest.param(("--watch", "0"), id="no-time-at-all"),
        pytest.param(("--watch", "soon"), id="no-number"),
    ],
)
def test_what_cannot_be_watched_is_an_error_of_usage(cli: Cli, words: tuple[str, ...]) -> None:
    ended = cli("status", *words)
    assert (ended.code, ended.out) == (3, "")


def test_the_metrics_are_written_after_each_run(cli: Cli, lamp: Callable[[str], None]) -> None:
    from prometheus_client.openmetrics.parser import text_string_to_metric_families

    file = cli.folder / "watchdog.prom"
    cli.settings(f'[metrics]\ntextfile = "{file}"\n')

    def said() -> dict[str, float]:
        families = text_string_to_metric_families(file.read_text())
        seen = (sample for family in families for sample in family.samples)
        return {
            one.labels["verdict"]: one.value
            for one in seen
            if one.name == "watchdog_check_verdict" and one.labels["check"] == "lamp"
        }

    lamp("")
    assert cli("run", "lamp").code == 0
    assert said()["ok"] == 1
    lamp("hall")
    assert cli("run", "lamp").code == 2
    assert (said()["ok"], said()["critical"]) == (0, 1)
    assert file.stat().st_mode & 0o777 == 0o644
    assert sorted(one.name for one in cli.folder.glob("*watchdog*")) == ["watchdog.prom", "watchdog.toml"]


def test_metrics_that_cannot_be_written_cost_only_a_word(cli: Cli, lamp: Callable[[str], None]) -> None:
    cli.settings(f'[metrics]\ntextfile = "{cli.folder}/nowhere/watchdog.prom"\n')
    lamp("")
    ended = cli("run", "lamp")
    assert ended.code == 0
    assert "the metrics are not written to" in ended.err


@pytest.mark.parametrize(
    ("listen", "fits"),
    [
        pytest.param("127.0.0.1:9836", True, id="loopback"),
        pytest.param("127.1.2.3:1", True, id="all-of-127"),
        pytest.param("[::1]:65535", True, id="ipv6"),
        pytest.param("", True, id="nowhere"),
        pytest.param("0.0.0.0:9836", False, id="everywhere"),
        pytest.param("[::]:9836", False, id="everywhere-ipv6"),
        pytest.param("192.0.2.1:9836", False, id="the-network"),
        pytest.param("localhost:9836", False, id="a-name-that-may-be-anything"),
        pytest.param("127.0.0.1", False, id="no-port"),
        pytest.param("127.0.0.1:0", False, id="port-0"),
        pytest.param("127.0.0.1:65536", False, id="port-too-high"),
        pytest.param("::1:9836", False, id="ipv6-without-brackets"),
    ],
)
def test_where_metrics_may_be_served(cli: Cli, listen: str, fits: bool) -> None:
    cli.settings(f'[metrics]\nlisten = "{listen}"\n')
    ended = cli("config", "check")
    assert (ended.code == 0) is fits
    assert ("loopback only" in ended.err) is not fits
