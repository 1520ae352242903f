"""The lab's fixtures: a kernel to boot, hosts in network namespaces, stories. All here bears the mark `lab`."""

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lab import namespaces, uml
from tests.lab.namespaces import Net
from tests.lab.story import find_story
from tests.lab.uml import Transcript
from tests.needs import need

HERE = Path(__file__).parent
SHOWN_CHARACTERS = 3000
# The last that was booted by each file of tests: what is to be read where one of them fails.
_booted: dict[Path, Transcript] = {}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is below this folder; the hook is handed every item of the run.

    Its daemons and kernels keep seconds of their own (an advert each, an answer within three), for which a busy
    machine may have no processor. So what fails is tried twice more, and the summary says so.
    """
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.lab)
            item.add_marker(pytest.mark.flaky(reruns=2, reruns_delay=5))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Boot anew for what is tried once more: what a module's tests share would only fail again."""
    if isinstance(item, pytest.Function) and getattr(item, "execution_count", 1) > 1:
        for fixture in item._fixtureinfo.name2fixturedefs.values():
            if fixture[-1].cached_result and isinstance(fixture[-1].cached_result[0], Transcript):
                fixture[-1].cached_result = None
                fixture[-1]._finalizers.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to what fails what its scenario left: it boots on a machine that nobody may look into afterwards."""
    report = yield
    if report.outcome != "passed" and (left := _booted.get(item.path)):
        for name, text in sorted((left.files | {"what it said": left.text}).items()):
            report.sections.append((f"the lab: {name}", text[-SHOWN_CHARACTERS:]))
    return report


@pytest.fixture(scope="module")
def boot(request: pytest.FixtureRequest) -> Callable[..., Transcript]:
    """Return what boots a scenario in user-mode Linux."""
    need(uml.missing())

    def run(*arguments: Any, **options: Any) -> Transcript:
        _booted.pop(request.path, None)  # what an earlier one left would mislead where this one fails
        _booted[request.path] = uml.boot(*arguments, **options)
        return _booted[request.path]

    return run


@pytest.fixture(scope="module")
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
