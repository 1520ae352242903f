"""The configuration: one TOML file becomes frozen settings, or a ConfigError that names every problem in it."""

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec

from watchdog.errors import ConfigError, Problem
from watchdog.files import exists, read_trusted, readable_by_others
from watchdog.guards import Limits
from watchdog.model import Fault, Severity
from watchdog.notify_settings import (
    HostSettings,
    NotifySettings,
    PingSettings,
    Target,
    TargetSettings,
    unknown_fault_patterns,
)
from watchdog.plugin import CheckSettings, RemediationSettings
from watchdog.registry import Registry
from watchdog.routing import Policy, untold
from watchdog.secret_url import SecretUrl
from watchdog.settings import Place, convert, parse_toml, plain, problems_in, render_found, render_kind_only
from watchdog.steps import Risk
from watchdog.trust import all_within, writable_by_others
from watchdog.units import Duration

DEFAULT_PATH = Path("/etc/watchdog/watchdog.toml")
MAX_BYTES = 1 << 20

S = TypeVar("S", bound=msgspec.Struct)

_SECTIONS = {
    "checks": "",
    "remediations": "",
    "healing": "",
    "faults": "",
    "notify": "",
    "history": "",
    "metrics": "",
    "report": "",
    "host": "",
}


_LISTEN = re.compile(r"(?:(?P<four>[0-9.]+)|\[(?P<six>[0-9a-fA-F:.]+)\]):(?P<port>[0-9]{1,5})", re.ASCII)


class FaultSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[faults."bond.single_member"]`: what the owner thinks of a fault; severity None is the check's own."""

    enabled: bool = True
    severity: Severity | None = None


class HistorySettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[history]`: where it is kept (None: by who runs us) and for how long.

    `gap` is the silence between two runs from which on nobody was watching; `lock_wait` is how long a run waits
    for another to end.
    """

    path: Path | None = None
    retention: Duration = Duration(400 * 86400)
    minute_retention: Duration = Duration(48 * 3600)
    gap: Duration = Duration(15 * 60)
    lock_wait: Duration = Duration(30)


class ReportSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[report]`: the targets that `watchdog report --send-as-set` sends it to; the timers call that."""

    to: tuple[str, ...] = ()


class MetricsSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[metrics]`: where others find what the record says.

    `textfile` is written after each cycle, for node_exporter (None: no file); on `listen`, an address of loopback
    with a port, the daemon answers HTTP ("": it does not).
    """

    textfile: Path | None = None
    listen: str = ""

    def __post_init__(self) -> None:
        if self.listen and self.address is None:
            raise ValueError('listen = "127.0.0.1:9836" or "[::1]:9836": loopback only, as it asks for no login')

    @property
    def address(self) -> tuple[str, int] | None:
        """The address and port to listen on; None: nowhere."""
        found = _LISTEN.fullmatch(self.listen)
        if not found or not 0 < int(found["port"]) < 1 << 16:
            return None
        try:
            address = ip_address(found["six"] or found["four"])
        except ValueError:
            return None
        return (str(address), int(found["port"])) if address.is_loopback else None


class HealingSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[healing]`: what bounds all healing that nobody asked for.

    `risk` is the most that is taken; `hourly` and `daily` are attempts on this host; from `storm_families` checks
    with firing faults on nothing is healed; from `chronic` successful heals of one fault in a day on, that is a
    fault of its own. `first` orders the remediations of a fault; those that are not named follow, the least risk
    first.
    """

    risk: Risk = "low"
    hourly: Annotated[int, msgspec.Meta(ge=0)] = 4
    daily: Annotated[int, msgspec.Meta(ge=0)] = 12
    storm_families: Annotated[int, msgspec.Meta(ge=2)] = 3
    chronic: Annotated[int, msgspec.Meta(ge=2)] = 3
    first: dict[str, tuple[str, ...]] = {}


class Permissions(msgspec.Struct, frozen=True, kw_only=True):
    """What the owner of the host lets be healed: by each remediation, and by all together."""

    remediations: Mapping[str, RemediationSettings]
    healing: HealingSettings = msgspec.field(default_factory=HealingSettings)

    def limits(self, remediation: str) -> Limits:
        """Return what the guards hold a remediation to."""
        one, all_of_them = self.remediations[remediation], self.healing
        return Limits(
            mode=one.mode,
            attempts=one.attempts,
            cooldown_seconds=one.cooldown,
            risk=all_of_them.risk,
            hourly=all_of_them.hourly,
            daily=all_of_them.daily,
            storm_families=all_of_them.storm_families,
        )


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting in force, defaults filled in; `source` is None when there is no file, `digest` its SHA-256.

    `mode_lines` are where the file sets the mode of a remediation, by its name.
    """

    checks: Mapping[str, CheckSettings]
    remediations: Mapping[str, RemediationSettings]
    healing: HealingSettings
    faults: Mapping[str, FaultSettings]
    notify: NotifySettings
    history: HistorySettings
    metrics: MetricsSettings
    report: ReportSettings
    host: HostSettings
    source: Path | None
    digest: str
    mode_lines: Mapping[str, int] = msgspec.field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def permissions(self) -> Permissions:
        """What may be healed, and how much of it."""
        return Permissions(remediations=self.remediations, healing=self.healing)

    def permission(self, remediation: str) -> str:
        """Say by which line of which file, and with which SHA-256, a remediation got its mode: for the record."""
        mode = self.remediations[remediation].mode
        line = self.mode_lines.get(remediation)
        if self.source is None or (line is None and mode == RemediationSettings().mode):
            return f'mode = "{mode}", the default'
        where = self.source if line is None else f"{self.source} line {line}"
        return f'mode = "{mode}", {where}, sha256 {self.digest}'

    def policy(self, host: str, *, stays: bool = False) -> Policy:
        """Return how this host is told of; who does not stay for another cycle has nothing to wait for."""
        notify = self.notify
        routes = (route.route(str(number)) for number, route in enumerate(notify.routes, 1))
        return Policy(
            host=host,
            routes=tuple(route for route in routes if route.is_for(host, self.host.labels)),
            group_wait_seconds=float(notify.group_wait) if stays else 0.0,
            remind_seconds=notify.remind_every.seconds,
            quiet=notify.quiet.quiet() if notify.quiet else None,
        )

    def untold(self, host: str, faults: Mapping[str, Fault]) -> tuple[str, ...]:
        """Return the faults that are looked for and that, as bad as they are by default, no route takes."""
        looked_for = {
            code: self.faults[code].severity or fault.severity
            for code, fault in faults.items()
            if self.faults[code].enabled and (fault.check not in self.checks or self.checks[fault.check].enabled)
        }
        return untold(self.policy(host).routes, looked_for) if self.notify.routes else ()

    def tables(self) -> dict[str, Any]:
        """Return the settings as plain tables, as a configuration would say them; secrets are `***`."""
        faults = {code: settings for code, settings in self.faults.items() if settings != FaultSettings()}
        tables: dict[str, Any] = plain(
            {
                "checks": self.checks,
                "remediations": self.remediations,
                "healing": self.healing,
                "faults": faults,
                "notify": self.notify,
                "history": self.history,
                "metrics": self.metrics,
                "report": self.report,
                "host": self.host,
            }
        )
        for target in tables["notify"]["targets"].values():
            del target["name"]
        return tables


def find_path(explicit: Path | None, environ: Mapping[str, str], default: Path = DEFAULT_PATH) -> Path | None:
    """Return the file to read: the one named, else $WATCHDOG_CONFIG, else the default place; None: no file.

    Raises ConfigError when a file that was named does not exist.
    """
    named = explicit or (Path(environ["WATCHDOG_CONFIG"]) if environ.get("WATCHDOG_CONFIG") else None)
    if named is None:
        return default if exists(default) else None
    if not exists(named):
        by = "--config" if explicit else "$WATCHDOG_CONFIG"
        raise ConfigError([Place(str(named)).problem(f"the configuration file that {by} names", "no such file")])
    return named


def load(path: Path | None, registry: Registry, *, root: bool | None = None) -> Config:
    """Read the settings for these plugins; None is an empty file. Raises ConfigError with every problem.

    `root` says whether to be as strict as root must be (None: whether we are root).
    """
    strict = os.geteuid() == 0 if root is None else root
    top = Place(str(path))
    data = b"" if path is None else read_trusted(path, MAX_BYTES, strict=strict)
    tables = parse_toml(data, top) if data else {}
    check_kinds = {name: check.settings for name, check in sorted(registry.checks.items())}
    remediation_kinds = {name: one.settings for name, one in sorted(registry.remediations.items())}
    fault_kinds = dict.fromkeys(sorted(registry.faults), FaultSettings)

    reading = _Reading(tables, top)
    checks = reading.named("checks", check_kinds, "the name of a check")
    remediations = reading.named("remediations", remediation_kinds, "the name of a remediation")
    faults = reading.named("faults", fault_kinds, 'a fault code in quotes, such as [faults."bond.down"]')
    notify = reading.notify()
    permitted = {name: kind() for name, kind in remediation_kinds.items()} | remediations
    as_set = registry.as_set(permitted)
    reading.problems += _unknown_faults(as_set, top.child("remediations"))
    healing = reading.healing(as_set)
    history = reading.one(tables.get("history", {}), HistorySettings, top.child("history"))
    metrics = reading.one(tables.get("metrics", {}), MetricsSettings, top.child("metrics"))
    report = reading.report(notify)
    host = reading.one(tables.get("host", {}), HostSettings, top.child("host"))
    reading.problems += unknown_fault_patterns(notify.routes, registry.faults, top.child("notify").child("routes"))
    leaks = tuple(_leaks(path, notify, top)) if path else ()
    loose = tuple(_loose_templates(notify.templates)) if strict else ()
    if problems := (*reading.problems, *(leaks if strict else ()), *loose):
        raise ConfigError(problems)
    return Config(
        checks={name: kind() for name, kind in check_kinds.items()} | checks,
        remediations=permitted,
        healing=healing,
        faults={code: FaultSettings() for code in fault_kinds} | faults,
        notify=notify,
        history=history or HistorySettings(),
        metrics=metrics or MetricsSettings(),
        report=report,
        host=host or HostSettings(),
        source=path,
        digest=hashlib.sha256(data).hexdigest(),
        mode_lines=dict(_mode_lines(data.decode(errors="replace"))),
        warnings=(*map(str, leaks), *_warnings(notify, report, top)),
    )


_TABLE = re.compile(r"""\s*\[\s*remediations\s*\.\s*["']?(\w+)["']?\s*\]\s*(?:#.*)?""")
_OTHER_TABLE = re.compile(r"\s*\[")
_MODE = re.compile(r"\s*mode\s*=")


def _mode_lines(text: str) -> Iterator[tuple[str, int]]:
    """Yield where `[remediations.NAME]` says its mode. One said in another of TOML's ways stays without a line."""
    name = None
    for number, content in enumerate(text.splitlines(), 1):
        if table := _TABLE.fullmatch(content):
            name = table[1]
        elif _OTHER_TABLE.match(content):
            name = None
        elif name and _MODE.match(content):
            yield name, number


# Where no time at all would mean an endless loop, a check that never ends well, or an empty history.
_POSITIVE: Mapping[type, tuple[str, ...]] = {
    CheckSettings: ("every", "time_limit"),
    NotifySettings: ("drain_limit", "expire_after"),
    PingSettings: ("every",),
    HistorySettings: ("retention", "minute_retention", "gap"),
}


class _Reading:
    """Reads one table after the other, and keeps what is wrong with any of them."""

    def __init__(self, tables: Mapping[str, Any], top: Place) -> None:
        self.tables, self.top = tables, top
        self.problems = [
            top.child(name).unknown("one of the tables", name, _SECTIONS)
            for name in tables
            if name not in _SECTIONS
        ]

    def one(self, table: object, kind: type[S], place: Place) -> S | None:
        """Return the settings of one table, None when it has problems."""
        found = [*problems_in(table, kind, place), *_zero_durations(table, kind, place)]
        self.problems += found
        return None if found else convert(table, kind)

    def named(self, section: str, kinds: Mapping[str, type[S]], what: str) -> dict[str, S]:
        """Return the settings in a section of tables, each of which bears the name of a known thing."""
        place = self.top.child(section)
        return self.each(self.table(self.tables.get(section, {}), place), kinds, what, place)

    def notify(self) -> NotifySettings:
        """Return `[notify]`; the targets are read apart, because each learns its name from its table's."""
        place = self.top.child("notify")
        table = self.table(self.tables.get("notify", {}), place)
        apart = ("targets", "ping")
        rest = self.one({key: item for key, item in table.items() if key not in apart}, NotifySettings, place)
        ping = self.one(table["ping"], PingSettings, place.child("ping")) if "ping" in table else None
        tables = self.target_names(self.table(table.get("targets", {}), place.child("targets")), place)
        targets = self.each(tables, dict.fromkeys(tables, TargetSettings), "", place.child("targets"))
        self.problems += _unknown_targets(table.get("routes"), tables, place.child("routes"))
        named = {name: Target(name=name, **msgspec.structs.asdict(target)) for name, target in targets.items()}
        return msgspec.structs.replace(rest or NotifySettings(), targets=named, ping=ping)

    def target_names(self, tables: dict[str, Any], place: Place) -> dict[str, Any]:
        """Return the targets without those whose name is a URL: names are told, in messages and errors too."""
        names = {name for name in tables if "://" not in name}
        if len(names) < len(tables):
            found = "a URL (not shown: it may be secret)"
            self.problems.append(
                place.child("targets").problem("names such as ops-mail, the URL in url_file", found)
            )
        return {name: table for name, table in tables.items() if name in names}

    def report(self, notify: NotifySettings) -> ReportSettings:
        """Return `[report]`; whom it names must be targets."""
        place = self.top.child("report")
        settings = self.one(self.tables.get("report", {}), ReportSettings, place) or ReportSettings()
        self.problems += (
            place.child("to").item(number).unknown("the name of a target", name, notify.targets)
            for number, name in enumerate(settings.to)
            if name not in notify.targets
        )
        return settings

    def healing(self, registry: Registry) -> HealingSettings:
        """Return `[healing]`; what it names must exist, and heal what it is named for."""
        place = self.top.child("healing")
        settings = self.one(self.tables.get("healing", {}), HealingSettings, place)
        if settings is None:
            return HealingSettings()
        for code, names in settings.first.items():
            if code not in registry.faults:
                self.problems.append(place.child("first").unknown("a fault code", code, registry.faults))
                continue
            healers = {healer.name: healer for healer in registry.healers(code)}
            self.problems += (
                place.child("first").child(code).item(i).unknown(f"a remediation for {code}", name, healers)
                for i, name in enumerate(names)
                if name not in healers
            )
        return settings

    def each(
        self, tables: Mapping[str, Any], kinds: Mapping[str, type[S]], what: str, place: Place
    ) -> dict[str, S]:
        read = {}
        for name, table in tables.items():
            if name not in kinds:
                self.problems.append(place.child(name).unknown(what, _whole_code(name, table), kinds))
            elif (settings := self.one(table, kinds[name], place.child(name))) is not None:
                read[name] = settings
        return read

    def table(self, value: object, place: Place) -> dict[str, Any]:
        """Return a table as it is; an empty one when it is none."""
        if isinstance(value, dict):
            return value
        self.problems.append(place.problem("a table", render_kind_only(value)))
        return {}


def _zero_durations(table: Any, kind: type, place: Place) -> Iterator[Problem]:
    names = next((names for base, names in _POSITIVE.items() if issubclass(kind, base)), ())
    for name in names if isinstance(table, dict) else ():
        if _is_zero(table.get(name)):
            yield place.child(name).problem('a duration above zero, such as "30s"', render_found(table[name]))


def _is_zero(text: object) -> bool:
    try:
        return Duration.parse(text) == Duration(0)
    except ValueError:
        return False  # told by problems_in


def _whole_code(name: str, table: Any) -> str:
    """Return `bond.member_down` for the name `bond` of `[faults.bond.member_down]`, which lacks its quotes."""
    inner = next(iter(table), None) if isinstance(table, dict) else None
    return f"{name}.{inner}" if inner and isinstance(table[inner], dict) else name


def _unknown_faults(registry: Registry, place: Place) -> Iterator[Problem]:
    """Yield what the settings have a remediation heal that no check finds."""
    for name, remediation in registry.remediations.items():
        for code in remediation.heals:
            if code not in registry.faults:
                yield place.child(name).unknown("a fault code", code, registry.faults)


def _unknown_targets(routes: object, targets: Mapping[str, object], place: Place) -> Iterator[Problem]:
    for index, route in enumerate(routes if isinstance(routes, list) else ()):
        to = place.item(index).child("to")
        names = route.get("to") if isinstance(route, dict) else None
        for position, name in enumerate(names if isinstance(names, list) else ()):
            if isinstance(name, str) and name not in targets:
                yield to.item(position).unknown("a name in notify.targets", name, targets)


def _leaks(path: Path, notify: NotifySettings, top: Place) -> Iterator[Problem]:
    """Yield every secret that others than its owner can read, in this file and in those that it names."""
    mode = readable_by_others(path)
    for place, one in _secret_urls(notify, top):
        if one.url is not None and mode:
            found = f"mode {mode}; run: chmod go-r {path}, or use url_file"
            yield place.child("url").problem("a file that only its owner can read, as it holds a secret", found)
        key = "url_file" if one.url_file else "url_credential"
        if (file := one.file(os.environ)) and (loose := readable_by_others(file)):
            found = f"{file} with mode {loose}; run: chmod go-r {file}"
            yield place.child(key).problem("a file that only its owner can read, as it holds a secret", found)


def _secret_urls(notify: NotifySettings, top: Place) -> Iterator[tuple[Place, SecretUrl]]:
    yield from ((_place_of(name, top), target) for name, target in notify.targets.items())
    if notify.ping is not None:
        yield top.child("notify").child("ping"), notify.ping


def _loose_templates(folder: Path | None) -> Iterator[Problem]:
    """As root, yield the folder of templates and each file in it that others can write."""
    for place in all_within(folder) if folder and folder.is_dir() else ():
        if problem := writable_by_others(place):
            yield problem


def _warnings(notify: NotifySettings, report: ReportSettings, top: Place) -> Iterator[str]:
    told = {*report.to, *(name for route in notify.routes for name in route.to)}
    for name in notify.targets:
        if name not in told:
            where = f"{top.source}: {_place_of(name, top).key}"
            yield f"{where}: no route in [[notify.routes]] leads here, so nothing will be sent"


def _place_of(target: str, top: Place) -> Place:
    return top.child("notify").child("targets").child(target)
