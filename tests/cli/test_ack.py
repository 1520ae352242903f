"""`watchdog ack`, and where it shows."""

from collections.abc import Callable

import pytest

from tests.cli.command import Cli

Lamp = Callable[[str], None]


@pytest.fixture
def watched(cli: Cli, lamp: Lamp) -> Cli:
    """A host with two lamps that are out: incidents 1 and 2."""
    lamp("attic cellar")
    assert cli("run", "lamp").code == 2
    return cli


def test_who_knows_of_what_is_on_record_and_shown(watched: Cli) -> None:
    assert watched("ack").out == "nothing is acknowledged; watchdog incidents lists what is open\n"
    said = watched("ack", "2", "--why", "on it")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("#2 lamp.out on cellar: acknowledged by ")
    assert said.out.endswith(": on it\n")
    assert watched("ack").out == said.out
    (listed,) = watched("ack", "--json").json
    assert (listed["incident"], listed["fault"], listed["subject"], listed["why"]) == (
        2,
        "lamp.out",
        "cellar",
        "on it",
    )
    first, second = watched("incidents", "--json").json
    assert first["acknowledged"] is None
    assert second["acknowledged"] == {key: listed[key] for key in ("who", "why", "severity", "at")}
    known = " ".join(said.out.split(": ", 1)[1].split())
    assert known in " ".join(watched("status").out.split())
    assert watched("report", "--verify").code == 0


def test_it_ends_with_what_it_is_about(watched: Cli, lamp: Lamp) -> None:
    watched("ack", "1")
    lamp("cellar")
    watched("run", "lamp")
    assert watched("ack", "--json").json == []


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["ack", "9"], "there is no open incident 9; watchdog incidents lists those that are open"),
        (["ack", "--why", "x"], "--why needs INCIDENT"),
        (["ack", "attic"], "not a valid integer"),
    ],
)
def test_what_cannot_be_acknowledged(watched: Cli, words: list[str], complaint: str) -> None:
    ended = watched(*words)
    assert ended.code == 3
    assert complaint in ended.err
