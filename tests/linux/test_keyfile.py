"""GLib key files as VMware Tools and qemu-ga read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.linux.keyfile import is_true, parse_keyfile


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", {}, id="empty"),
        pytest.param("[timeSync]\ndisable-all=true\n", {"timeSync": {"disable-all": "true"}}, id="plain"),
        pytest.param("[timeSync]\n disable-all = true \n", {"timeSync": {"disable-all": "true"}}, id="spaces"),
        pytest.param("[timeSync]\n#disable-all=true\n", {"timeSync": {}}, id="commented-out"),
        pytest.param("[a]\nk=1\n[b]\nk=2\n[a]\nk=3\n", {"a": {"k": "3"}, "b": {"k": "2"}}, id="the-later-counts"),
        pytest.param("[TimeSync]\nK=1\n", {"TimeSync": {"K": "1"}}, id="case-counts"),
        pytest.param("k=1\n", {}, id="before-any-group"),
        pytest.param("[a]\nnonsense\nk=a=b\n", {"a": {"k": "a=b"}}, id="nonsense-is-left-out"),
    ],
)
def test_parse(text: str, expected: dict[str, dict[str, str]]) -> None:
    assert parse_keyfile(text) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [("true", True), ("1", True), ("TRUE", False), ("no", False), (None, False)]
)
def test_is_true(value: str | None, expected: bool) -> None:
    assert is_true(value) is expected


@given(st.text())
def test_any_text_is_read_without_an_error(text: str) -> None:
    for group in parse_keyfile(text).values():
        assert all(isinstance(value, str) for value in group.values())
