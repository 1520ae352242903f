"""Plugins are found, held together and refused with a reason."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.needs import need
from watchdog import registry, selfwatch
from watchdog.errors import ConfigError
from watchdog.model import Cause, Fault, Severity
from watchdog.plugin import Check, CheckSettings, Facts, Plan, Remediation, RemediationSettings
from watchdog.registry import Registry, collect, nearest


def a_fault(code: str, *causes: str) -> Fault:
    return Fault(
        code=code,
        title=code,
        severity=Severity.WARNING,
        why="",
        advice="",
        causes=tuple(Cause(fault=cause) for cause in causes),
    )


def a_check(name: str, *faults: Fault) -> Check:
    return Check(
        name=name,
        title=name,
        faults=faults,
        settings=CheckSettings,
        facts=Facts,
        memory=Facts,
        observe=lambda host, settings, before: Facts(),
        judge=lambda facts, before, settings: (),
        remember=lambda facts, before, settings: facts,
    )


def a_remediation(name: str, *heals: str) -> Remediation:
    return Remediation(
        name=name,
        title=name,
        heals=heals,
        settings=RemediationSettings,
        plan=lambda host, finding, settings: Plan(summary="", steps=()),
    )


def module(**declared: object) -> ModuleType:
    made = ModuleType("made")
    made.__dict__.update(declared)
    return made


BOND = module(CHECK=a_check("bond", a_fault("bond.down"), a_fault("bond.member_down", "clock.back")))
CLOCK = module(CHECK=a_check("clock", a_fault("clock.back")))
RAISE = module(REMEDIATION=a_remediation("raise_member", "bond.member_down"))


def test_what_is_declared_is_held_by_name() -> None:
    held = collect([BOND, CLOCK, RAISE], (a_fault("watchdog.check_failed"),))
    assert list(held.checks) == ["bond", "clock"]
    assert list(held.remediations) == ["raise_member"]
    assert sorted(held.faults) == ["bond.down", "bond.member_down", "clock.back", "watchdog.check_failed"]


def test_a_module_may_hold_both() -> None:
    held = collect([module(CHECK=CLOCK.CHECK, REMEDIATION=a_remediation("set_clock", "clock.back"))], ())
    assert (list(held.checks), list(held.remediations)) == (["clock"], ["set_clock"])


def test_healers_are_those_that_say_so_by_name() -> None:
    held = collect([BOND, CLOCK, RAISE, module(REMEDIATION=a_remediation("ask", "bond.member_down"))], ())
    assert [healer.name for healer in held.healers("bond.member_down")] == ["ask", "raise_member"]
    assert held.healers("bond.down") == ()


UNSOUND = [
    pytest.param([module()], ["made: expected a CHECK or a REMEDIATION, found neither"], id="empty-module"),
    pytest.param(
        [module(CHECK="bond")], ["made: expected a CHECK or a REMEDIATION, found neither"], id="not-a-check"
    ),
    pytest.param(
        [CLOCK, module(CHECK=a_check("clock"))],
        ["made: name: expected a name no other plugin has, found 'clock'"],
        id="check-twice",
    ),
    pytest.param(
        [module(REMEDIATION=a_remediation("heal")), module(REMEDIATION=a_remediation("heal"))],
        ["made: name: expected a name no other plugin has, found 'heal'"],
        id="remediation-twice",
    ),
    pytest.param(
        [module(CHECK=a_check("Bond-2"))],
        ["made: name: expected lower_case_words, found 'Bond-2'"],
        id="name-in-the-wrong-style",
    ),
    pytest.param(
        [module(CHECK=a_check("clock", a_fault("bond.down")))],
        ["made: faults: expected codes like clock.condition, found bond.down"],
        id="code-of-another-check",
    ),
    pytest.param(
        [module(CHECK=a_check("clock", a_fault("clock.Went-Back")))],
        ["made: faults: expected codes like clock.condition, found clock.Went-Back"],
        id="code-in-the-wrong-style",
    ),
    pytest.param(
        [module(CHECK=a_check("clock", a_fault("clock")))],
        ["made: faults: expected codes like clock.condition, found clock"],
        id="code-without-condition",
    ),
    pytest.param(
        [module(CHECK=a_check("watchdog", a_fault("watchdog.check_failed")))],
        [
            "made: name: expected a name no other plugin has, found 'watchdog'",
            "made: faults: expected each code once, found watchdog.check_failed",
        ],
        id="code-of-the-engine",
    ),
    pytest.param(
        [BOND, CLOCK, module(REMEDIATION=a_remediation("heal", "bond.member_dwn"))],
        ["heal: heals: expected a known fault code, found 'bond.member_dwn' (did you mean 'bond.member_down'?)"],
        id="heals-what-nobody-finds",
    ),
    pytest.param(
        [module(CHECK=a_check("clock", a_fault("clock.back", "vmware.enabled")))],
        ["clock.back: causes: expected a known fault code, found 'vmware.enabled'"],
        id="unknown-cause",
    ),
    pytest.param(
        [module(CHECK=a_check("clock", a_fault("clock.back", "clock.back")))],
        ["faults: causes: expected no fault to be its own cause, found clock.back <- clock.back"],
        id="its-own-cause",
    ),
    pytest.param(
        [module(CHECK=a_check("a", a_fault("a.x", "a.y"), a_fault("a.y", "a.z"), a_fault("a.z", "a.x")))],
        ["faults: causes: expected no fault to be its own cause, found a.x <- a.y <- a.z <- a.x"],
        id="its-own-cause-over-two-others",
    ),
    pytest.param(
        [module(), module(CHECK=a_check("X")), module(REMEDIATION=a_remediation("heal", "a.b"))],
        [
            "made: expected a CHECK or a REMEDIATION, found neither",
            "made: name: expected lower_case_words, found 'X'",
            "heal: heals: expected a known fault code, found 'a.b'",
        ],
        id="all-at-once",
    ),
]


@pytest.mark.parametrize(("modules", "lines"), UNSOUND)
def test_what_is_not_sound_is_refused(modules: list[ModuleType], lines: list[str]) -> None:
    own = (a_fault("watchdog.check_failed"), a_fault("watchdog.history_damaged"))
    with pytest.raises(ConfigError) as caught:
        collect(modules, own)
    assert str(caught.value).splitlines() == lines


def test_causes_that_meet_again_are_no_cycle() -> None:
    diamond = (a_fault("a.top", "a.left", "a.right"), a_fault("a.left", "a.root"), a_fault("a.right", "a.root"))
    assert len(collect([module(CHECK=a_check("a", *diamond, a_fault("a.root")))], ()).faults) == 4


@pytest.mark.parametrize(
    ("name", "found"),
    [
        pytest.param("bnd", "bond", id="close"),
        pytest.param("bond", "bond", id="same"),
        pytest.param("xyzzy", None, id="nothing-like-it"),
        pytest.param("", None, id="empty"),
    ],
)
def test_nearest(name: str, found: str | None) -> None:
    assert nearest(name, {"bond": 1, "clock_step": 2}) == found


def test_the_plugins_we_ship_are_sound() -> None:
    held = registry.load(selfwatch.FAULTS)
    assert {"bond", "clock_step"} <= set(held.checks)
    assert "bond_raise_member" in held.remediations
    assert all(fault.title and fault.why and fault.advice for fault in held.faults.values())


CHECK_SOURCE = """
from pathlib import Path
from watchdog.plugin import Check, CheckSettings, Facts
Path(__file__).with_suffix(".ran").touch()
CHECK = Check(name={name!r}, title="", faults=(), settings=CheckSettings, facts=Facts, memory=Facts,
              observe=lambda *_: Facts(), judge=lambda *_: (), remember=lambda facts, *_: facts)
"""


class TestInstalledPlugins:
    """Another distribution that brings plugins, as pip leaves it behind."""

    @pytest.fixture
    def site(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
        self.add_distribution(tmp_path, "acme", "acme_checks")
        package = tmp_path / "acme_checks"
        package.mkdir()
        (package / "__init__.py").touch()
        (package / "tape.py").write_text(CHECK_SOURCE.format(name="tape"))
        (package / "_helper.py").write_text("raise AssertionError('nobody asked for a private module')")
        monkeypatch.syspath_prepend(tmp_path)
        yield tmp_path
        for name in [name for name in sys.modules if name.startswith("acme_")]:
            del sys.modules[name]

    @staticmethod
    def add_distribution(site: Path, name: str, target: str) -> None:
        metadata = site / f"{name}-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (metadata / "entry_points.txt").write_text(f"[watchdog.plugins]\n{name} = {target}\n")

    @staticmethod
    def load() -> Registry:
        return registry.load(selfwatch.FAULTS)

    def test_are_found_through_the_entry_point(self, site: Path) -> None:
        assert {"bond", "tape"} <= set(self.load().checks)

    def test_may_be_a_single_module(self, site: Path) -> None:
        (site / "acme_single.py").write_text(CHECK_SOURCE.format(name="single"))
        self.add_distribution(site, "acme_single", "acme_single")
        assert "single" in self.load().checks

    def test_may_not_take_a_name_of_ours(self, site: Path) -> None:
        (site / "acme_checks" / "bond.py").write_text(CHECK_SOURCE.format(name="bond"))
        with pytest.raises(ConfigError, match="expected a name no other plugin has, found 'bond'"):
            self.load()

    @pytest.mark.parametrize(
        ("target", "said"),
        [
            pytest.param("acme_gone", "{group}: expected an importable plugin, found 'acme_gone'", id="module"),
            pytest.param(
                "acme_space", "{group}: expected an importable plugin, found 'acme_space'", id="namespace"
            ),
            pytest.param(
                "acme_gone.checks",
                "{group}: expected an importable plugin, found 'acme_gone.checks'",
                id="in-a-package",
            ),
            pytest.param(
                "acme_broken",
                "acme_broken: expected an importable plugin, found ZeroDivisionError: one line",
                id="raises",
            ),
            pytest.param(
                "acme_exits.checks",
                "acme_exits.checks: expected an importable plugin, found ImportError: no such thing",
                id="its-package-raises",
            ),
        ],
    )
    def test_must_be_importable_and_each_that_is_not_is_told(self, site: Path, target: str, said: str) -> None:
        (site / "acme_broken.py").write_text("raise ZeroDivisionError('one\\nline')")
        (site / "acme_exits").mkdir()
        (site / "acme_exits" / "__init__.py").write_text("raise ImportError('no such thing')")
        (site / "acme_space").mkdir()
        self.add_distribution(site, "acme_one", target)
        self.add_distribution(site, "acme_two", "acme_not_there")
        with pytest.raises(ConfigError) as caught:
            self.load()
        assert str(caught.value).splitlines() == [
            said.format(group=registry.GROUP),
            f"{registry.GROUP}: expected an importable plugin, found 'acme_not_there'",
        ]

    @pytest.mark.parametrize(
        "loose",
        [
            pytest.param("acme_checks/tape.py", id="module"),
            pytest.param("acme_checks/__init__.py", id="package"),
            pytest.param("acme_checks/_helper.py", id="private-helper"),
            pytest.param("acme_checks", id="folder"),
        ],
    )
    @pytest.mark.parametrize(
        ("mode", "owner"), [pytest.param(0o777, 0, id="by-all"), pytest.param(0o755, 1, id="by-its-owner")]
    )
    def test_that_others_can_write_are_refused_before_they_run(
        self, site: Path, loose: str, mode: int, owner: int
    ) -> None:
        need(None if os.geteuid() == 0 else "root, which alone is refused what others can write")
        (site / loose).chmod(mode)
        os.chown(site / loose, owner, 0)
        with pytest.raises(ConfigError) as caught:
            self.load()
        assert str(caught.value) == (
            f"{site / loose}: expected a file that only root can write, because root is about to trust it, "
            f"found owner {owner}, group 0, mode {mode:04o}; "
            f"run: chown root:root {site / loose} && chmod go-w {site / loose}"
        )
        assert not (site / "acme_checks" / "tape.ran").exists()
        assert "acme_checks" not in sys.modules

    def test_a_package_is_looked_at_before_a_part_of_it_is_looked_for(self, site: Path) -> None:
        """To find acme_outer.checks, Python runs acme_outer."""
        need(None if os.geteuid() == 0 else "root, which alone is refused what others can write")
        outer = site / "acme_outer"
        outer.mkdir()
        (outer / "__init__.py").write_text(CHECK_SOURCE.format(name="outer"))
        (outer / "checks.py").write_text(CHECK_SOURCE.format(name="inner"))
        (outer / "__init__.py").chmod(0o666)
        self.add_distribution(site, "acme_outer", "acme_outer.checks")
        with pytest.raises(
            ConfigError, match=f"{outer / '__init__.py'}: expected a file that only root can write"
        ):
            self.load()
        assert not (outer / "__init__.ran").exists()

    def test_a_part_of_a_package_may_be_the_plugin(self, site: Path) -> None:
        (site / "acme_outer").mkdir()
        (site / "acme_outer" / "__init__.py").touch()
        (site / "acme_outer" / "checks.py").write_text(CHECK_SOURCE.format(name="inner"))
        self.add_distribution(site, "acme_outer", "acme_outer.checks")
        assert "inner" in self.load().checks

    @pytest.mark.parametrize("what", ["folder", "file"])
    def test_what_a_link_leads_to_is_looked_at_where_it_is(self, site: Path, what: str) -> None:
        need(None if os.geteuid() == 0 else "root, which alone is refused what others can write")
        elsewhere = site / "elsewhere"
        (elsewhere / "inner").mkdir(parents=True)
        (elsewhere / "inner" / "__init__.py").write_text(CHECK_SOURCE.format(name="linked"))
        target = elsewhere / "inner" if what == "folder" else elsewhere / "inner" / "__init__.py"
        (site / "acme_checks" / ("linked" if what == "folder" else "linked.py")).symlink_to(target)
        loose = elsewhere if what == "folder" else elsewhere / "inner"
        loose.chmod(0o777)
        with pytest.raises(ConfigError, match=f"{loose}: expected a file that only root can write"):
            self.load()

    def test_the_compiled_form_of_a_single_module_is_looked_at(self, site: Path) -> None:
        need(None if os.geteuid() == 0 else "root, which alone is refused what others can write")
        (site / "acme_single.py").write_text(CHECK_SOURCE.format(name="single"))
        (site / "__pycache__").mkdir()
        (site / "__pycache__").chmod(0o777)
        self.add_distribution(site, "acme_single", "acme_single")
        with pytest.raises(ConfigError, match="__pycache__: expected a file that only root can write"):
            self.load()

    def test_links_that_lead_round_and_round_come_to_an_end(self, site: Path) -> None:
        (site / "acme_checks" / "_tapes").mkdir()
        (site / "acme_checks" / "_tapes" / "again").symlink_to(site / "acme_checks")
        (site / "acme_checks" / "itself").symlink_to(site / "acme_checks" / "itself")
        assert "tape" in self.load().checks

    def test_that_only_root_can_write_run(self, site: Path) -> None:
        need(None if os.geteuid() == 0 else "root, which alone is refused what others can write")
        self.load()
        assert (site / "acme_checks" / "tape.ran").exists()
