"""`systemctl show`, as it is printed."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.linux.systemd import MalformedUnitError, Unit, find_service, parse_units

RUNNING = """Type=notify
RemainAfterExit=no
NRestarts=2
Result=success
Id=dovecot.service
Names=dovecot.service imap.service
TriggeredBy=dovecot.socket
LoadState=loaded
ActiveState=active
SubState=running
UnitFileState=enabled
ConditionResult=yes
ConditionTimestampMonotonic=4711
"""
MISSING = """Id=nosuch.service
Names=nosuch.service
LoadState=not-found
ActiveState=inactive
SubState=dead
UnitFileState=
ConditionResult=no
ConditionTimestampMonotonic=0
"""


def test_two_units_in_their_order() -> None:
    running, missing = parse_units(f"{RUNNING}\n{MISSING}")
    assert running == Unit(
        name="dovecot.service",
        names=("dovecot.service", "imap.service"),
        load_state="loaded",
        active_state="active",
        sub_state="running",
        unit_file_state="enabled",
        type="notify",
        result="success",
        restarts=2,
        triggered_by=("dovecot.socket",),
    )
    assert missing == Unit(
        name="nosuch.service",
        names=("nosuch.service",),
        load_state="not-found",
        active_state="inactive",
        sub_state="dead",
    )


@pytest.mark.parametrize(
    ("line", "field", "expected"),
    [
        ("RemainAfterExit=yes", "remain_after_exit", True),
        ("Job=4711", "has_job", True),
        ("Job=0", "has_job", False),
        ("ConditionResult=no", "condition_failed", True),
        ("NRestarts=7", "restarts", 7),
        ("X=a=b", "name", "dovecot.service"),
    ],
)
def test_a_property(line: str, field: str, expected: object) -> None:
    (unit,) = parse_units(f"{RUNNING}{line}\n")
    assert getattr(unit, field) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("LoadState=loaded\n", "expected Id="),
        ("Id=x.service\nLoadState=loaded\nSubState=dead\n", "expected ActiveState="),
        (f"{RUNNING}NRestarts=many\n", "expected NRestarts=NUMBER, found 'many'"),
    ],
)
def test_what_is_no_unit(text: str, words: str) -> None:
    with pytest.raises(MalformedUnitError, match=words):
        parse_units(text)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    for candidate in (text, f"{RUNNING}{text}", f"{RUNNING}NRestarts={text}"):
        with suppress(MalformedUnitError):
            assert all(isinstance(unit, Unit) for unit in parse_units(candidate))


@pytest.mark.parametrize(
    ("cgroup", "service"),
    [
        pytest.param("0::/system.slice/ntpsec.service\n", "ntpsec.service", id="v2"),
        pytest.param(
            "12:pids:/system.slice/x.service\n1:name=systemd:/system.slice/ntpd.service\n", "ntpd.service", id="v1"
        ),
        pytest.param("0::/system.slice/system-a.slice/a@1.service/child\n", "a@1.service", id="a-child-of-it"),
        pytest.param("0::/user.slice/user-0.slice/user@0.service/app.slice/x.service\n", None, id="a-user's-own"),
        pytest.param("0::/user.slice/user-0.slice/session-1.scope\n", None, id="a-session"),
        pytest.param("0::/init.scope\n", None, id="a-scope"),
        pytest.param("", None, id="nothing"),
        pytest.param("::::\n:\n", None, id="garbage"),
    ],
)
def test_service_of_a_process(cgroup: str, service: str | None) -> None:
    assert find_service(cgroup) == service


@given(st.text())
def test_service_of_any_text(text: str) -> None:
    found = find_service(text)
    assert found is None or found.endswith(".service")
