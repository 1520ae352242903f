"""Who is at the keyboard."""

import os
import pwd

import pytest

from watchdog.cli.person import describe_person, name_person

ROOT = pwd.getpwuid(0).pw_name
DAEMON = pwd.getpwnam("daemon")
UNSET = "4294967295\n"


@pytest.mark.parametrize(
    ("environ", "uid", "login_uid", "expected"),
    [
        pytest.param({}, 0, UNSET, f"{ROOT} (uid 0)", id="root"),
        pytest.param({}, 0, None, f"{ROOT} (uid 0)", id="a-kernel-without-audit"),
        pytest.param({}, 0, "0", f"{ROOT} (uid 0)", id="root-logged-in"),
        pytest.param({}, DAEMON.pw_uid, UNSET, f"daemon (uid {DAEMON.pw_uid})", id="a-user"),
        pytest.param({"SUDO_USER": "alice"}, 0, UNSET, f"alice, as {ROOT} (uid 0)", id="by-sudo"),
        pytest.param({}, 0, str(DAEMON.pw_uid), f"daemon, as {ROOT} (uid 0)", id="by-su"),
        pytest.param(
            {"SUDO_USER": "eve"}, 0, str(DAEMON.pw_uid), f"daemon, as {ROOT} (uid 0)", id="the-kernel-knows"
        ),
        pytest.param({"SUDO_USER": "eve"}, 0, "0", f"{ROOT} (uid 0)", id="the-kernel-knows-root"),
        pytest.param(
            {"SUDO_USER": "eve"}, DAEMON.pw_uid, UNSET, f"daemon (uid {DAEMON.pw_uid})", id="not-root-says"
        ),
        pytest.param({"SUDO_USER": ROOT}, 0, UNSET, f"{ROOT} (uid 0)", id="sudo-by-root"),
        pytest.param({"SUDO_USER": "a\x1b[31m\n"}, 0, UNSET, f"a?[31m?, as {ROOT} (uid 0)", id="hostile"),
        pytest.param({"SUDO_USER": "a" * 999}, 0, UNSET, f"{'a' * 64}, as {ROOT} (uid 0)", id="endless"),
        pytest.param({}, 4_000_000_000, "x", "somebody without a name (uid 4000000000)", id="nameless"),
    ],
)
def test_describe_person(environ: dict[str, str], uid: int, login_uid: str | None, expected: str) -> None:
    assert describe_person(environ, uid, login_uid) == expected


def test_who_we_are() -> None:
    assert name_person({}).endswith(f"(uid {os.getuid()})")
