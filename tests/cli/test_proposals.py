"""What is proposed, and applied on a terminal that may be gone, by a remediation of one's own."""

from collections.abc import Callable

import pytest

from tests.cli.command import Cli
from tests.cli.test_streams import shell

# Only one heals on a host at a time.
pytestmark = pytest.mark.xdist_group("heals")

# Plans by what another check says.
CHANGER = """
from watchdog.plugin import *

def plan(host, case, settings):
    if "bond" not in case.results:
        raise Refused("nobody looked at the bonds")
    if case.finding.subject == "chandelier":
        raise Refused("it hangs too high")
    return Plan(summary="change the bulb", steps=(RunCommand(argv=("true",)),), settle_seconds=0)

REMEDIATION = Remediation(name="change_bulb", title="", heals=("lamp.out",), risk="low",
                          settings=RemediationSettings, plan=plan)
"""


def test_who_looks_at_one_thing_only_leaves_the_proposals_as_they_are(
    cli: Cli, lamp: Callable[[str], None]
) -> None:
    cli.plugin("changer", CHANGER)
    lamp("attic")
    cli("run")
    cli("run", "lamp")
    (incident,) = (one for one in cli("incidents", "--json").json if one["fault"] == "lamp.out")
    assert [attempt["outcome"] for attempt in incident["attempts"]] == ["proposed"]


@pytest.mark.parametrize(
    ("words", "redirection", "code"),
    [
        pytest.param("heal 1 --apply", "<&-", 3, id="nobody-can-be-asked"),
        pytest.param("heal 1 --apply --yes", "<&-", 2, id="nobody-need-be-asked"),
        pytest.param("heal 1 --apply --yes", ">&-", 2, id="closed"),
        pytest.param("heal 1 --apply --yes", "| true", 2, id="read-by-nobody"),
        pytest.param("heal 1 --apply --yes --json", "2>&-", 2, id="nobody-hears"),
    ],
)
def test_a_terminal_that_is_gone_changes_nothing(
    cli: Cli, lamp: Callable[[str], None], words: str, redirection: str, code: int
) -> None:
    cli.plugin("changer", CHANGER)
    lamp("attic")
    cli("run")
    number = next(one["id"] for one in cli("incidents", "--json").json if one["fault"] == "lamp.out")
    done = shell(cli, words.replace("1", str(number)), redirection)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False)
    (incident,) = (one for one in cli("incidents", "--json").json if one["fault"] == "lamp.out")
    outcomes = [attempt["outcome"] for attempt in incident["attempts"]]
    assert outcomes == (["proposed"] if code == 3 else ["closed", "no_effect"])


def test_what_is_refused_to_a_person_is_recorded(cli: Cli, lamp: Callable[[str], None]) -> None:
    cli.plugin("changer", CHANGER)
    lamp("chandelier")
    cli("run")
    number = next(one["id"] for one in cli("incidents", "--json").json if one["fault"] == "lamp.out")
    done = cli("heal", str(number), "--apply", "--yes")
    assert (done.code, "it hangs too high" in done.err) == (3, True)
    (incident,) = (one for one in cli("incidents", "--json").json if one["fault"] == "lamp.out")
    (attempt,) = incident["attempts"]
    assert (attempt["outcome"], attempt["reason"]) == ("refused", "change_bulb: it hangs too high")
    assert attempt["permission"].endswith(f"by watchdog heal {number} --apply")


def test_when_one_remediation_has_had_its_tries_a_person_gets_to_the_next(
    cli: Cli, lamp: Callable[[str], None]
) -> None:
    cli.plugin("changer", CHANGER)
    cli.plugin(
        "other", CHANGER.replace("change_bulb", "light_candle").replace("change the bulb", "light a candle")
    )
    cli.settings(
        """
        [remediations.change_bulb]
        attempts = 1
        [remediations.light_candle]
        cooldown = "0s"
        """
    )
    lamp("attic")
    cli("run")
    number = next(one["id"] for one in cli("incidents", "--json").json if one["fault"] == "lamp.out")
    for _ in range(2):
        assert cli("heal", str(number), "--apply", "--yes").code == 2
    (incident,) = (one for one in cli("incidents", "--json").json if one["fault"] == "lamp.out")
    tried = [one["remediation"] for one in incident["attempts"] if one["outcome"] == "no_effect"]
    assert tried == ["change_bulb", "light_candle"]
