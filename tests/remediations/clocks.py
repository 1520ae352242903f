"""Hosts as trees of files, with NTP daemons that do not run, for the remediations of time."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from watchdog.host import Host, Process
from watchdog.model import CheckResult, Finding, Incident, IncidentState, Metric, Severity, Stamp, Unseen
from watchdog.plugin import Case

NTPSEC = "ntpsec-1.2.2 tinker stepback /etc/ntpsec/ntp.conf"
CLASSIC = "ntpd 4.2.8p15 tinker stepback /etc/ntp.conf"
OLD = "ntpd 4.2.6p5 tinker step /etc/ntp.conf"
CHRONYD = "/etc/chrony/chrony.conf"
ROOT = "Name:\tntpd\nUid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\nCapBnd:\t000001ffffffffff\nNSpid:\t{pid}\n"
BOOT = "0f5c2b1e-0000-4000-8000-000000000000"


class Tree(Host):
    """A tree of files, and the processes that are said to run."""

    def __init__(self, root: Path, running: Sequence[Process] = ()) -> None:
        super().__init__(root, program_folders=f"{root}/bin")
        self.running = tuple(running)

    def processes(self) -> tuple[Process, ...]:
        return self.running


def tree(root: Path, files: Mapping[str, str], running: Sequence[Process] = (), *, systemd: bool = True) -> Tree:
    """Write the files below `root`; those in /bin are programs."""
    for name, text in {"/proc/sys/kernel/random/boot_id": BOOT + "\n", **files}.items():
        path = root / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, newline="")
        if name.startswith("/bin/"):
            path.chmod(0o755)
    if systemd:
        (root / "run/systemd/system").mkdir(parents=True, exist_ok=True)
    return Tree(root, running)


def daemon(line: str, pid: int = 70) -> Process:
    argv = tuple(line.split())
    return Process(pid=pid, name=argv[0].rsplit("/", 1)[-1], exe=argv[0], argv=argv, started_boottime_seconds=50.0)


def proc(image: str, unit: str, pid: int = 70) -> dict[str, str]:
    """Return what /proc says of a daemon that systemd runs in this unit."""
    return {
        f"/proc/{pid}/exe": image,
        f"/proc/{pid}/status": ROOT.format(pid=pid),
        f"/proc/{pid}/uid_map": "         0          0 4294967295\n",
        f"/proc/{pid}/cgroup": f"0::/system.slice/{unit}\n",
    }


def finding(fault: str, subject: str, **evidence: object) -> Finding:
    return Finding(
        fault=fault,
        subject=subject,
        severity=Severity.WARNING,
        summary="",
        evidence=evidence,  # type: ignore[arg-type]
    )


def result(check: str, *findings: Finding, **more: object) -> CheckResult:
    return CheckResult(check=check, judged=bool(more.pop("judged", True)), findings=findings, **more)  # type: ignore[arg-type]


def offset_is(seconds: float, name: str = "offset_seconds") -> CheckResult:
    return result("clock_sync", metrics=(Metric(subject="clock", name=name, value=seconds),))


OFFSET_UNKNOWN = result("clock_sync", unseen=(Unseen(subject="clock", reason="no NTP server answered"),))


def incident(host: Host, fault: str, subject: str = "clock", *, seconds_ago: float = 0.0) -> Incident:
    now = host.stamp()
    seen = Stamp(boot_id=now.boot_id, boottime_ns=now.boottime_ns - round(seconds_ago * 1e9), wall_ns=now.wall_ns)
    return Incident(
        id=1,
        fault=fault,
        subject=subject,
        severity=Severity.WARNING,
        state=IncidentState.FIRING,
        summary="",
        evidence={},
        opened=seen,
        last_seen=seen,
    )


def case(found: Finding, *results: CheckResult, incidents: Sequence[Incident] = ()) -> Case:
    return Case(finding=found, incidents=tuple(incidents), results={one.check: one for one in results})
