"""What `watchdog ... --json` printed in a story, as the short lists that tests compare whole."""

from typing import Any

from tests.lab.uml import Transcript

# (fault, subject, severity or state)
Finding = tuple[str, str, str]


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
