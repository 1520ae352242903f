"""ntp.conf as found on real hosts, and the corners of its grammar that decide whether a clock may be stepped."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.files_in_memory import Files
from watchdog.linux.conf_files import MalformedConfError
from watchdog.linux.ntp_conf import NtpConf, parse_ntp_conf, read_ntp_conf

DEBIAN_NTPSEC = """\
# /etc/ntpsec/ntp.conf, configuration for ntpd; see ntp.conf(5) for help

driftfile /var/lib/ntpsec/ntp.drift
leapfile /usr/share/zoneinfo/leap-seconds.list

#statsdir /var/log/ntpsec/
#filegen loopstats file loopstats type day enable
tos maxclock 11
tos minclock 4 minsane 3

# Public NTP servers supporting Network Time Security:
# server time.cloudflare.com nts
pool 0.debian.pool.ntp.org iburst
pool 1.debian.pool.ntp.org iburst

restrict default kod nomodify nopeer noquery limited
restrict 127.0.0.1
restrict ::1
"""
RHEL_7 = """\
driftfile /var/lib/ntp/drift
restrict default nomodify notrap nopeer noquery
server 0.rhel.pool.ntp.org iburst
server 1.rhel.pool.ntp.org iburst
#broadcast 192.168.1.255 autokey        # broadcast server
includefile /etc/ntp/crypto/pw
keys /etc/ntp/keys
disable monitor
"""
VMWARE_GUEST = """\
tinker panic 0
restrict default kod nomodify notrap
server -4 10.0.0.1 iburst prefer
server -6 ntp.example.net
server 127.127.1.0      # local clock
fudge 127.127.1.0 stratum 10
"""
NEVER, UNSET = 0.0, None


@pytest.mark.parametrize(
    ("text", "back", "forward"),
    [
        pytest.param(DEBIAN_NTPSEC, UNSET, UNSET, id="debian-ntpsec"),
        pytest.param(RHEL_7, UNSET, UNSET, id="rhel-7"),
        pytest.param(VMWARE_GUEST, UNSET, UNSET, id="panic-is-not-step"),
        pytest.param("tinker step 0", NEVER, NEVER, id="step-0"),
        pytest.param("tinker step 0.5", 0.5, 0.5, id="step"),
        pytest.param("tinker step .5", 0.5, 0.5, id="no-digit-before-the-point"),
        pytest.param("tinker step 5e-1", 0.5, 0.5, id="exponent"),
        pytest.param("tinker step 1e", 1.0, 1.0, id="exponent-without-digits"),
        pytest.param("tinker stepback 0", NEVER, UNSET, id="stepback-only"),
        pytest.param("tinker stepfwd 0", UNSET, NEVER, id="stepfwd-only"),
        pytest.param("tinker stepback 0 stepfwd 0.2", NEVER, 0.2, id="apart-on-one-line"),
        pytest.param("tinker panic 0 step 0", NEVER, NEVER, id="after-another-keyword"),
        pytest.param("tinker step 0\ntinker step 0.128", 0.128, 0.128, id="the-later-line-wins"),
        pytest.param("tinker step 0 step 1", 1.0, 1.0, id="the-later-word-wins"),
        pytest.param("tinker stepback 0\ntinker step 0.128", 0.128, 0.128, id="step-sets-both-again"),
        pytest.param("tinker step 0.128\ntinker stepback 0", NEVER, 0.128, id="stepback-after-step"),
        pytest.param("tinker step -1", NEVER, NEVER, id="negative-is-never"),
        pytest.param("tinker step 1e999", NEVER, NEVER, id="beyond-infinity-is-never"),
        pytest.param("tinker stepout 300", UNSET, UNSET, id="stepout-is-another-thing"),
        pytest.param("#tinker step 0", UNSET, UNSET, id="comment"),
        pytest.param("tinker step 0 # never", NEVER, NEVER, id="comment-behind"),
        pytest.param("tinker step 0#never", NEVER, NEVER, id="comment-attached"),
        pytest.param("  \ttinker\tstep\t0\r", NEVER, NEVER, id="tabs-and-carriage-return"),
        pytest.param("tinker step 0", NEVER, NEVER, id="last-line-without-an-end"),
        pytest.param("tinker step 0 foo", UNSET, UNSET, id="an-error-undoes-the-line"),
        pytest.param("tinker step", UNSET, UNSET, id="number-missing"),
        pytest.param("tinker step zero", UNSET, UNSET, id="not-a-number"),
        pytest.param("tinker step=0", UNSET, UNSET, id="no-equals-sign"),
        pytest.param("tinker bogus 1 step 0", UNSET, UNSET, id="unknown-keyword"),
        pytest.param('tinker "step" 0', UNSET, UNSET, id="a-keyword-in-quotes-is-none"),
        pytest.param("Tinker step 0", UNSET, UNSET, id="keywords-are-lower-case"),
        pytest.param("tinker step 0\nend\ntinker step 1", NEVER, NEVER, id="end-ends-it"),
        pytest.param('logfile "/var/log/#1\ntinker step 0', NEVER, NEVER, id="a-quote-ends-with-its-line"),
        pytest.param("tinker step 0\u00a0", NEVER, NEVER, id="what-is-not-ascii-is-not-there"),
    ],
)
def test_tinker(text: str, back: float | None, forward: float | None) -> None:
    conf = parse_ntp_conf(text)
    assert (conf.step_back_seconds, conf.step_forward_seconds) == (back, forward)


@pytest.mark.parametrize(
    ("text", "controls"),
    [
        pytest.param("", True, id="default"),
        pytest.param("disable ntp", False, id="disable"),
        pytest.param("disable monitor", True, id="disable-something-else"),
        pytest.param("disable monitor ntp", False, id="disable-several"),
        pytest.param("disable ntp\nenable ntp", False, id="disable-comes-last-wherever-it-stands"),
        pytest.param("enable ntp\ndisable ntp", False, id="disable-after-enable"),
        pytest.param("disable ntp nonsense", True, id="an-error-undoes-the-line"),
        pytest.param("# disable ntp", True, id="comment"),
    ],
)
def test_clock_control(text: str, controls: bool) -> None:
    assert parse_ntp_conf(text).controls_clock is controls


@pytest.mark.parametrize(
    ("text", "servers"),
    [
        pytest.param(DEBIAN_NTPSEC, ("0.debian.pool.ntp.org", "1.debian.pool.ntp.org"), id="debian-pool"),
        pytest.param(RHEL_7, ("0.rhel.pool.ntp.org", "1.rhel.pool.ntp.org"), id="rhel-server"),
        pytest.param(VMWARE_GUEST, ("10.0.0.1", "ntp.example.net"), id="families-and-a-local-clock"),
        pytest.param("server a\npool a\nserver b", ("a", "b"), id="each-once"),
        pytest.param("server", (), id="nothing-named"),
        pytest.param("peer 10.0.0.2\nbroadcast 10.0.0.255\nrefclock shm unit 0", (), id="no-servers"),
        pytest.param("server 2001:db8::1 iburst", ("2001:db8::1",), id="ipv6"),
    ],
)
def test_servers(text: str, servers: tuple[str, ...]) -> None:
    assert parse_ntp_conf(text).servers == servers


@pytest.mark.parametrize(
    ("files", "ntpsec", "back"),
    [
        pytest.param({"/etc/ntp.conf": "tinker step 0"}, False, NEVER, id="one-file"),
        pytest.param(
            {"/etc/ntp.conf": "includefile /etc/ntp/a\n", "/etc/ntp/a": "tinker step 0"},
            False,
            NEVER,
            id="include",
        ),
        pytest.param(
            {"/etc/ntp.conf": "includefile /etc/a\ntinker step 1\n", "/etc/a": "tinker step 0"},
            False,
            1.0,
            id="what-follows-an-include-wins",
        ),
        pytest.param(
            {"/etc/ntp.conf": "includefile /etc/a tinker step 1\n", "/etc/a": "tinker step 0"},
            False,
            1.0,
            id="a-command-behind-an-include",
        ),
        pytest.param({"/etc/ntp.conf": "includefile /etc/none\n"}, False, UNSET, id="include-that-is-not-there"),
        pytest.param({"/etc/ntp.conf": "includefile\n"}, False, UNSET, id="include-of-nothing"),
        pytest.param(
            {"/etc/ntp.conf": "includefile a.conf\n", "/etc/a.conf": "tinker step 0"},
            True,
            NEVER,
            id="ntpsec-relative-to-the-including-file",
        ),
        pytest.param(
            {"/etc/ntp.conf": "includefile a.conf\n", "/etc/a.conf": "tinker step 0"},
            False,
            UNSET,
            id="classic-relative-to-its-working-folder",
        ),
        pytest.param(
            {"/etc/ntpsec/ntp.conf": "", "/etc/ntpsec/ntp.d/50-step.conf": "tinker step 0"},
            True,
            NEVER,
            id="ntpsec-reads-ntp.d",
        ),
        pytest.param(
            {"/etc/ntpsec/ntp.conf": "end", "/etc/ntpsec/ntp.d/50-step.conf": "tinker step 0"},
            True,
            NEVER,
            id="ntpsec-reads-ntp.d-even-after-end",
        ),
        pytest.param(
            {"/etc/ntp.conf": "", "/etc/ntp.d/50-step.conf": "tinker step 0"}, False, UNSET, id="classic-does-not"
        ),
        pytest.param(
            {"/etc/ntpsec/ntp.conf": "", "/etc/ntpsec/ntp.d/README": "tinker step 0"},
            True,
            UNSET,
            id="ntp.d-only-files-called-conf",
        ),
        pytest.param(
            {
                "/etc/ntpsec/ntp.conf": "tinker step 1",
                "/etc/ntpsec/ntp.d/2.conf": "tinker step 0",
                "/etc/ntpsec/ntp.d/1.conf": "tinker step 2",
            },
            True,
            NEVER,
            id="ntp.d-by-name-and-after-the-main-file",
        ),
        pytest.param(
            {"/etc/ntp.conf": "includefile d\n", "/etc/d/x.conf/y.conf": "tinker step 0"},
            True,
            NEVER,
            id="ntpsec-includes-folders-in-folders",
        ),
        pytest.param(
            {"/etc/ntp.conf": "includefile /etc/1\n"}
            | {f"/etc/{n}": f"includefile /etc/{n + 1}\n" for n in range(1, 5)}
            | {"/etc/5": "tinker step 0"},
            False,
            NEVER,
            id="five-levels",
        ),
        pytest.param(
            {"/etc/ntp.conf": "includefile /etc/1\n"}
            | {f"/etc/{n}": f"includefile /etc/{n + 1}\n" for n in range(1, 6)}
            | {"/etc/6": "tinker step 0"},
            False,
            UNSET,
            id="six-levels-are-too-deep",
        ),
        pytest.param(
            {"/etc/ntp.conf": "includefile /etc/ntp.conf\ntinker step 0\n"}, False, NEVER, id="includes-itself"
        ),
    ],
)
def test_includes(files: dict[str, str], ntpsec: bool, back: float | None) -> None:
    conf = read_ntp_conf(next(iter(files)), Files(files), ntpsec=ntpsec)
    assert conf is not None
    assert conf.step_back_seconds == back


def test_the_files_looked_at_are_named() -> None:
    files = Files({"/etc/ntpsec/ntp.conf": "includefile a\n", "/etc/ntpsec/ntp.d/b.conf": ""})
    conf = read_ntp_conf("/etc/ntpsec/ntp.conf", files, ntpsec=True)
    assert conf is not None
    assert conf.files == (
        "/etc/ntpsec/ntp.conf",
        "/etc/ntpsec/a",
        "/etc/ntpsec/ntp.d",
        "/etc/ntpsec/ntp.d/b.conf",
    )


def test_no_file_is_no_configuration() -> None:
    assert read_ntp_conf("/etc/ntp.conf", Files(), ntpsec=False) is None


def test_files_of_a_container_are_read_below_its_root() -> None:
    files = Files({"/proc/7/root/etc/ntp.conf": "includefile /etc/a\n", "/proc/7/root/etc/a": "tinker step 0\n"})
    conf = read_ntp_conf("/etc/ntp.conf", files, ntpsec=False, prefix="/proc/7/root")
    assert conf == NtpConf(step_back_seconds=0.0, step_forward_seconds=0.0, files=("/etc/ntp.conf", "/etc/a"))


def test_a_file_that_includes_itself_over_and_over_is_given_up() -> None:
    files = Files({"/etc/ntp.conf": "includefile /etc/ntp.conf\n" * 10})
    with pytest.raises(MalformedConfError, match="more than 256 files"):
        read_ntp_conf("/etc/ntp.conf", files, ntpsec=False)


PLAIN = 'tinker step stepback 0 -1 1e9 disable ntp end includefile /a b ntp.d .. " server #'
WORDS = st.sampled_from([*PLAIN.split(), "\0", "\n", "\n", "\t", "\x1c", "é"])


@settings(deadline=None)
@given(st.one_of(st.text(), st.lists(WORDS).map(" ".join)), st.lists(WORDS).map(" ".join), st.booleans())
def test_any_text(main: str, other: str, ntpsec: bool) -> None:
    files = Files({"/a": main, "/b": other, "/ntp.d/x.conf": other})
    try:
        conf = read_ntp_conf("/a", files, ntpsec=ntpsec)
    except MalformedConfError:
        return
    assert conf is not None
    assert conf.step_back_seconds is None or conf.step_back_seconds >= 0
