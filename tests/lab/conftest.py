"""The lab's fixtures: a kernel to boot, hosts in network namespaces, stories. All here bears the mark `lab`."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.lab import namespaces, uml
from tests.lab.namespaces import Net
from tests.lab.story import find_story
from tests.lab.uml import Transcript
from tests.needs import need

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is below this folder; the hook is handed every item of the run.

    Its daemons and kernels keep seconds of their own (an advert each, an answer within three), for which a busy
    machine may have no processor. So what fails is tried once more, and the summary says so.
    """
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.lab)
            item.add_marker(pytest.mark.flaky(reruns=1, reruns_delay=5))


@pytest.fixture(scope="session")
def boot() -> Callable[..., Transcript]:
    """Return what boots a scenario in user-mode Linux."""
    need(uml.missing())
    return uml.boot


@pytest.fixture(scope="session")
def story(boot: Callable[..., Transcript]) -> Callable[[str], Transcript]:
    """Return what runs a story by its name."""

    def run(name: str) -> Transcript:
        found = find_story(name)
        need(uml.missing(found.packages))
        return boot(found.script, modules=found.modules, packages=found.packages)

    return run


@pytest.fixture
def net() -> Iterator[Net]:
    """Return a net of hosts in network namespaces, which is gone after the test."""
    need(namespaces.missing())
    with Net() as net:
        yield net
