"""Finds the plugins through the entry-point group `watchdog.plugins` and holds what they declared.

A member of the group is a module that holds one plugin, or a package whose modules do (`_`-modules are private
helpers). Adding a check is adding a module.
"""

import importlib.util
import os
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from importlib.machinery import ModuleSpec
from importlib.metadata import entry_points
from itertools import accumulate
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from watchdog.errors import ConfigError, Problem
from watchdog.model import Fault
from watchdog.plugin import Check, Remediation, RemediationSettings
from watchdog.steps import RISKS
from watchdog.trust import all_within, writable_by_others

T = TypeVar("T")
GROUP = "watchdog.plugins"
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")

AnyCheck = Check[Any, Any, Any]
AnyRemediation = Remediation[Any]


class Registry(msgspec.Struct, frozen=True, kw_only=True):
    """Every plugin by name, and the catalogue of every fault by code (the engine's own included)."""

    checks: Mapping[str, AnyCheck]
    remediations: Mapping[str, AnyRemediation]
    faults: Mapping[str, Fault]

    def as_set(self, settings: Mapping[str, RemediationSettings]) -> "Registry":
        """Return it with what each remediation heals under these settings (the owner's own commands)."""
        remediations = {name: _as_set(one, settings[name]) for name, one in self.remediations.items()}
        return replace(self, remediations=remediations)

    def healers(self, fault: str) -> tuple[AnyRemediation, ...]:
        """Return the remediations that say they can heal a fault: the least risk first, then by name."""
        healers = (one for one in self.remediations.values() if fault in one.heals)
        return tuple(sorted(healers, key=lambda one: (RISKS.index(one.risk), one.name)))


def _as_set(remediation: AnyRemediation, settings: RemediationSettings) -> AnyRemediation:
    if remediation.heals_as_set is None:
        return remediation
    heals = dict.fromkeys((*remediation.heals, *remediation.heals_as_set(settings)))
    return replace(remediation, heals=tuple(heals))


def nearest(name: str, known: Mapping[str, object]) -> str | None:
    """Return the known name most like `name`, None when nothing comes close."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, known, n=1)), None)


def load(own_faults: tuple[Fault, ...] = ()) -> Registry:
    """Import every plugin and hold them together; ConfigError names every one that is not sound."""
    modules: list[ModuleType] = []
    problems: list[Problem] = []
    for member in sorted(entry_points(group=GROUP), key=lambda member: member.name):
        try:
            modules += _modules(member.value)
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return collect(modules, own_faults)


def collect(modules: list[ModuleType], own_faults: tuple[Fault, ...]) -> Registry:
    """Hold what these modules declare; ConfigError names every name, code or cause that is not sound."""
    checks: dict[str, AnyCheck] = {}
    remediations: dict[str, AnyRemediation] = {}
    faults = {fault.code: fault for fault in own_faults}
    own_names = {fault.check: fault for fault in own_faults}
    problems: list[Problem] = []
    for module in modules:
        source = str(getattr(module, "__file__", module.__name__))
        check, remediation = getattr(module, "CHECK", None), getattr(module, "REMEDIATION", None)
        if isinstance(check, Check):
            problems += _problems_of_name(source, check.name, {**own_names, **checks})
            problems += _problems_of_faults(source, check, faults)
            checks[check.name] = check
            faults |= {fault.code: fault for fault in check.faults}
        if isinstance(remediation, Remediation):
            problems += _problems_of_name(source, remediation.name, remediations)
            remediations[remediation.name] = remediation
        if not isinstance(check, Check) and not isinstance(remediation, Remediation):
            problems.append(Problem(source=source, key="", expected="a CHECK or a REMEDIATION", found="neither"))
    problems += _problems_of_codes(remediations, faults)
    if cycle := _cycle_of_causes(faults):
        found = " <- ".join(cycle)
        problems.append(
            Problem(source="faults", key="causes", expected="no fault to be its own cause", found=found)
        )
    if problems:
        raise ConfigError(problems)
    return Registry(checks=checks, remediations=remediations, faults=faults)


def _modules(target: str) -> Iterator[ModuleType]:
    """Import the module, or the public modules of the package, that an entry point names.

    The files are looked at before one of them is run: as root, what others may write is refused (ConfigError).
    """
    spec = _look_up(target)
    module = _attempt(target, importlib.import_module)
    if spec.submodule_search_locations is None:
        yield module
        return
    for name in sorted(found.name for found in pkgutil.iter_modules(spec.submodule_search_locations)):
        if not name.startswith("_"):
            yield _attempt(f"{target}.{name}", importlib.import_module)


def _look_up(target: str) -> ModuleSpec:
    """Find a module, from its outermost package inwards, because to find the next Python runs the one before."""
    spec = None
    for name in accumulate(target.split("."), "{}.{}".format):
        spec = _attempt(name, importlib.util.find_spec)
        places = _places(spec) if spec else ()
        if problems := [problem for place in places if (problem := writable_by_others(place))]:
            raise ConfigError(problems)
        if spec is None:
            break
    if spec is None or spec.origin is None:
        raise ConfigError([Problem(source=GROUP, key="", expected="an importable plugin", found=repr(target))])
    return spec


def _places(spec: ModuleSpec) -> Iterator[Path]:
    """Yield the files that may run when a module is imported: of a package all, its helpers and caches too."""
    if spec.submodule_search_locations is not None:
        for folder in spec.submodule_search_locations:
            yield from all_within(Path(folder))
        return
    for file in filter(None, (spec.origin, spec.cached)):
        yield from (Path(file).parent, Path(file), Path(os.path.realpath(file)).parent)


def _attempt(name: str, act: Callable[[str], T]) -> T:
    """Find or import a module; whatever its code raises is told as its fault. What it prints is not our answer."""
    try:
        with redirect_stdout(sys.stderr):
            return act(name)
    except (Exception, SystemExit) as error:
        found = f"{type(error).__name__}: {' '.join(str(error).split())}"
        raise ConfigError([Problem(source=name, key="", expected="an importable plugin", found=found)]) from error


def _problems_of_name(source: str, name: str, known: Mapping[str, object]) -> Iterator[Problem]:
    if not _NAME.fullmatch(name):
        yield Problem(source=source, key="name", expected="lower_case_words", found=repr(name))
    if name in known:
        yield Problem(source=source, key="name", expected="a name no other plugin has", found=repr(name))


def _problems_of_faults(source: str, check: AnyCheck, faults: Mapping[str, Fault]) -> Iterator[Problem]:
    for fault in check.faults:
        if fault.check != check.name or not _NAME.fullmatch(fault.code.partition(".")[2]):
            yield Problem(
                source=source, key="faults", expected=f"codes like {check.name}.condition", found=fault.code
            )
        if fault.code in faults:
            yield Problem(source=source, key="faults", expected="each code once", found=fault.code)


def _problems_of_codes(
    remediations: Mapping[str, AnyRemediation], faults: Mapping[str, Fault]
) -> Iterator[Problem]:
    for remediation in remediations.values():
        for code in remediation.heals:
            if code not in faults:
                yield Problem(
                    source=remediation.name,
                    key="heals",
                    expected="a known fault code",
                    found=repr(code),
                    nearest=nearest(code, faults),
                )
    for fault in faults.values():
        for cause in fault.causes:
            if cause.fault not in faults:
                yield Problem(
                    source=fault.code,
                    key="causes",
                    expected="a known fault code",
                    found=repr(cause.fault),
                    nearest=nearest(cause.fault, faults),
                )


def _cycle_of_causes(faults: Mapping[str, Fault]) -> tuple[str, ...]:
    """Return the codes along a cycle of causes, none when there is none (depth-first, each code once)."""
    done: set[str] = set()

    def visit(code: str, path: tuple[str, ...]) -> tuple[str, ...]:
        if code in path:
            return (*path[path.index(code) :], code)
        if code in done or code not in faults:
            return ()
        for cause in faults[code].causes:
            if cycle := visit(cause.fault, (*path, code)):
                return cycle
        done.add(code)
        return ()

    for code in faults:
        if cycle := visit(code, ()):
            return cycle
    return ()
