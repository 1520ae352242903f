"""Whose files root trusts, where the checkout itself may be a user's."""

import os
from pathlib import Path

import pytest

from tests.needs import need
from watchdog import trust

ALICE, BOB = 1001, 1002


@pytest.mark.parametrize(
    ("engine", "other", "refused"),
    [
        pytest.param((0, 0, 0o644), (0, 0, 0o644), False, id="all-is-roots"),
        pytest.param((0, 0, 0o644), (ALICE, ALICE, 0o644), True, id="a-users-plugin"),
        pytest.param((ALICE, ALICE, 0o644), (ALICE, ALICE, 0o644), False, id="a-users-checkout"),
        pytest.param((ALICE, ALICE, 0o644), (0, 0, 0o644), False, id="roots-settings-for-a-users-checkout"),
        pytest.param((ALICE, ALICE, 0o644), (BOB, BOB, 0o644), True, id="another-users-plugin"),
        pytest.param((ALICE, ALICE, 0o664), (ALICE, ALICE, 0o664), False, id="a-checkout-with-umask-002"),
        pytest.param((ALICE, ALICE, 0o644), (ALICE, ALICE, 0o664), True, id="only-the-plugin-is-the-groups"),
        pytest.param((ALICE, ALICE, 0o664), (ALICE, BOB, 0o664), True, id="another-group"),
        pytest.param((ALICE, ALICE, 0o644), (ALICE, ALICE, 0o646), True, id="everybodys"),
    ],
)
def test_under_sudo_a_users_own_checkout_is_trusted_and_else_only_what_is_roots(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    engine: tuple[int, int, int],
    other: tuple[int, int, int],
    refused: bool,
) -> None:
    need(None if os.geteuid() == 0 else "root, which alone is refused what others can write")
    for name, (owner, group, mode) in (("trust.py", engine), ("plugin.py", other)):
        path = tmp_path / name
        path.touch()
        path.chmod(mode)
        os.chown(path, owner, group)
    monkeypatch.setattr(trust, "_THIS_FILE", tmp_path / "trust.py")
    monkeypatch.setenv("SUDO_UID", str(ALICE))
    assert (trust.writable_by_others(tmp_path / "plugin.py") is not None) is refused
    monkeypatch.delenv("SUDO_UID")
    by_root_alone = other[0] == 0 and not other[2] & 0o022
    assert (trust.writable_by_others(tmp_path / "plugin.py") is None) is by_root_alone
