"""Runs inside a namespace (tests/in_namespace.py): `watchdog heal` from end to end, on `lo`.

Real: the command line, the engine, the history file, the actuator, the kernel. Made for this test: a check that
finds a loopback that is down, and a remediation that raises it. Prints what each command did as JSON.
"""

import io
import itertools
import json
import signal
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import msgspec

from watchdog import actuator, cli, selfwatch
from watchdog.cli.app import App
from watchdog.history.store import History
from watchdog.host import Host
from watchdog.model import Fault, Finding, Severity
from watchdog.plugin import Case, Check, CheckSettings, Facts, LinkChange, Plan, Remediation, RemediationSettings
from watchdog.registry import Registry
from watchdog.steps import JournalEntry, Outcome

DOWN = Fault(code="link.down", title="down", severity=Severity.CRITICAL, why="w", advice="a")
RAISE = Plan(
    summary="raise lo",
    steps=(LinkChange(link="lo", up=True),),
    settle_seconds=0.0,
    lasting=False,
    note="let the network configuration raise it",
)


class Links(Facts):
    up: bool


class Nothing(Facts):
    pass


def is_up() -> bool:
    with Host().netlink() as netlink:
        return bool(netlink.link("get", ifname="lo")[0]["flags"] & 1)


def registry(mood: str) -> Registry:
    """Return a check of `lo` and what raises it.

    The check is "convinced" by a link that is up, or "never"; or a signal of that name comes while it looks then.
    The remediation of a "wavering" mood never plans the same twice.
    """
    planned = itertools.count()

    def plan(host: Host, case: Case, settings: RemediationSettings) -> Plan:
        steps = RAISE.steps * (next(planned) + 1)
        return msgspec.structs.replace(RAISE, steps=steps) if mood == "wavering" else RAISE

    def observe(host: Host, settings: CheckSettings, before: Nothing | None) -> Links:
        links = Links(up=is_up())
        if links.up and mood.startswith("SIG"):
            signal.raise_signal(signal.Signals[mood])
        return links

    def judge(facts: Links, before: Nothing | None, settings: CheckSettings) -> Iterator[Finding]:
        if not facts.up or mood != "convinced":
            yield DOWN.on("lo", "lo is down")

    check = Check(
        name="link",
        title="links",
        faults=(DOWN,),
        settings=CheckSettings,
        facts=Links,
        memory=Nothing,
        observe=observe,
        judge=judge,
        remember=lambda facts, before, settings: Nothing(),
    )
    remediation = Remediation(
        name="raise_lo",
        title="raise lo",
        heals=(DOWN.code,),
        risk="low",
        settings=RemediationSettings,
        plan=plan,
    )
    return Registry(
        checks={"link": check},
        remediations={"raise_lo": remediation},
        faults={fault.code: fault for fault in (DOWN, *selfwatch.FAULTS)},
    )


def watchdog(known: Registry, history: Path, *arguments: str) -> dict[str, object]:
    """Run one command as a shell would, and say how it ended."""
    app = App(config_path=None, history_path=history)
    app.__dict__["plugins"] = known
    cli.App = lambda config_path, history_path: app  # type: ignore[misc,assignment]
    sys.argv = ["watchdog", *arguments]
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = cli.answer()
    return {"exit": code, "out": out.getvalue(), "err": err.getvalue(), "up": is_up()}


def crash(history: Path, mode: str) -> dict[str, object]:
    """Leave behind what an attempt does that is killed between its step and its verification."""
    (step,), now = RAISE.steps, Host().stamp()
    with History.open(history, now=now, wait_seconds=0.0, command="killed") as journal:
        attempt_id = journal.begin_attempt(1, "raise_lo", mode, RAISE, Outcome.RUNNING, "", now)
        entry = JournalEntry(step=step, undo=actuator.prepare(step, Host()).undo)
        journal.write_entry(attempt_id, 0, entry, now)
        actuator.do(step, Host())
    return {"up": is_up()}


def set_down() -> dict[str, object]:
    """Do what breaks it again."""
    actuator.do(LinkChange(link="lo", up=False), Host())
    return {"up": is_up()}


def main(history: Path, mood: str, commands: list[list[str]]) -> list[dict[str, object]]:
    known = registry(mood)

    def run(name: str, *words: str) -> dict[str, object]:
        if name == "crash":
            return crash(history, *words)
        return set_down() if name == "down" else watchdog(known, history, name, *words)

    return [run(*command) for command in commands]


if __name__ == "__main__":
    if is_up():  # in a new namespace it is down
        sys.exit("refused: this looks like the machine's own network namespace")
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3]))))
