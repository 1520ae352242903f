"""Every form in which programs log that they set the clock, or that another did, and what only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.linux.ntp_log import ClockLine, parse_clock_line

SYSLOG = "Nov 22 16:53:12 mx1 "
OWN = "22 Nov 16:53:12 "


@pytest.mark.parametrize(
    ("line", "kind", "program", "pid", "seconds"),
    [
        pytest.param(
            f"{SYSLOG}ntpd[77]: CLOCK: time stepped by -18.000027", "stepped", "ntpd", 77, -18.000027, id="ntpsec"
        ),
        pytest.param(
            "2026-11-22T16:53:12 ntpd[77]: CLOCK: time stepped by 3.5",
            "stepped", "ntpd", 77, 3.5, id="ntpsec-own-log",
        ),
        pytest.param(f"{SYSLOG}ntpd[77]: time reset -18.0001 s", "stepped", "ntpd", 77, -18.0001, id="classic"),
        pytest.param(f"{OWN}ntpd[77]: time reset +0.2 s", "stepped", "ntpd", 77, 0.2, id="classic-own-log"),
        pytest.param(
            f"{SYSLOG}ntpd[77]: 0.0.0.0 c61c 0c clock_step -18.000027 s",
            "stepped", "ntpd", 77, -18.000027, id="classic-event",
        ),
        pytest.param(
            f"{SYSLOG}ntpd[77]: PROTO: 0.0.0.0 c61c 0c clock_step +18.000027 s",
            "stepped", "ntpd", 77, 18.000027, id="ntpsec-event",
        ),
        pytest.param(
            f"{SYSLOG}ntpdate[9]: step time server 10.0.0.1 offset -18.000123 sec",
            "stepped", "ntpdate", 9, -18.000123, id="ntpdate",
        ),
        pytest.param(
            f"{SYSLOG}chronyd[840]: System clock was stepped by -25198.995738 seconds",
            "stepped", "chronyd", 840, -25198.995738, id="chronyd",
        ),
        pytest.param(
            "2026-11-22T16:53:12Z chronyd[840]: 2026-11-22T16:53:12Z System clock was stepped by -1.70773 seconds",
            "stepped", "chronyd", 840, -1.70773, id="chronyd-with-its-own-stamp",
        ),
        pytest.param(
            "2026-11-22T16:53:12Z System clock was stepped by -18.000027 seconds",
            "stepped", "chronyd", None, -18.000027, id="chronyd-own-log",
        ),
        pytest.param(
            f"{SYSLOG}ntpd: setting time to 2026-11-22 16:53:12.000000 (offset -18.000027s)",
            "stepped", "ntpd", None, -18.000027, id="busybox",
        ),
        pytest.param(
            f"{SYSLOG}ntpd[5]: set local clock to Sun Nov 22 16:53:12 UTC 2026 (offset 18.000027s)",
            "stepped", "ntpd", 5, 18.000027, id="openntpd-s",
        ),
        pytest.param(
            f"{SYSLOG}systemd-timedated[1]: Changed local time to Sun 2026-11-22 16:53:12 UTC",
            "stepped", "systemd-timedated", 1, None, id="timedated",
        ),
        pytest.param(
            "systemd-timesyncd[1]: Initial clock synchronization to Sun 2026-11-22 16:53:12.123456 UTC.",
            "stepped", "systemd-timesyncd", 1, None, id="timesyncd-at-first",
        ),
        pytest.param(
            f"{SYSLOG}systemd-timesyncd[1]: System time changed. Resyncing.",
            "noticed", "systemd-timesyncd", 1, None, id="timesyncd-noticed",
        ),
        pytest.param(
            "systemd-resolved[722]: Clock change detected. Flushing caches.",
            "noticed", "systemd-resolved", 722, None, id="resolved",
        ),
        pytest.param(
            "systemd-journald[571]: Time jumped backwards, rotating.",
            "noticed", "systemd-journald", 571, None, id="journald",
        ),
        pytest.param(
            "[2026-11-22T16:53:12.123Z] [   debug] [timeSync] [812] Time changed by -18000027us from"
            " 1795366410.000002 -> 1795366392.000001",
            "stepped", "vmtoolsd", None, -18.000027, id="vmware-tools-own-log",
        ),
        pytest.param(
            "[Nov 22 16:53:12.123] [   debug] [timeSync] Time changed by 2000000us from 1.0 -> 3.0",
            "stepped", "vmtoolsd", None, 2, id="vmware-tools-11-own-log",
        ),
        pytest.param(
            f"{SYSLOG}vmsvc[812]: [   debug] [timeSync] Time changed by -18000027us from 1.0 -> 2.0",
            "stepped", "vmtoolsd", 812, -18.000027, id="vmware-tools-syslog",
        ),
        pytest.param(
            f"{SYSLOG}vmtoolsd[812]: [   debug] [timeSync] [812] Time changed by -18000027us from 1.0 -> 2.0",
            "stepped", "vmtoolsd", 812, -18.000027, id="vmware-tools-journal",
        ),
        pytest.param(
            f"{SYSLOG}VBoxService[3]: 16:53:12.123456 timesync time set to 2026-11-22T16:53:12.000000000Z",
            "stepped", "VBoxService", 3, None, id="virtualbox",
        ),
        pytest.param(
            f"{SYSLOG}kernel: [10703552.860274] Clock: inserting leap second 23:59:60 UTC",
            "leap", "kernel", None, -1, id="leap-inserted",
        ),
        pytest.param("kernel: Clock: deleting leap second 23:59:59 UTC", "leap", "kernel", None, 1, id="deleted"),
    ],
)  # fmt: skip
def test_every_form(line: str, kind: str, program: str, pid: int | None, seconds: float | None) -> None:
    assert parse_clock_line(line) == ClockLine(
        kind=kind,  # type: ignore[arg-type]
        program=program,
        pid=pid,
        seconds=seconds,
        line=line,
    )


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("", id="empty"),
        pytest.param(f"{SYSLOG}chronyd[840]: System clock wrong by -1.7 seconds, adjustment started", id="a-slew"),
        pytest.param(f"{SYSLOG}ntpd[77]: time slew +0.1 s", id="ntpd-slew"),
        pytest.param(f"{SYSLOG}ntpd[77]: 0.0.0.0 c618 08 no_sys_peer", id="another-event"),
        pytest.param(f"{SYSLOG}ntpdate[9]: adjust time server 10.0.0.1 offset -0.1 sec", id="ntpdate-slew"),
        pytest.param(f"{SYSLOG}systemd-timesyncd[1]: Contacted time server 10.0.0.1:123", id="timesyncd-contact"),
        pytest.param(f"{SYSLOG}systemd-timedated[1]: Changed time zone to 'Europe/Berlin'", id="time-zone"),
        pytest.param(f"{SYSLOG}root: ntpd[77]: time reset -18.0 s", id="a-person-who-quotes-it"),
        pytest.param(f"{SYSLOG}@[3]: ntpd[77]: time reset -18.0 s", id="a-program-with-an-odd-name"),
        pytest.param(f"{SYSLOG}sshd[3]: Invalid user ntpd: time reset -18.0 s from 1.2.3.4", id="a-user-name"),
        pytest.param(f"{SYSLOG}evil/ntpd[3]: time reset -18.0 s", id="not-quite-the-name"),
        pytest.param(f"{SYSLOG}ntpd[77]: time reset never s", id="no-number"),
        pytest.param(f"{SYSLOG}ntpd[77]: time reset {'9' * 400} s", id="absurd-number"),
        pytest.param(f"{SYSLOG}chronyd[840]: time reset -18.0 s", id="the-words-of-another-program"),
    ],
)
def test_what_is_none(line: str) -> None:
    assert parse_clock_line(line) is None


@given(st.text(max_size=300))
def test_any_text_is_read_without_an_error(text: str) -> None:
    for line in (text, f"{SYSLOG}ntpd[1]: {text} step", f"[a] [debug] [timeSync] {text} step", f"{text}: step"):
        told = parse_clock_line(line)
        assert told is None or told.line == line.strip()


@given(micros=st.integers(-(10**15), 10**15))
def test_the_size_comes_through(micros: int) -> None:
    for line in (
        f"ntpd[1]: CLOCK: time stepped by {micros / 1e6:.6f}",
        f"chronyd[1]: System clock was stepped by {micros / 1e6:.6f} seconds",
        f"[x] [   debug] [timeSync] Time changed by {micros}us from 1.0 -> 2.0",
    ):
        told = parse_clock_line(line)
        assert told is not None
        assert told.seconds == pytest.approx(micros / 1e6)
