"""What `watchdog ... --json` printed in a story, as the short lists that tests compare whole."""

import json
from collections.abc import Sequence
from typing import Any

from tests.lab.uml import Transcript

# (fault, subject, severity or state)
Finding = tuple[str, str, str]

# Nobody keeps the clock of a host in the lab, unless a story says so, and it knows no server to ask: clock_sync
# says that it cannot tell.
NO_SERVER = ["clock_sync"]


def findings(transcript: Transcript, name: str) -> list[Finding]:
    """Return all that `run --json` found, of every check: (fault, subject, severity), sorted."""
    return sorted(
        (finding["fault"], finding["subject"], finding["severity"])
        for check in transcript.json(name)["checks"]
        for finding in check["findings"]
    )


def of_check(transcript: Transcript, name: str, check: str) -> Any:
    """Return one check's object of `run --json`."""
    (found,) = (one for one in transcript.json(name)["checks"] if one["check"] == check)
    return found


def incidents(transcript: Transcript, name: str) -> list[Finding]:
    """Return what `incidents --json` lists: (fault, subject, state), oldest first."""
    return [
        (incident["fault"], incident["subject"], incident["state"])
        for incident in sorted(transcript.json(name), key=lambda incident: incident["id"])
    ]


def unknown(transcript: Transcript, name: str) -> list[str]:
    """Return the checks that could not see all, of `run --json`."""
    return [one["check"] for one in transcript.json(name)["checks"] if one["verdict"] == "unknown"]


def exit_code(found: list[Finding], blind: Sequence[str] = ()) -> int:
    """Return how a run must end that found this and in which these checks were blind."""
    worst = max(({"warning": 1, "critical": 2}[severity] for _, _, severity in found), default=0)
    return worst or (3 if blind else 0)


def alerts(transcript: Transcript) -> list[tuple[str, str]]:
    """Return what the web server of alerts.sh was told, as it came: (what kind apprise calls it, title)."""
    bodies = (json.loads(line)["body"] for line in transcript.files["notifications.jsonl"].splitlines())
    return [(body["type"], body["title"].lower()) for body in bodies]


def causes(transcript: Transcript, name: str) -> dict[str, list[str]]:
    """Return by fault what `incidents --json` says may have caused it, likeliest first."""
    by_id = {incident["id"]: incident["fault"] for incident in transcript.json(name)}
    return {one["fault"]: [by_id[cause] for cause in one["causes"]] for one in transcript.json(name)}
