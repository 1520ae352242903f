"""What the remediations of bonds demand of their evidence."""

from collections.abc import Iterable

from watchdog.linux.interface_name import is_interface_name
from watchdog.plugin import Case, Refused


def demand_sound(case: Case, names: Iterable[str], about: str) -> None:
    """Refuse names that no interface has, and evidence that is `about` something else than the finding."""
    for name in names:
        if not is_interface_name(name):
            raise Refused(f"{name!r} is no name the kernel would give an interface")
    if case.finding.subject != about:
        raise Refused(f"the evidence is about {about}, the finding about {case.finding.subject!r}")
