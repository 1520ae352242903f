import pytest

from tests.files_in_memory import Files
from watchdog.linux.argv import parse_options
from watchdog.linux.ntp_daemons import NtpDaemon, NtpProgram
from watchdog.linux.ntp_steering import steers_clock

CONF = "/etc/ntp.conf"


def running(program: NtpProgram, line: str = "", **more: object) -> NtpDaemon:
    return NtpDaemon(program=program, pid=7, options=parse_options(line.split(), "gxQw"), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("daemon", "conf", "steers"),
    [
        pytest.param(running(NtpProgram.CHRONYD), "", True, id="chronyd"),
        pytest.param(running(NtpProgram.CHRONYD, "-x"), "", False, id="chronyd-x-only-serves"),
        pytest.param(running(NtpProgram.CHRONYD, "-Q"), "", False, id="chronyd-Q-only-prints"),
        pytest.param(running(NtpProgram.NTPD, "-x", config_path=CONF), "server a\n", True, id="ntpd-x-slews"),
        pytest.param(running(NtpProgram.NTPD, config_path=CONF), "disable ntp\n", False, id="ntpd-disabled"),
        pytest.param(
            running(NtpProgram.NTPSEC, config_path="/gone"), "", True, id="a-file-that-is-gone-forbids-nothing"
        ),
        pytest.param(running(NtpProgram.BUSYBOX, "-w"), "", False, id="busybox-w-only-asks"),
        pytest.param(running(NtpProgram.TIMESYNCD), "", True, id="timesyncd"),
        pytest.param(running(NtpProgram.TIMESYNCD, may_set_clock=False), "", False, id="not-let-by-the-kernel"),
    ],
)
def test_steers(daemon: NtpDaemon, conf: str, steers: bool) -> None:
    assert steers_clock(daemon, Files({CONF: conf})) is steers
