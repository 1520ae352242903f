"""A house for root's hands: a lamp that is a file, what changes it, a remediation for each way to misuse it."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from watchdog import config
from watchdog.engine import Engine
from watchdog.host import Host
from watchdog.model import CheckResult, Stamp
from watchdog.plugin import (
    Case,
    Check,
    CheckSettings,
    Facts,
    Fault,
    Finding,
    Plan,
    Refused,
    Remediation,
    RemediationSettings,
    RunCommand,
    Severity,
    UnitAction,
    WriteFile,
)
from watchdog.privileged.duty import Duty, House
from watchdog.privileged.ledger import Ledger
from watchdog.privileged.messages import MakePlan
from watchdog.registry import Registry

OUT = Fault(code="lamp.out", title="a lamp is out", severity=Severity.CRITICAL, why="Dark.", advice="Change it.")
LIGHT = WriteFile(path="/etc/lamp", before="dark\n", after="light\n")
SWITCH = WriteFile(path="/etc/switch", before=None, after="on\n")
DARK = WriteFile(path="/etc/lamp", before="light\n", after="dark\n", mode=0o644)
FORGED = WriteFile(path="/etc/shadow", before=None, after="root::0:0:::::\n")


class LampFacts(Facts, frozen=True, kw_only=True):
    said: str


def observe(host: Host, settings: CheckSettings, before: LampFacts | None) -> LampFacts:
    return LampFacts(said=(host.read_text("/etc/lamp") or "").strip())


def judge(facts: LampFacts, before: LampFacts | None, settings: CheckSettings) -> Iterator[Finding]:
    if facts.said == "dark":
        yield OUT.on("hall", "lamp hall is out", before=before.said if before else "")


def remember(facts: LampFacts, before: LampFacts | None, settings: CheckSettings) -> LampFacts:
    return facts


def plan(host: Host, case: Case, settings: RemediationSettings) -> Plan:
    if (host.read_text("/etc/lamp") or "") != LIGHT.before:
        raise Refused("the lamp is not dark")
    return Plan(summary="light", steps=(LIGHT, SWITCH))


def plan_to_take_out(host: Host, case: Case, settings: RemediationSettings) -> Plan:
    return Plan(summary="stop", steps=(UnitAction(unit="lamp.service", action="stop"),), healthy_left=0)


def plan_command(host: Host, case: Case, settings: RemediationSettings) -> Plan:
    return Plan(summary="wait", steps=(RunCommand(argv=("sleep", "60"), undo=("touch", "/undone")),))


CHECK = Check(
    name="lamp",
    title="lamps",
    faults=(OUT,),
    settings=CheckSettings,
    facts=LampFacts,
    memory=LampFacts,
    observe=observe,
    judge=judge,
    remember=remember,
)


def remediation(name: str, planner: object = plan, risk: str = "low") -> Remediation[RemediationSettings]:
    return Remediation(
        name=name,
        title=name,
        heals=("lamp.out",),
        risk=risk,  # type: ignore[arg-type]
        settings=RemediationSettings,
        plan=planner,  # type: ignore[arg-type]
    )


PLUGINS = Registry(
    checks={"lamp": CHECK},
    remediations={
        one.name: one
        for one in (
            remediation("change_bulb"),
            remediation("only_proposed"),
            remediation("switched_off"),
            remediation("too_risky", risk="high"),
            remediation("last_one", plan_to_take_out),
        )
    },
    faults={OUT.code: OUT},
)
SETTINGS = """
[remediations.change_bulb]
mode = "auto"
[remediations.switched_off]
mode = "off"
[remediations.too_risky]
mode = "auto"
[remediations.last_one]
mode = "auto"
"""
ASK = MakePlan(remediation="change_bulb", fault="lamp.out", subject="hall")


class LaterHost(Host):
    """A host whose clock a test moves on."""

    later_seconds = 0.0

    def stamp(self) -> Stamp:
        now = super().stamp()
        later = int(self.later_seconds * 1e9)
        return Stamp(boot_id=now.boot_id, boottime_ns=now.boottime_ns + later, wall_ns=now.wall_ns + later)


class Place:
    """A host in a folder, with settings beside it, on which a lamp is out."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "root"
        (self.root / "etc").mkdir(parents=True)
        self.lamp.write_text("dark\n")
        boot_id = self.root / "proc/sys/kernel/random/boot_id"
        boot_id.parent.mkdir(parents=True)
        boot_id.write_text("this-boot\n")
        self.settings(SETTINGS)
        self.host = LaterHost(root=self.root)

    @property
    def lamp(self) -> Path:
        return self.root / "etc/lamp"

    @property
    def ledger_path(self) -> Path:
        return self.folder / "ledger.json"

    def settings(self, text: str) -> None:
        path = self.folder / "watchdog.toml"
        path.write_text(text)
        path.chmod(0o600)

    def house(self) -> House:
        loaded = config.load(self.folder / "watchdog.toml", PLUGINS)
        engine = Engine(host=self.host, registry=PLUGINS, config=loaded)

        def look(memories: Mapping[str, bytes]) -> Mapping[str, CheckResult]:
            return engine.look_at(("lamp",), memories)

        return House(config=loaded, registry=PLUGINS, look=look)

    def duty(self) -> Duty:
        """Return one as it is after a start: what it knows is on disk."""
        return Duty(host=self.host, load=self.house, ledger=Ledger(self.ledger_path))
