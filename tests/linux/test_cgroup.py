import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.linux.cgroup import service_of


@pytest.mark.parametrize(
    ("text", "service"),
    [
        pytest.param("0::/system.slice/squid.service\n", "squid.service", id="unified"),
        pytest.param(
            "12:cpu,cpuacct:/\n1:name=systemd:/system.slice/squid.service\n0::/\n",
            "squid.service",
            id="before-that",
        ),
        pytest.param("0::/system.slice/system-squid.slice/squid@a.service", "squid@a.service", id="an-instance"),
        pytest.param("0::/web.slice/web-proxy.slice/squid.service", "squid.service", id="another-slice"),
        pytest.param("0::/user.slice/user-1000.slice/session-3.scope", "", id="started-in-a-login"),
        pytest.param(
            "0::/user.slice/user-1000.slice/user@1000.service/app.slice/squid.service", "", id="a-user-manager's"
        ),
        pytest.param("0::/system.slice/docker-0123abcd.scope", "", id="a-container"),
        pytest.param("0::/system.slice/docker.service/docker/0123", "", id="below-a-service"),
        pytest.param("0::/lxc.payload.web/system.slice/squid.service", "", id="in-a-system-container"),
        pytest.param("0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-1.scope", "", id="a-pod"),
        pytest.param("0::/squid.service", "", id="no-slice"),
        pytest.param("0::/system.slice/--now.service", "", id="not-an-option"),
        pytest.param("0::/system.slice/squid.service (deleted)", "", id="gone"),
        pytest.param("3:cpu:/system.slice/squid.service", "", id="another-hierarchy"),
        pytest.param("0::/\n", "", id="no-systemd"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_service_of(text: str, service: str) -> None:
    assert service_of(text) == service


@given(st.text() | st.text(alphabet="0:/.sliceervx\n-").map(lambda text: f"0::/{text}"))
def test_whatever_it_is_handed(text: str) -> None:
    found = service_of(text)
    assert found == "" or (found.endswith(".service") and not found.startswith("-") and "/" not in found)
