"""service: what must run and does not, and what died because the clock went back."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks._service.asking import UnitsFacts, find_pids, is_enabled_by_rc, show_units
from checks.service import CHECK, ServiceFacts, ServiceMemory, ServiceSettings, WatchedUnit
from watchdog.host import Host, Process
from watchdog.linux.systemd import PROPERTIES, Unit
from watchdog.logs import LogLine, LogMark, LogPosition, LogTail
from watchdog.model import Finding, Judgement, Metric, Note, Severity, Unseen
from watchdog.plugin import NotApplicable
from watchdog.units import Duration

S = 10**9
LOG = "/var/log/mail.log"
KILL = "This might cause a lot of problems, so I'll just kill myself now."
FATAL = f"imap(691): Fatal: Time just moved backwards by 14.049423 seconds. {KILL}"
SLEEP = "imap(691): Error: Time just moved backwards by 3.2 seconds. I'll sleep now until we're back in present."
WAITS = (
    "master: Warning: Time moved backwards by 18.000034 seconds, waiting for 18.000 seconds until new services are"
    " launched again."
)
BRIEF_WAIT = WAITS.replace("18.000034", "0.300000").replace("18.000 ", "0.300 ")
BACK = "auth: Warning: Time moved backwards by 18.0 seconds."
AHEAD = "imap(1): Warning: Time jumped forwards 42 seconds"
POSTGRES = WatchedUnit(name="postgresql.service")


def unit(
    state: str = "active/running", name: str = "dovecot.service", file: str = "enabled", **more: object
) -> Unit:
    """Return a unit; `state` is `active_state/sub_state`."""
    active, _, sub = state.partition("/")
    fields = {"names": (name,), "load_state": "loaded", "type": "notify", "result": "success", **more}
    return Unit(name=name, active_state=active, sub_state=sub, unit_file_state=file, **fields)  # type: ignore[arg-type]


def seen(
    *units: Unit, up: float = 1000, wall: float | None = None, boot: str = "a", **more: object
) -> ServiceFacts:
    """Return what was seen `up` seconds after boot, when the wall clock read `wall`, on a host with Dovecot."""
    fields: dict[str, object] = {"systemd": True, "dovecot": "/usr/sbin/dovecot", **more}
    triggers = fields.pop("triggers", ())
    return ServiceFacts(
        boot_id=boot,
        boottime_ns=round(up * S),
        wall_ns=round((up if wall is None else wall) * S),
        units=UnitsFacts(units=units, active_triggers=triggers),  # type: ignore[arg-type]
        **fields,  # type: ignore[arg-type]
    )


def log(*lines: str, at: int = 0) -> LogTail:
    """Return the end of a log of these lines, the first of them number `at`."""
    marks = [LogMark(inode=7, offset=at + number) for number in range(len(lines) + 1)]
    texts = tuple(LogLine(source=LOG, mark=mark, text=line) for mark, line in zip(marks[1:], lines, strict=True))
    return LogTail(begins={LOG: LogMark(inode=7)}, ends={LOG: marks[-1]}, lines=texts, problems={})


def memory(facts: ServiceFacts, before: ServiceMemory | None = None, **settings: object) -> ServiceMemory:
    return CHECK.remember(facts, before, ServiceSettings(**settings))  # type: ignore[arg-type]


def judged(facts: ServiceFacts, before: ServiceMemory | None = None, **settings: object) -> list[str]:
    """Return what was judged in words, metrics left out."""
    return [word for one in CHECK.judge(facts, before, ServiceSettings(**settings)) if (word := said(one))]  # type: ignore[arg-type]


def said(one: Judgement) -> str:
    match one:
        case Finding():
            return f"{one.fault.partition('.')[2]} {one.severity.value} {one.subject}"
        case Unseen():
            return f"unseen {one.subject}"
        case Note():
            return f"note {one.subject}"
    return ""


DOWN = "down critical dovecot.service"
KILLED = "killed_by_clock_step critical dovecot.service"
STALLED = "killed_by_clock_step warning dovecot.service"
NOTE = "note dovecot.service"
UNSEEN = "unseen dovecot.service"


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        pytest.param(unit("active/running"), [], id="runs"),
        pytest.param(unit("active/exited"), [], id="oneshot-that-stays"),
        pytest.param(unit("reloading/reload"), [], id="reloads"),
        pytest.param(unit("refreshing/refresh"), [], id="refreshes"),
        pytest.param(unit("activating/start-pre"), [NOTE], id="a-slow-start-pre"),
        pytest.param(unit("activating/start"), [NOTE], id="starts"),
        pytest.param(unit("activating/auto-restart", result="exit-code"), [NOTE], id="about-to-be-restarted"),
        pytest.param(unit("deactivating/stop-sigterm"), [NOTE], id="stops"),
        pytest.param(unit("inactive/dead", has_job=True), [NOTE], id="its-start-is-queued"),
        pytest.param(unit("failed/failed", result="exit-code"), [DOWN], id="failed"),
        pytest.param(unit("failed/failed", result="signal"), [DOWN], id="killed-by-a-signal"),
        pytest.param(unit("inactive/dead"), [DOWN], id="stopped-though-enabled"),
        pytest.param(unit("inactive/dead", file="enabled-runtime"), [DOWN], id="enabled-until-the-next-boot"),
        pytest.param(unit("inactive/dead", condition_failed=True), [DOWN], id="a-condition-not-met"),
        pytest.param(unit("inactive/dead", load_state="bad-setting"), [DOWN], id="a-broken-unit-file"),
        pytest.param(unit("inactive/dead", type="oneshot"), [], id="oneshot-that-ran"),
        pytest.param(unit("inactive/dead", type="oneshot", remain_after_exit=True), [DOWN], id="oneshot-to-stay"),
        pytest.param(unit("inactive/dead", type="oneshot", result="exec-condition"), [DOWN], id="oneshot-skipped"),
        pytest.param(unit("failed/failed", type="oneshot", result="exit-code"), [DOWN], id="oneshot-that-failed"),
        pytest.param(unit("inactive/dead", file="disabled"), [], id="installed-and-disabled"),
        pytest.param(unit("failed/failed", file="disabled"), [], id="disabled-whatever-it-did"),
        pytest.param(unit("inactive/dead", file="masked", load_state="masked"), [], id="masked"),
        pytest.param(unit("inactive/dead", file="static"), [], id="static"),
        pytest.param(unit("inactive/dead", file="indirect"), [], id="indirect"),
        pytest.param(unit("inactive/dead", file="", load_state="not-found"), [], id="no-unit-at-all"),
        pytest.param(unit("inactive/dead", file="generated"), [], id="an-init-script-without-links"),
        pytest.param(unit("inactive/dead", triggered_by=("dovecot.socket",)), [DOWN], id="its-socket-is-closed"),
        pytest.param(unit("unheard/of"), [UNSEEN], id="a-state-of-a-later-systemd"),
    ],
)
def test_dovecot_by_default(one: Unit, expected: list[str]) -> None:
    assert judged(seen(one)) == expected


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        pytest.param(
            unit("inactive/dead", "postgresql.service", "disabled"), ["down critical"], id="disabled-or-not"
        ),
        pytest.param(unit("active/running", "postgresql.service", "masked"), [], id="masked-but-running"),
        pytest.param(
            unit("inactive/dead", "postgresql.service", "masked", load_state="masked"), ["unseen"], id="masked"
        ),
        pytest.param(
            unit("inactive/dead", "postgresql.service", "", load_state="not-found"), ["unseen"], id="not-found"
        ),
        pytest.param(
            unit("active/running", "postgresql.service", "", load_state="not-found"), [], id="its-file-is-gone"
        ),
        pytest.param(
            unit("active/running", "pg.service", names=("pg.service", "postgresql.service")), [], id="alias"
        ),
        pytest.param(unit("active/running", "other.service"), ["unseen"], id="left-out"),
        pytest.param(
            unit("inactive/dead", "postgresql.service", triggered_by=("pg.timer", "pg.socket")),
            [],
            id="a-socket-will-start-it",
        ),
    ],
)
def test_a_unit_by_settings(one: Unit, expected: list[str]) -> None:
    facts = seen(one, dovecot="", triggers=("pg.socket",))
    assert judged(facts, units=(POSTGRES,)) == [f"{word} postgresql.service" for word in expected]


def test_dovecot_named_in_the_settings_must_run_though_disabled() -> None:
    facts = seen(unit("inactive/dead", file="disabled"))
    assert judged(facts, units=(WatchedUnit(name="dovecot.service"),)) == [DOWN]


def test_systemd_that_does_not_answer_leaves_everything_unseen() -> None:
    facts = seen()
    dead = ServiceFacts(
        boot_id="a", boottime_ns=0, wall_ns=0, systemd=True, units=UnitsFacts(problem="bus down"), dovecot="/d"
    )
    assert judged(dead, units=(POSTGRES,)) == ["unseen postgresql.service", UNSEEN]
    assert judged(facts) == []


@pytest.mark.parametrize(
    ("waited", "expected"),
    [(0, [NOTE]), (119.9, [NOTE]), (120, [DOWN]), (4000, [DOWN])],
)
def test_a_start_may_take_its_time_but_no_more(waited: float, expected: list[str]) -> None:
    starting = unit("activating/start-pre")
    before = memory(seen(starting, up=1000), memory(seen(unit(), up=940)))
    assert judged(seen(starting, up=1000 + waited), before) == expected


def test_a_crash_loop_is_down_in_the_end() -> None:
    looping = unit("activating/auto-restart", result="exit-code", restarts=3)
    before = memory(seen(unit(), up=900))
    for up in (960, 1020, 1079):
        assert judged(seen(looping, up=up), before) == [NOTE]
        before = memory(seen(looping, up=up), before)
    assert judged(seen(looping, up=1080), before) == [DOWN]


@pytest.mark.parametrize("state", ["activating/start-pre", "activating/auto-restart", "deactivating/stop-sigterm"])
def test_whether_what_was_down_starts_is_known_when_it_is_up(state: str) -> None:
    """Else its incident would end with each start that comes to nothing, and such a start be taken for a cure."""
    failed, starting = unit("failed/failed", result="exit-code"), unit(state)
    before = memory(seen(failed, up=1000), memory(seen(unit(), up=940)))
    assert judged(seen(starting, up=1010), before) == [UNSEEN]
    before = memory(seen(starting, up=1010), before)
    assert judged(seen(starting, up=1119.9), before) == [UNSEEN]
    assert judged(seen(starting, up=1120), before) == [DOWN]
    assert judged(seen(starting, up=20, boot="b"), before) == [NOTE], "a reboot gives it its time"
    before = memory(seen(unit(), up=1030), before)
    assert judged(seen(unit(), up=1030), before) == []
    assert judged(seen(starting, up=1040), before) == [NOTE], "it was up in between"


@pytest.mark.parametrize(
    ("stands", "crashed"),
    [
        pytest.param(unit("failed/failed", result="signal"), True, id="failed"),
        pytest.param(unit("inactive/dead"), False, id="stopped"),
    ],
)
def test_what_crashed_is_told_from_what_was_stopped(stands: Unit, crashed: bool) -> None:
    (found,) = (
        one for one in CHECK.judge(seen(stands, up=1000), None, ServiceSettings()) if isinstance(one, Finding)
    )
    assert found.evidence["crashed"] is crashed


def test_a_start_that_succeeds_is_forgotten() -> None:
    starting = unit("activating/start")
    before = memory(seen(unit(), up=1100), memory(seen(starting, up=1000)))
    assert judged(seen(starting, up=1200), before) == [NOTE]


def test_a_reboot_gives_every_start_its_time_again() -> None:
    starting = unit("activating/start")
    assert judged(seen(starting, up=5000, boot="b"), memory(seen(starting, up=1000))) == [NOTE]


@pytest.mark.parametrize(
    ("by_rc", "seen_before", "pids", "expected"),
    [
        pytest.param(True, False, (7,), [], id="enabled-and-running"),
        pytest.param(True, False, (), [DOWN], id="enabled-and-gone"),
        pytest.param(False, False, (), [], id="links-say-no"),
        pytest.param(False, True, (), [], id="links-say-no-though-it-ran"),
        pytest.param(None, False, (), [], id="nothing-says-and-never-seen"),
        pytest.param(None, True, (), [DOWN], id="nothing-says-but-it-ran"),
        pytest.param(None, False, (7,), [], id="nothing-says-and-it-runs"),
    ],
)
def test_dovecot_without_systemd(
    by_rc: bool | None, seen_before: bool, pids: tuple[int, ...], expected: list[str]
) -> None:
    def look(pids: tuple[int, ...], up: float) -> ServiceFacts:
        return seen(up=up, systemd=False, pids={"/usr/sbin/dovecot": pids}, dovecot_by_rc=by_rc)

    before = memory(look((7,), 900)) if seen_before else None
    before = memory(look((), 950), before) if seen_before else before
    assert judged(look(pids, 1000), before) == expected


@pytest.mark.parametrize(("pids", "expected"), [((7, 8), []), ((), ["down critical haproxy"])])
def test_a_process_by_settings(pids: tuple[int, ...], expected: list[str]) -> None:
    facts = seen(dovecot="", systemd=False, pids={"/usr/sbin/haproxy": pids})
    assert judged(facts, units=(WatchedUnit(process="/usr/sbin/haproxy"),)) == expected


def test_a_unit_by_settings_without_systemd_says_what_to_do() -> None:
    (judgement,) = CHECK.judge(seen(dovecot="", systemd=False), None, ServiceSettings(units=(POSTGRES,)))
    assert isinstance(judgement, Unseen)
    assert "process =" in judgement.reason


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([FATAL], [KILLED], id="fatal"),
        pytest.param([SLEEP], [STALLED], id="sleeps"),
        pytest.param([WAITS], [KILLED], id="the-master-refuses"),
        pytest.param([FATAL, FATAL.replace("691", "692"), WAITS, BACK], [KILLED], id="all-of-it-is-one-finding"),
        pytest.param([SLEEP, FATAL], [KILLED], id="the-worse-counts"),
        pytest.param([SLEEP, BRIEF_WAIT], [STALLED], id="a-small-step"),
        pytest.param([BRIEF_WAIT], [NOTE], id="the-master-waits-for-a-moment"),
        pytest.param([BACK], [NOTE], id="a-warning-of-another-process"),
        pytest.param([AHEAD], [NOTE], id="forward"),
        pytest.param(["imap(jo)<4>: Logged out in=3"], [], id="another-line"),
        pytest.param([f"imap-login: Aborted: user=<{FATAL}>"], [], id="a-user-name-that-quotes-it"),
        pytest.param([], [], id="nothing-new"),
    ],
)
def test_the_log_tells_though_the_unit_is_up(lines: list[str], expected: list[str]) -> None:
    before = memory(seen(unit(), log=log()))
    assert judged(seen(unit(), log=log(*lines)), before) == expected


def test_a_line_is_told_once() -> None:
    first, second = seen(unit(), log=log("a")), seen(unit(), log=log("a", FATAL))
    before = memory(first)
    assert judged(second, before) == [KILLED]
    assert judged(seen(unit(), log=log("a", FATAL, "b")), memory(second, before)) == []


def test_what_was_logged_before_the_first_look_is_only_noted() -> None:
    assert judged(seen(unit(), log=log(FATAL))) == [NOTE]


def test_the_log_tells_even_where_dovecot_is_not_enabled() -> None:
    facts = seen(unit(file="disabled"), log=log(FATAL))
    assert judged(facts, memory(seen(unit(), log=log()))) == [KILLED]


def test_a_line_in_two_files_counts_once() -> None:
    twice = LogTail(
        begins={LOG: LogMark(inode=7), "/var/log/syslog": LogMark(inode=8)},
        ends={LOG: LogMark(inode=7, offset=1), "/var/log/syslog": LogMark(inode=8, offset=1)},
        lines=(
            LogLine(source=LOG, mark=LogMark(inode=7, offset=1), text=FATAL),
            LogLine(source="/var/log/syslog", mark=LogMark(inode=8, offset=1), text=FATAL),
        ),
        problems={},
    )
    marks = {LOG: LogMark(inode=7), "/var/log/syslog": LogMark(inode=8)}
    before = ServiceMemory(boot_id="a", boottime_ns=0, wall_ns=0, log=LogPosition(marks=marks))
    (finding,) = (
        one for one in CHECK.judge(seen(log=twice), before, ServiceSettings()) if isinstance(one, Finding)
    )
    assert finding.evidence["killed_processes"] == 1


def test_a_log_that_cannot_be_read_is_unseen_and_hides_nothing_else() -> None:
    blind = LogTail(begins={}, ends={}, lines=(), problems={LOG: "cannot read it: Permission denied"})
    assert judged(seen(unit("failed/failed"), log=blind)) == ["unseen dovecot.service/var/log/mail.log", DOWN]
    before = memory(seen(unit(), log=log("a")))
    after = memory(seen(unit(), log=blind), before)
    assert after.log == before.log


def test_lines_that_were_missed_are_owned_up_to() -> None:
    before = memory(seen(unit(), log=log("a")))
    late = LogTail(
        begins={LOG: LogMark(inode=7, offset=500)}, ends={LOG: LogMark(inode=7, offset=900)}, lines=(), problems={}
    )
    (note,) = (
        one for one in CHECK.judge(seen(unit(), log=late), before, ServiceSettings()) if isinstance(one, Note)
    )
    assert "older lines were missed" in note.summary


GONE = unit("failed/failed", result="exit-code")
RESTARTED = unit("active/running", restarts=1)
STOPPED = unit("inactive/dead")


@pytest.mark.parametrize(
    ("now", "step", "expected"),
    [
        pytest.param(GONE, -18.0, [DOWN, KILLED], id="failed-after-a-step"),
        pytest.param(GONE, -5.0, [DOWN, KILLED], id="failed-at-the-limit"),
        pytest.param(GONE, -4.999, [DOWN], id="failed-just-below"),
        pytest.param(GONE, 18.0, [DOWN], id="failed-after-a-step-forward"),
        pytest.param(GONE, 0.0, [DOWN], id="failed-without-a-step"),
        pytest.param(RESTARTED, -18.0, [KILLED], id="systemd-has-restarted-it"),
        pytest.param(RESTARTED, 0.0, [], id="restarted-without-a-step"),
        pytest.param(unit("activating/auto-restart", restarts=1), -18.0, [NOTE, KILLED], id="will-be-restarted"),
        pytest.param(STOPPED, -18.0, [DOWN], id="stopped-by-order-in-the-same-minute"),
        pytest.param(unit(), -18.0, [], id="it-lived-through-it"),
    ],
)
def test_the_timing_tells_where_no_log_does(now: Unit, step: float, expected: list[str]) -> None:
    before = memory(seen(unit(), up=940))
    assert judged(seen(now, up=1000, wall=1000 + step), before) == expected


def test_timing_needs_it_to_have_been_up_and_the_same_boot() -> None:
    stepped = seen(GONE, up=1000, wall=982)
    assert judged(stepped, memory(seen(GONE, up=940))) == [DOWN]
    assert judged(stepped, memory(seen(unit(), up=940, boot="earlier"))) == [DOWN]
    assert judged(stepped, None) == [DOWN]


def test_timing_holds_for_every_watched_service() -> None:
    units = (WatchedUnit(process="/usr/sbin/foo"),)
    before = memory(seen(dovecot="", systemd=False, up=940, pids={"/usr/sbin/foo": (7,)}), units=units)
    gone = seen(dovecot="", systemd=False, up=1000, wall=900, pids={"/usr/sbin/foo": ()})
    assert judged(gone, before, units=units) == ["down critical foo", "killed_by_clock_step critical foo"]


def test_the_log_and_the_timing_make_one_finding() -> None:
    before = memory(seen(unit(), up=940, log=log()))
    assert judged(seen(GONE, up=1000, wall=982, log=log(FATAL)), before) == [KILLED, DOWN]


def test_what_a_person_reads() -> None:
    before = memory(seen(unit(), log=log()))
    facts = seen(unit(), log=log(WAITS, FATAL, FATAL.replace("imap(691)", "lmtp(692)")))
    finding, metric = CHECK.judge(facts, before, ServiceSettings())
    assert isinstance(finding, Finding)
    assert finding.summary == (
        "Dovecot killed 2 of its own processes (imap, lmtp): the clock went back by at least 18.0 s; its master"
        ' starts no new services for 18.0 s; it logged: "imap(691): Fatal: Time just moved backwards by 14.049423'
        ' seconds"'
    )
    assert finding.evidence["line"] == FATAL
    assert finding.evidence["moved_seconds"] == 14.049423
    assert "less than the step" in str(finding.evidence["moved_seconds_remark"])
    assert metric == Metric(subject="dovecot.service", name="up", value=1.0)
    (down, _) = sorted(CHECK.judge(seen(GONE), None, ServiceSettings()), key=lambda one: isinstance(one, Metric))
    assert isinstance(down, Finding)
    assert down.summary == "dovecot.service must run and does not: failed (failed), result exit-code"
    assert down.severity is Severity.CRITICAL


def test_causes() -> None:
    causes = {fault.code: [cause.fault for cause in fault.causes] for fault in CHECK.faults}
    assert causes == {
        "service.down": ["service.killed_by_clock_step"],
        "service.killed_by_clock_step": ["clock_step.backward"],
    }


@given(
    step=st.floats(-1e6, 1e6, allow_nan=False),
    active=st.sampled_from(["active", "failed", "inactive", "activating", "deactivating"]),
    restarts=st.integers(0, 3),
)
def test_nobody_is_killed_by_a_step_that_was_not_backward(step: float, active: str, restarts: int) -> None:
    before = memory(seen(unit(), up=940))
    facts = seen(unit(f"{active}/x", restarts=restarts), up=1000, wall=1000 + step)
    assert (KILLED not in judged(facts, before)) or step <= -5 + 1e-6


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "either name or process"),
        ({"name": "a.service", "process": "/b"}, "either name or process"),
        ({"name": "postgresql"}, "with its suffix"),
        ({"name": "--help.service\n"}, "with its suffix"),
        ({"name": "a b.service"}, "with its suffix"),
        ({"process": "haproxy"}, "the path of a program"),
    ],
)
def test_settings_that_are_refused(fields: dict[str, str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        WatchedUnit(**fields)


def test_settings_name_each_once() -> None:
    with pytest.raises(ValueError, match="once"):
        ServiceSettings(units=(POSTGRES, POSTGRES))


class Machine(Host):
    """A root folder, programs of its own, and the processes it is told."""

    def __init__(self, root: Path) -> None:
        self.programs = root / "bin"
        self.programs.mkdir()
        self.running: list[Process] = []
        super().__init__(root, str(self.programs))
        self.write("/proc/sys/kernel/random/boot_id", "a\n")

    def write(self, path: str, text: str = "") -> None:
        file = self.path(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def program_is(self, name: str, script: str) -> None:
        file = self.programs / name
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)

    def runs(self, command: str, exe: str | None, pid: int = 100) -> None:
        argv = tuple(command.split())
        self.running.append(Process(pid=pid, name="x", exe=exe, argv=argv, started_boottime_seconds=1.0))

    def processes(self) -> tuple[Process, ...]:
        return tuple(self.running)


SHOWN = """Id={name}
Names={name}
LoadState=loaded
ActiveState={state}
SubState=dead
UnitFileState=enabled
TriggeredBy={trigger}
"""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path)
    machine.program_is("dovecot", "exit 70")
    machine.program_is("doveconf", "echo syslog")
    machine.write("/etc/dovecot/dovecot.conf")
    return machine


def test_systemctl_is_asked_for_units_and_their_triggers(machine: Machine) -> None:
    service = SHOWN.format(name="dovecot.service", state="inactive", trigger="dovecot.socket")
    socket = SHOWN.format(name="dovecot.socket", state="active", trigger="")
    machine.program_is(
        "systemctl",
        f'[ "$1 $2 $3" = "show --property={PROPERTIES} --" ] || exit 1\n'
        f"case \"$4\" in\n*.service) echo '{service}';;\n*.socket) echo '{socket}';;\nesac",
    )
    machine.path("/run/systemd/system").mkdir(parents=True)
    facts = CHECK.observe(machine, ServiceSettings(), None)
    assert [one.name for one in facts.units.units] == ["dovecot.service"]
    assert facts.units.active_triggers == ("dovecot.socket",)
    assert judged(facts) == []


@pytest.mark.parametrize(
    ("script", "words"),
    [
        pytest.param("echo 'Failed to connect to bus: Host is down' >&2; exit 1", "Host is down", id="no-bus"),
        pytest.param("echo nonsense", "expected Id=", id="nonsense"),
        pytest.param("printf 'Id=\\377\\n'", "expected LoadState=", id="not-utf-8"),
    ],
)
def test_a_systemctl_that_fails_is_a_problem(machine: Machine, script: str, words: str) -> None:
    machine.program_is("systemctl", script)
    assert words in show_units(machine, ["dovecot.service"]).problem


def test_without_systemctl_too(machine: Machine) -> None:
    assert show_units(machine, ["a.service"]).problem == "systemctl is not installed"


@pytest.mark.parametrize(
    ("command", "exe", "expected"),
    [
        pytest.param("dovecot -F", "/usr/sbin/dovecot", True, id="by-its-file"),
        pytest.param("dovecot -F", "/usr/sbin/dovecot (deleted)", True, id="upgraded-meanwhile"),
        pytest.param("/usr/sbin/dovecot", None, True, id="another-users-by-its-name"),
        pytest.param("dovecot/imap", "/usr/lib/dovecot/imap", False, id="its-child"),
        pytest.param("vim /usr/sbin/dovecot", "/usr/bin/vim", False, id="an-editor"),
        pytest.param("python3 /usr/sbin/dovecot", "/usr/bin/python3.11", True, id="a-script"),
        pytest.param("python3", "/usr/bin/python3.11", False, id="a-bare-interpreter"),
        pytest.param("", None, False, id="a-kernel-thread"),
    ],
)
def test_who_runs_a_program(machine: Machine, command: str, exe: str | None, expected: bool) -> None:
    machine.runs(command, exe)
    assert find_pids(machine, ["/usr/sbin/dovecot"]) == {"/usr/sbin/dovecot": (100,) if expected else ()}


def test_a_process_in_a_container_is_not_the_hosts(machine: Machine) -> None:
    machine.runs("dovecot", "/usr/sbin/dovecot", 100)
    machine.runs("dovecot", "/usr/sbin/dovecot", 200)
    machine.write("/proc/100/status", "NSpid:\t100\t1\n")
    machine.write("/proc/200/status", "NSpid:\t200\n")
    assert find_pids(machine, ["/usr/sbin/dovecot"]) == {"/usr/sbin/dovecot": (200,)}


@pytest.mark.parametrize(
    ("init", "links", "expected"),
    [
        pytest.param("init", ["/etc/rc2.d/S01dovecot", "/etc/rc0.d/K01dovecot"], True, id="sysv"),
        pytest.param("systemd", ["/etc/rc2.d/S01dovecot"], True, id="systemd-generates-a-unit"),
        pytest.param("init", ["/etc/rc.d/rc3.d/S80dovecot"], True, id="red-hat"),
        pytest.param("init", ["/etc/rc2.d/K01dovecot", "/etc/rc3.d/K01dovecot"], False, id="disabled"),
        pytest.param("init", ["/etc/rc2.d/S01postfix"], None, id="another"),
        pytest.param("init", ["/etc/rc2.d/S01dovecot-x"], None, id="a-longer-name"),
        pytest.param("init", ["/etc/runlevels/default/dovecot"], True, id="openrc"),
        pytest.param("tini", ["/etc/rc2.d/S01dovecot"], None, id="a-container"),
        pytest.param("init", [], None, id="nothing"),
    ],
)
def test_rc_links(machine: Machine, init: str, links: list[str], expected: bool | None) -> None:
    machine.write("/proc/1/comm", f"{init}\n")
    for link in links:
        machine.write(link)
    assert is_enabled_by_rc(machine, "dovecot") is expected


@pytest.mark.parametrize(
    ("doveconf", "log_file"),
    [
        pytest.param("echo syslog", "/var/log/mail.log", id="syslog"),
        pytest.param("echo", "/var/log/mail.log", id="unset"),
        pytest.param("exit 89", "/var/log/mail.log", id="a-broken-configuration"),
        pytest.param("echo /dev/stderr", "/var/log/mail.log", id="stderr"),
        pytest.param("echo /srv/dovecot.log", "/srv/dovecot.log", id="a-file-of-its-own"),
    ],
)
def test_the_whole_way_from_the_log_to_the_finding(machine: Machine, doveconf: str, log_file: str) -> None:
    settings = ServiceSettings(start_grace=Duration(60))
    machine.program_is("doveconf", f'[ "$*" = "-h log_path" ] || exit 1\n{doveconf}')
    machine.write(log_file, f"Nov 22 16:50:00 mx1 dovecot: {FATAL}\n")
    first = CHECK.observe(machine, settings, None)
    assert judged(first) == [NOTE]
    with machine.path(log_file).open("a") as file:
        file.write(f"Nov 22 16:53:12 mx1 dovecot: {FATAL}\nNov 22 16:53:12 mx1 dovecot: {WAITS}\n")
    second = CHECK.observe(machine, settings, None)
    assert judged(second, CHECK.remember(first, None, settings)) == [KILLED]


def test_nothing_to_watch(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    with pytest.raises(NotApplicable, match="Dovecot is not installed"):
        CHECK.observe(machine, ServiceSettings(), None)


def test_dovecot_can_be_left_alone(machine: Machine) -> None:
    with pytest.raises(NotApplicable):
        CHECK.observe(machine, ServiceSettings(dovecot=False), None)


def test_this_machine_with_the_real_dovecot() -> None:
    facts = CHECK.observe(Host(), ServiceSettings(units=(WatchedUnit(process="/nonexistent/program"),)), None)
    assert facts.pids["/nonexistent/program"] == ()
    assert "down critical program" in judged(facts, units=(WatchedUnit(process="/nonexistent/program"),))


def test_a_log_that_a_thousand_logins_pushed_on_still_tells_who_died(machine: Machine) -> None:
    machine.write("/var/log/mail.log", "Nov 22 18:39:00 mx dovecot: master: Info: started\n")
    before = memory(CHECK.observe(machine, ServiceSettings(), None))
    login = "Nov 22 18:39:11 mx dovecot: imap-login: Login: user=<jo>, method=PLAIN, rip=10.0.0.7, mpid=7, TLS\n"
    with machine.path("/var/log/mail.log").open("a") as file:
        file.write(f"Nov 22 18:39:10 mx dovecot: {FATAL}\n" + login * 5000)
    assert judged(CHECK.observe(machine, ServiceSettings(), before), before) == [NOTE]
    stepped = msgspec.structs.replace(before, wall_ns=before.wall_ns + 18 * S)
    assert judged(CHECK.observe(machine, ServiceSettings(), stepped), stepped) == [KILLED]
