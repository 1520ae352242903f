"""What `watchdog run` proposes, as a person runs it."""

from collections.abc import Callable

from tests.cli.command import Cli

# Plans by what another check says.
CHANGER = """
from watchdog.plugin import *

def plan(host, case, settings):
    if "bond" not in case.results:
        raise Refused("nobody looked at the bonds")
    return Plan(summary="change the bulb", steps=(RunCommand(argv=("true",)),))

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
