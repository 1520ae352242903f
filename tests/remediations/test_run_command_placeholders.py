"""How an argument is filled, and what no value may make of it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediations._run_command.placeholders import fill_argument, parse_argument
from watchdog.model import Json

VALUES: dict[str, Json] = {
    "fault": "bond.member_down",
    "subject": "bond0/eth1",
    "severity": "warning",
    "host": "mail1",
    "evidence.member": "eth1",
    "evidence.lost": 3,
    "evidence.offset_seconds": -18.25,
    "evidence.known": True,
    "evidence.partner": None,
    "evidence.members": ["eth0"],
    "evidence.empty": "",
    "evidence.option": "--force",
    "evidence.up": "../../etc",
    "evidence.lines": "a\nb",
    "evidence.escape": "\x1b[2J",
    "evidence.nul": "a\0b",
    "evidence.surrogate": "a\udc80",
    "evidence.turned": "a\u202eb",
    "evidence.nan": float("nan"),
    "evidence.long": "x" * 5000,
    "evidence.shell": "a; rm -rf / #$(x)`y`",
    "evidence.braces": "{subject}",
}


@pytest.mark.parametrize(
    ("argument", "filled"),
    [
        pytest.param("plain", "plain", id="nothing-to-fill"),
        pytest.param("", "", id="empty"),
        pytest.param("--force", "--force", id="the-owner-s-own-option"),
        pytest.param("..", "..", id="the-owner-s-own-path"),
        pytest.param("{subject}", "bond0/eth1", id="whole"),
        pytest.param("--from={subject}", "--from=bond0/eth1", id="behind-an-option"),
        pytest.param("{host}:{severity}:{fault}", "mail1:warning:bond.member_down", id="several"),
        pytest.param("{evidence.member}", "eth1", id="evidence"),
        pytest.param("{evidence.lost}", "3", id="whole-number"),
        pytest.param("--by={evidence.offset_seconds}", "--by=-18.25", id="negative-number-behind-an-option"),
        pytest.param("{evidence.known}", "true", id="truth"),
        pytest.param("{evidence.shell}", "a; rm -rf / #$(x)`y`", id="a-shell-s-words-are-words"),
        pytest.param("{evidence.braces}", "{subject}", id="what-fills-is-not-filled-again"),
        pytest.param('{{"on": "{subject}"}}', '{"on": "bond0/eth1"}', id="braces-that-are-meant"),
        pytest.param("{{}}", "{}", id="only-braces"),
        pytest.param("--to={evidence.option}", "--to=--force", id="an-option-s-value-stays-one"),
    ],
)
def test_filled(argument: str, filled: str) -> None:
    assert fill_argument(argument, VALUES) == filled


@pytest.mark.parametrize(
    ("argument", "why"),
    [
        pytest.param(
            "{evidence.nope}", "nothing that this finding tells; there are {fault}, {subject}", id="unknown"
        ),
        pytest.param("{evidence.partner}", "is None", id="null"),
        pytest.param("{evidence.members}", "only text, numbers", id="list"),
        pytest.param("{evidence.nan}", "only text, numbers", id="no-number"),
        pytest.param("{evidence.empty}", "empty, or", id="empty"),
        pytest.param("{evidence.option}", "takes for an option", id="option"),
        pytest.param("{evidence.offset_seconds}", "--name={evidence.offset_seconds}", id="negative-number"),
        pytest.param("/srv/{evidence.up}/x", "leaves the folder", id="out-of-the-folder"),
        pytest.param("{evidence.lines}", "no printable text", id="two-lines"),
        pytest.param("{evidence.escape}", "no printable text", id="escape"),
        pytest.param("{evidence.nul}", "no printable text", id="nul"),
        pytest.param("{evidence.surrogate}", "no printable text", id="surrogate"),
        pytest.param("{evidence.turned}", "no printable text", id="turned-around"),
        pytest.param("{evidence.long}", "longer than 4096", id="too-long"),
    ],
)
def test_no_value_to_be_put_there(argument: str, why: str) -> None:
    with pytest.raises(ValueError, match=re.escape(why)):
        fill_argument(argument, VALUES)


@pytest.mark.parametrize(
    ("argument", "why"),
    [
        pytest.param("{nope}", "one of the placeholders {fault}, {subject}, {severity}, {host}", id="unknown"),
        pytest.param("{}", "one of the placeholders", id="no-name"),
        pytest.param("{0}", "one of the placeholders", id="number"),
        pytest.param("{evidence.}", "one of the placeholders", id="no-key"),
        pytest.param("{subject!r}", "one of the placeholders", id="conversion"),
        pytest.param("{subject:>10}", "one of the placeholders", id="format"),
        pytest.param("{subject.__class__}", "one of the placeholders", id="attribute"),
        pytest.param("{subject", "braces in pairs", id="open"),
        pytest.param("subject}", "braces in pairs", id="closed"),
        pytest.param("-{subject}", "the name of an option", id="short-option-from-outside"),
        pytest.param("--{subject}=x", "the name of an option", id="long-option-from-outside"),
        pytest.param("a\0b", "no NUL", id="nul"),
    ],
)
def test_no_template(argument: str, why: str) -> None:
    with pytest.raises(ValueError, match=re.escape(why)):
        parse_argument(argument)


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_whatever_fills_an_argument_stays_within_it(before: str, value: str, behind: str) -> None:
    argument = f"{before.replace('{', '').replace('}', '')}{{subject}}{behind.replace('{', '').replace('}', '')}"
    try:
        filled = fill_argument(argument, {"subject": value})
    except ValueError:
        return
    assert value in filled
    assert value.isprintable()
    assert filled.startswith("-") is argument.startswith("-")
    assert (".." in filled.split("/")) is (".." in argument.split("/"))
