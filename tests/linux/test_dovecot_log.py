"""Every form in which Dovecot 2.0 to 2.4 says that the clock moved, and what only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.linux.dovecot_log import DovecotLine, may_be_dovecot_line, parse_dovecot_line

KILL = "This might cause a lot of problems, so I'll just kill myself now."
SLEEP = "I'll sleep now until we're back in present."
WIKI = "http://wiki2.dovecot.org/TimeMovedBackwards"
SYSLOG = "Nov 22 16:53:12 mx1 dovecot: "
JOURNAL = "dovecot[7999]: "
OWN = "Nov 22 16:53:12 "


@pytest.mark.parametrize(
    ("line", "kind", "process", "pid", "seconds", "waits"),
    [
        pytest.param(
            f"{SYSLOG}imap(691): Fatal: Time just moved backwards by 14.049423 seconds. {KILL} {WIKI}",
            "killed", "imap", 691, 14.049423, None, id="2.3.19-as-seen-on-debian-12",
        ),
        pytest.param(
            f"{SYSLOG}imap(jo@x.org): Fatal: Time just moved backwards by 18 seconds. {KILL} {WIKI}",
            "killed", "imap", None, 18, None, id="2.2-whole-seconds",
        ),
        pytest.param(
            f"{SYSLOG}imap(jo)<691><aB+/c=>: Fatal: Time just moved backwards by 18.000001 seconds. {KILL} {WIKI}",
            "killed", "imap", 691, 18.000001, None, id="2.3-with-pid-and-session",
        ),
        pytest.param(
            f"{OWN}pop3(jo)<12><x>: Fatal: Time just moved backwards by 6.5 seconds. {KILL}"
            " https://doc.dovecot.org/2.4.0/core/admin/errors.html#time-moved-backwards-error",
            "killed", "pop3", 12, 6.5, None, id="2.4-own-log-file",
        ),
        pytest.param(
            f"{JOURNAL}lmtp(691): Fatal: Time just moved backwards by 7.000000 seconds. {KILL}",
            "killed", "lmtp", 691, 7, None, id="journal",
        ),
        pytest.param(
            f"2026-11-22T16:53:12.123456+00:00 mx1 dovecot[1]: indexer-worker(jo)<5>: Fatal: Time just moved"
            f" backwards by 7 seconds. {KILL}",
            "killed", "indexer-worker", 5, 7, None, id="rfc-3339-stamp",
        ),
        pytest.param(
            f"{OWN}imap(691): Error: Time just moved backwards by 3.200000 seconds. {SLEEP} {WIKI}",
            "slept", "imap", 691, 3.2, None, id="sleeps-up-to-five-seconds",
        ),
        pytest.param(
            f"{SYSLOG}imap: Error: Time just moved backwards by 5 seconds. {SLEEP} {WIKI}",
            "slept", "imap", None, 5, None, id="2.0-no-prefix-but-the-service",
        ),
        pytest.param(
            f"{SYSLOG}master: Warning: Time moved backwards by 18 seconds, waiting for 19 secs until new services"
            " are launched again.",
            "waits", "master", None, 18, 19, id="2.2-master",
        ),
        pytest.param(
            f"{SYSLOG}master: Warning: Time moved backwards by 600.000001 seconds, waiting for 180.000 seconds"
            " until new services are launched again.",
            "waits", "master", None, 600.000001, 180, id="2.3.8-master-at-its-cap",
        ),
        pytest.param(
            f"{OWN}auth: Warning: Time moved backwards by 18 seconds.",
            "back", "auth", None, 18, None, id="ioloop",
        ),
        pytest.param(
            f"{JOURNAL}anvil: Warning: Time moved backwards by 0.312000 seconds.",
            "back", "anvil", None, 0.312, None, id="ioloop-2.3.8",
        ),
        pytest.param(
            f"{SYSLOG}imap(jo): Warning: Time jumped forwards 3600 seconds",
            "ahead", "imap", None, 3600, None, id="2.2-forward",
        ),
        pytest.param(
            f"{SYSLOG}imap(jo)<4>: Warning: Time jumped forwards 42.000001 seconds",
            "ahead", "imap", 4, 42.000001, None, id="2.3-forward",
        ),
        pytest.param(
            f"{SYSLOG}imap(jo)<4>: Warning: Time moved forward 42.000001 seconds",
            "ahead", "imap", 4, 42.000001, None, id="2.4.0-forward-without-by",
        ),
        pytest.param(
            f"{SYSLOG}imap(jo)<4>: Warning: Time moved forward by 42.000001 seconds",
            "ahead", "imap", 4, 42.000001, None, id="2.4-forward",
        ),
        pytest.param(
            f"{SYSLOG}master: Warning: Time moved forwards by 42.000001 seconds - adjusting timeouts.",
            "ahead", "master", None, 42.000001, None, id="2.3-master-forward",
        ),
        pytest.param(
            f"{SYSLOG}imap(jo)[10.0.0.7](691): Fatal: Time just moved backwards by 9 seconds. {KILL}",
            "killed", "imap", 691, 9, None, id="a-prefix-of-the-owner",
        ),
        pytest.param(
            f"{SYSLOG}imap(jo)<691><aB+/c=> [10.0.0.7]: Fatal: Time just moved backwards by 9 seconds. {KILL}",
            "killed", "imap", 691, 9, None, id="a-prefix-of-the-owner-with-a-blank",
        ),
        pytest.param(
            f"{SYSLOG}imap(691): Fatal: Time just moved backwards by 9 seconds. {KILL}\n",
            "killed", "imap", 691, 9, None, id="with-its-line-end",
        ),
    ],
)  # fmt: skip
def test_every_form(
    line: str, kind: str, process: str, pid: int | None, seconds: float, waits: float | None
) -> None:
    assert parse_dovecot_line(line) == DovecotLine(
        kind=kind,  # type: ignore[arg-type]
        process=process,
        pid=pid,
        seconds=seconds,
        waits_seconds=waits,
        line=line.strip(),
    )


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("", id="empty"),
        pytest.param(f"{SYSLOG}imap(jo)<4>: Logged out in=3 out=4", id="another-message"),
        pytest.param(f"{SYSLOG}imap(jo)<4>: Error: Time is an illusion", id="time-of-another-kind"),
        pytest.param(
            f"{SYSLOG}imap(691): Fatal: Time just moved backwards by many seconds. {KILL}", id="no-number"
        ),
        pytest.param(
            f"{SYSLOG}imap-login: Aborted login (no auth): user=<imap(9): Fatal: Time just moved backwards"
            f" by 9 seconds. {KILL}>",
            id="a-user-name-that-quotes-it",
        ),
        pytest.param(
            f"{OWN}imap-login: Info: Aborted: user=<x: Fatal: Time just moved backwards by 9 seconds. {KILL}",
            id="a-user-name-in-the-own-log",
        ),
        pytest.param(
            f"{OWN}mx1 sshd[3]: Invalid user imap(9): Fatal: Time just moved backwards by 9 seconds. {KILL}",
            id="another-program-that-quotes-it",
        ),
        pytest.param(
            f"Nov 22 16:53:12 mx1 root: dovecot: imap(9): Fatal: Time just moved backwards by 9 seconds. {KILL}",
            id="a-person-who-quotes-it",
        ),
        pytest.param(f"imap: Fatal: Time just moved backwards by {'9' * 400} seconds. {KILL}", id="absurd-number"),
    ],
)
def test_what_is_none(line: str) -> None:
    assert parse_dovecot_line(line) is None


@given(st.text(max_size=300))
def test_any_text_is_read_without_an_error(text: str) -> None:
    for line in (
        text,
        f"{SYSLOG}{text}: Fatal: Time just moved backwards by 9 seconds. {text}",
        f"imap: Fatal: Time {text}",
    ):
        told = parse_dovecot_line(line)
        assert told is None or (told.seconds >= 0 and may_be_dovecot_line(line))


@given(
    seconds=st.integers(0, 10**10),
    micros=st.one_of(st.none(), st.integers(0, 999_999)),
    user=st.text(st.characters(exclude_characters="()<>[]\n", exclude_categories=["C"]), max_size=40),
    pid=st.integers(1, 2**22),
)
def test_the_number_comes_through(seconds: int, micros: int | None, user: str, pid: int) -> None:
    number = f"{seconds}" if micros is None else f"{seconds}.{micros:06}"
    told = parse_dovecot_line(
        f"{SYSLOG}imap({user})<{pid}><s>: Fatal: Time just moved backwards by {number} seconds. {KILL}"
    )
    assert told is not None
    assert (told.kind, told.seconds) == ("killed", float(number))


def test_a_hostile_line_costs_little() -> None:
    for piece in ("(" * 1000, "a" * 1000, "<x>" * 300, ": " * 500, "dovecot: " * 100, "x " * 500):
        assert parse_dovecot_line(f"{piece}: Time ") is None
