"""os-release of real distributions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.linux.os_release import OsRelease, install_command, parse_os_release

DEBIAN = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nID=debian\n'
ROCKY = 'NAME="Rocky Linux"\nID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(DEBIAN, OsRelease(id="debian", version_id="12"), id="debian"),
        pytest.param(
            ROCKY, OsRelease(id="rocky", id_like=("rhel", "centos", "fedora"), version_id="9.4"), id="rocky"
        ),
        pytest.param("# ID=no\nID='Arch'\n", OsRelease(id="arch"), id="comment-and-quotes"),
        pytest.param('ID="debian\nVERSION_ID=1\n', OsRelease(version_id="1"), id="quote-not-closed"),
        pytest.param("", OsRelease(), id="empty"),
        pytest.param("nonsense\n=x\n", OsRelease(), id="nonsense"),
    ],
)
def test_parse(text: str, expected: OsRelease) -> None:
    assert parse_os_release(text) == expected


def test_what_it_is_like() -> None:
    assert parse_os_release(ROCKY).is_like("rhel")
    assert parse_os_release(DEBIAN).is_like("debian", "ubuntu")
    assert not parse_os_release(DEBIAN).is_like("rhel")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(DEBIAN, "apt install chrony", id="debian"),
        pytest.param(ROCKY, "dnf install chrony", id="rocky"),
        pytest.param("ID=opensuse-leap\nID_LIKE='suse opensuse'\n", "zypper install chrony", id="suse"),
        pytest.param("ID=void\n", "install the package chrony", id="another"),
    ],
)
def test_how_a_package_is_installed(text: str, expected: str) -> None:
    assert install_command(parse_os_release(text), "chrony") == expected


@given(st.text())
def test_any_text(text: str) -> None:
    found = parse_os_release("ID=" + text)
    assert found.id == found.id.lower()
