"""Bad input gets a clear error, all of it at once; good input comes back as it was written."""

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec
import pytest

from tests.needs import need
from watchdog import config, notify_settings, secret_url
from watchdog.cli.config import render_config, render_json
from watchdog.errors import ConfigError
from watchdog.model import Fault, Severity
from watchdog.plugin import Check, CheckSettings, Duration, Facts, Remediation, RemediationSettings
from watchdog.registry import Registry
from watchdog.secret import Secret

TOKEN = "T0KEN"  # noqa: S105 - stands in for what must not be shown
AS_ROOT = os.geteuid() == 0


class ProxyTarget(msgspec.Struct, frozen=True, kw_only=True):
    address: str
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 8080


class ProxySettings(CheckSettings, frozen=True, kw_only=True):
    slow: Duration = Duration(2)
    ratio: float = 0.5
    limits: dict[str, int] = {}  # noqa: RUF012 - msgspec copies an empty default
    targets: tuple[ProxyTarget, ...] = ()
    kinds: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = ("http",)

    def __post_init__(self) -> None:
        if self.slow > self.time_limit:
            raise ValueError("slow to be no longer than time_limit")


class Nothing(Facts, frozen=True, kw_only=True):
    pass


def a_fault(code: str) -> Fault:
    return Fault(code=code, title="", severity=Severity.WARNING, why="", advice="")


def a_check(name: str, *faults: Fault, settings: type[CheckSettings] = CheckSettings) -> Check:
    return Check(
        name=name,
        title="",
        faults=faults,
        settings=settings,
        facts=Nothing,
        memory=Nothing,
        observe=lambda host, settings, before: Nothing(),
        judge=lambda facts, before, settings: (),
        remember=lambda facts, before, settings: facts,
    )


FAULTS = (a_fault("bond.down"), a_fault("bond.single_member"))
REGISTRY = Registry(
    checks={"bond": a_check("bond", *FAULTS), "proxy_port": a_check("proxy_port", settings=ProxySettings)},
    remediations={
        "bond_raise": Remediation(
            name="bond_raise", title="", heals=("bond.down",), settings=RemediationSettings, plan=lambda *_: None
        )
    },
    faults={fault.code: fault for fault in FAULTS},
)


def a_file(folder: Path, text: str | bytes, mode: int = 0o600) -> Path:
    path = folder / "watchdog.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    path.chmod(mode)
    return path


def problems(path: Path, *, root: bool | None = None) -> list[str]:
    """Return the lines of the error, with FILE for the path."""
    with pytest.raises(ConfigError) as caught:
        config.load(path, REGISTRY, root=root)
    return str(caught.value).replace(str(path), "FILE").splitlines()


def bad(text: str, *lines: str, id: str) -> object:  # noqa: A002 - as pytest.param has it
    return pytest.param(text, list(lines), id=id)


BAD = [
    bad(
        "[chekcs.bond]\n",
        "chekcs: expected one of the tables "
        "(checks, remediations, healing, faults, notify, history, metrics, report, host), "
        "found 'chekcs' (did you mean 'checks'?)",
        id="unknown-table",
    ),
    bad(
        "checks = 5\n",
        "checks: expected a table, found 5",
        id="section-is-no-table",
    ),
    bad("[checks]\nbond = true\n", "checks.bond: expected a table, found True", id="check-is-no-table"),
    bad(
        '[checks.bond]\nevry = "1m"\n',
        "checks.bond.evry: expected one of the keys (enabled, every, time_limit), "
        "found 'evry' (did you mean 'every'?)",
        id="unknown-key",
    ),
    bad(
        '[checks.bond]\nenabled = "yes"\n',
        "checks.bond.enabled: expected true or false, found 'yes'",
        id="wrong-type",
    ),
    bad(
        "[checks.bond]\nevery = 60\n",
        'checks.bond.every: expected a duration such as "500ms", "30s", "2h" or "400d", found 60',
        id="duration-without-unit",
    ),
    bad(
        '[checks.bond]\nevery = "-5s"\n',
        'checks.bond.every: expected a duration such as "500ms", "30s", "2h" or "400d", found \'-5s\'',
        id="negative-duration",
    ),
    bad(
        '[checks.bond]\nevery = "99999w"\n',
        "checks.bond.every: expected a duration of at most \"36500d\", found '99999w'",
        id="duration-of-centuries",
    ),
    bad(
        '[checks.bond]\nevery = "0s"\ntime_limit = "0ms"\n',
        "checks.bond.every: expected a duration above zero, such as \"30s\", found '0s'",
        "checks.bond.time_limit: expected a duration above zero, such as \"30s\", found '0ms'",
        id="zero-where-time-must-pass",
    ),
    bad(
        '[checks.bnd]\nevery = "x"\n',
        "checks.bnd: expected the name of a check (bond, proxy_port), found 'bnd' (did you mean 'bond'?)",
        id="unknown-check",
    ),
    bad(
        '[remediations.bond_rise]\nmode = "off"\n',
        "remediations.bond_rise: expected the name of a remediation (bond_raise), "
        "found 'bond_rise' (did you mean 'bond_raise'?)",
        id="unknown-remediation",
    ),
    bad(
        '[healing.first]\n"bond.down" = ["bond_rise"]\n',
        'healing.first."bond.down"[0]: expected a remediation for bond.down (bond_raise), '
        "found 'bond_rise' (did you mean 'bond_raise'?)",
        id="order-of-what-does-not-heal",
    ),
    bad(
        '[healing.first]\n"bond.dwn" = []\n',
        "healing.first: expected a fault code (bond.down, bond.single_member), "
        "found 'bond.dwn' (did you mean 'bond.down'?)",
        id="order-for-no-fault",
    ),
    bad(
        '[remediations.bond_raise]\nmode = "propse"\n',
        'remediations.bond_raise.mode: expected "off" or "propose" or "auto", '
        "found 'propse' (did you mean 'propose'?)",
        id="unknown-mode",
    ),
    bad(
        '[faults."bond.dwn"]\nenabled = false\n',
        'faults."bond.dwn": expected a fault code in quotes, such as [faults."bond.down"] '
        "(bond.down, bond.single_member), found 'bond.dwn' (did you mean 'bond.down'?)",
        id="unknown-fault-code",
    ),
    bad(
        "[faults.bond.single_member]\nenabled = false\n",
        'faults.bond: expected a fault code in quotes, such as [faults."bond.down"] (bond.down, '
        "bond.single_member), found 'bond.single_member' (did you mean 'bond.single_member'?)",
        id="fault-code-without-quotes",
    ),
    bad(
        '[faults."bond.down"]\nseverity = "error"\n',
        'faults."bond.down".severity: expected "warning" or "critical", found \'error\'',
        id="unknown-severity",
    ),
    bad(
        '[[checks.proxy_port.targets]]\naddress = "a"\n[[checks.proxy_port.targets]]\naddress = "b"\n'
        "port = 65536\n",
        "checks.proxy_port.targets[1].port: expected a whole number from 1 to 65535, found 65536",
        id="number-out-of-range-deep-inside",
    ),
    bad(
        "[[checks.proxy_port.targets]]\nport = 80\n",
        "checks.proxy_port.targets[0].address: expected text, found nothing: it has no default",
        id="missing-key",
    ),
    bad(
        '[checks.proxy_port.limits]\nfine = 1\nsquid = 1.5\n"tiny proxy" = true\n',
        "checks.proxy_port.limits.squid: expected a whole number, found 1.5",
        'checks.proxy_port.limits."tiny proxy": expected a whole number, found True',
        id="wrong-values-in-a-table-of-any-keys",
    ),
    bad(
        "[checks.proxy_port]\nkinds = []\n",
        "checks.proxy_port.kinds: expected a list at least 1 long, found []",
        id="empty-list",
    ),
    bad("[checks.proxy_port]\nratio = nan\n", "checks.proxy_port.ratio: expected a number, found nan", id="nan"),
    bad(
        '[checks.proxy_port]\nslow = "11s"\n',
        "checks.proxy_port: expected slow to be no longer than time_limit, found {'slow': '11s'}",
        id="settings-that-contradict-each-other",
    ),
    bad(
        f'[checks.bond]\nevery = "{"x" * 100}"\n',
        'checks.bond.every: expected a duration such as "500ms", "30s", "2h" or "400d", found \''
        + "x" * 56
        + "...",
        id="long-value-is-cut",
    ),
    bad(
        '[checks.bond]\n"a\\nb\\u001b[2J" = 1\n',
        'checks.bond."a\\nb\\u001b[2J": expected one of the keys (enabled, every, time_limit), '
        "found 'a\\nb\\x1b[2J'",
        id="control-characters-are-made-inert",
    ),
    bad(
        '[history]\npath = "history.db"\n',
        "history.path: expected an absolute path (cron and systemd start elsewhere than you), found 'history.db'",
        id="relative-path",
    ),
    bad(
        '[notify.targets.ops]\nurl_file = "/a\\u0000b"\n[[notify.routes]]\nto = ["ops"]\n',
        "notify.targets.ops.url_file: expected a path, in which no NUL can be, found '/a\\x00b'",
        id="nul-in-a-path",
    ),
    bad(
        f"[checks.{'x' * 1000}]\n",
        f"checks.{'x' * 190}...: expected the name of a check (bond, proxy_port), found '{'x' * 56}...",
        id="endless-name",
    ),
    bad(
        '[history]\nretention = "0d"\n[notify]\ndrain_limit = "0s"\n',
        "notify.drain_limit: expected a duration above zero, such as \"30s\", found '0s'",
        "history.retention: expected a duration above zero, such as \"30s\", found '0d'",
        id="zero-outside-checks",
    ),
    bad(
        '[notify.targets.ops]\nurl_env = "OPS"\n[[notify.routes]]\nto = ["ops", "opps"]\n',
        "notify.routes[0].to[1]: expected a name in notify.targets (ops), found 'opps' (did you mean 'ops'?)",
        id="unknown-target-in-a-route",
    ),
    bad(
        '[[notify.routes]]\nseverity = "warning"\nto = []\n[[notify.routes]]\nto = ["a"]\n',
        "notify.routes[0].to: expected a list at least 1 long, found []",
        "notify.routes[1].to[0]: expected a name in notify.targets (there is none), found 'a'",
        id="route-to-nobody",
    ),
    bad(
        '[notify.targets.ops]\nurl_env = "OPS"\n[[notify.routes]]\nto = ["ops"]\n'
        'faults = ["bond.*", "bnod.down"]\n',
        "notify.routes[0].faults[1]: expected a fault code, or a pattern of some such as vrrp.* "
        "(bond.down, bond.single_member), found 'bnod.down' (did you mean 'bond.down'?)",
        id="route-of-an-unknown-fault",
    ),
    bad(
        '[notify.targets.ops]\nurl_env = "OPS"\n[[notify.routes]]\nto = ["ops"]\ndigest = "0s"\n',
        'notify.routes[0]: expected digest above zero, such as digest = "15m"; without it nothing waits, found '
        "{'to': ['ops'], 'digest': '0s'}",
        id="a-digest-of-nothing",
    ),
    bad(
        '[notify]\nremind_every = "0s"\n',
        "notify.remind_every: expected a duration above zero, or \"never\", found '0s'",
        id="remind-always",
    ),
    bad(
        '[notify.quiet]\nhours = "22-7"\n',
        'notify.quiet: expected hours = "22:00-07:00": from when to when, by the clock on the wall, found '
        "{'hours': '22-7'}",
        id="no-hours",
    ),
    bad(
        "[host]\nlabels = {site = 5}\n",
        "host.labels.site: expected text, found 5",
        id="a-label-that-is-no-text",
    ),
    bad(
        "[notify.targets.ops]\n",
        "notify.targets.ops: expected exactly one of url, url_file, url_env and url_credential,"
        " found an empty table",
        id="target-without-url",
    ),
    bad(
        f'[notify.targets.ops]\nurl = "slack://{TOKEN}"\nurl_env = "OPS"\n',
        "notify.targets.ops: expected exactly one of url, url_file, url_env and url_credential,"
        " found url and url_env",
        id="target-with-two-urls",
    ),
    bad(
        f'[notify.targets.ops]\nurl = "{TOKEN}"\n',
        "notify.targets.ops: expected a url with a scheme, such as slack://... or mailtos://..., found url",
        id="url-without-scheme",
    ),
    bad(
        '[notify.targets.ops]\nurl_env = "OPS"\nname = "x"\n',
        "notify.targets.ops.name: expected one of the keys (url, url_file, url_env, url_credential), found 'name'",
        id="a-target-is-named-by-its-table",
    ),
    bad(
        f'[notify.targets."json://{TOKEN}"]\nurl_env = "OPS"\n',
        "notify.targets: expected names such as ops-mail, the URL in url_file, "
        "found a URL (not shown: it may be secret)",
        id="secret-as-the-name-of-a-target",
    ),
    bad(
        f'[notify.targets]\nops = "{TOKEN}"\n',
        "notify.targets.ops: expected a table, found text (not shown: it may be secret)",
        id="secret-in-place-of-a-target",
    ),
    bad(
        f'[notify]\ntargets = ["{TOKEN}"]\n',
        "notify.targets: expected a table, found a list (not shown: it may be secret)",
        id="secrets-in-place-of-the-targets",
    ),
    bad(
        f'[notify.targets.ops]\nurl = ["{TOKEN}"]\n',
        "notify.targets.ops.url: expected text, found a list (not shown: it may be secret)",
        id="secret-of-the-wrong-type",
    ),
    bad(
        f'[[notify.routes]]\nto = ["slack://{TOKEN}"]\n',
        "notify.routes[0].to[0]: expected a name in notify.targets (there is none), found 'slack://***'",
        id="secret-in-place-of-a-target-name",
    ),
    bad(
        "[checks.bond]\nevery = 1\n[history]\ngap = 2\n[notify]\ndrain_limit = 3\nx = 4\n",
        'checks.bond.every: expected a duration such as "500ms", "30s", "2h" or "400d", found 1',
        'notify.drain_limit: expected a duration such as "500ms", "30s", "2h" or "400d", found 3',
        "notify.x: expected one of the keys (targets, routes, templates, ping, drain_limit, group_wait,"
        " remind_every, quiet, most_at_once, expire_after, dead_after), found 'x'",
        'history.gap: expected a duration such as "500ms", "30s", "2h" or "400d", found 2',
        id="all-at-once",
    ),
]


@pytest.mark.parametrize(("text", "expected"), BAD)
def test_every_problem_is_one_line(tmp_path: Path, text: str, expected: list[str]) -> None:
    found = problems(a_file(tmp_path, text))
    assert found == [f"FILE: {line}" for line in expected]
    assert TOKEN not in "\n".join(found)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(
            b"[checks.bond]\n[checks.bond]\n",
            "FILE: expected TOML, found Cannot declare ('checks', 'bond') twice (at line 2, column 13)",
            id="table-twice",
        ),
        pytest.param(
            b"[history]\ngap = '1m'\ngap = '2m'\n",
            "FILE: expected TOML, found Cannot overwrite a value (at line 3, column 11)",
            id="key-twice",
        ),
        pytest.param(
            b"every = \n", "FILE: expected TOML, found Invalid value (at line 1, column 9)", id="no-value"
        ),
        pytest.param(b"# fine\n# \xff\n", "FILE: expected UTF-8 text, found byte 0xff at line 2", id="not-utf-8"),
        pytest.param(
            b"a = " + b"[" * 5000, "FILE: expected TOML, found lists or tables nested too deeply", id="deep"
        ),
        pytest.param(
            b"#" * (config.MAX_BYTES + 1),
            f"FILE: expected a file that can be read, found more than {config.MAX_BYTES} bytes",
            id="huge",
        ),
    ],
)
def test_what_is_no_toml_is_refused(tmp_path: Path, data: bytes, expected: str) -> None:
    assert problems(a_file(tmp_path, data)) == [expected]


def test_a_number_of_five_thousand_digits_is_refused(tmp_path: Path) -> None:
    (line,) = problems(a_file(tmp_path, f"a = {'9' * 5000}\n"))
    assert line.startswith("FILE: expected TOML, found Exceeds the limit")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert problems(tmp_path) == ["FILE: expected a file that can be read, found is a directory"]


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    assert problems(tmp_path / "pipe") == ["FILE: expected a file that can be read, found not a regular file"]


def test_a_file_that_went_away_is_refused(tmp_path: Path) -> None:
    found = problems(tmp_path / "gone")
    assert found == ["FILE: expected a file that can be read, found no such file or directory"]


def test_a_link_that_leads_to_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    found = problems(tmp_path / "loop")
    assert found == ["FILE: expected a file that can be read, found too many levels of symbolic links"]


def test_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    path = a_file(tmp_path, "", 0o000)
    with as_nobody():
        assert config.find_path(path, {}) == path
        found = problems(path, root=False)
    assert found == ["FILE: expected a file that can be read, found permission denied"]


@contextmanager
def as_nobody() -> Iterator[None]:
    """Root may read everything; so root becomes someone else for a moment, others stay who they are."""
    user = os.geteuid()
    if AS_ROOT:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


class TestWhoMayWrite:
    """These are about root: what others can write decides what root does."""

    @pytest.fixture(autouse=True)
    def only_root(self) -> None:
        need(None if AS_ROOT else "root, which alone is refused what others can write")

    @pytest.mark.parametrize(
        ("mode", "owner", "group"),
        [
            pytest.param(0o602, 0, 0, id="writable-by-all"),
            pytest.param(0o620, 0, 1, id="writable-by-a-group"),
            pytest.param(0o600, 1, 0, id="of-another-user"),
        ],
    )
    def test_a_loose_file_is_refused(self, tmp_path: Path, mode: int, owner: int, group: int) -> None:
        path = a_file(tmp_path, "", mode)
        os.chown(path, owner, group)
        (line,) = problems(path)
        assert line == (
            "FILE: expected a file that only root can write, because root is about to trust it, found "
            f"owner {owner}, group {group}, mode {mode:04o}; run: chown root:root FILE && chmod go-w FILE"
        )

    def test_a_loose_folder_is_refused(self, tmp_path: Path) -> None:
        path = a_file(tmp_path, "")
        tmp_path.chmod(0o777)
        (line,) = problems(path)
        assert line.startswith(f"{tmp_path}: expected a file that only root can write")

    def test_a_loose_folder_behind_a_link_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "loose").mkdir()
        path = a_file(tmp_path / "loose", "")
        (tmp_path / "loose").chmod(0o777)
        (tmp_path / "link").symlink_to(path)
        (line,) = problems(tmp_path / "link")
        assert line.startswith(f"{tmp_path / 'loose'}: expected a file that only root can write")

    def test_a_file_of_root_is_trusted(self, tmp_path: Path) -> None:
        assert config.load(a_file(tmp_path, "", 0o644), REGISTRY).warnings == ()


class TestSecretsInTheFile:
    TEXT = f'[notify.targets.ops]\nurl = "slack://{TOKEN}"\n[[notify.routes]]\nto = ["ops"]\n'
    LINE = (
        "FILE: notify.targets.ops.url: expected a file that only its owner can read, as it holds a secret, "
        "found mode 0644; run: chmod go-r FILE, or use url_file"
    )

    def test_readable_by_others_is_refused_to_root(self, tmp_path: Path) -> None:
        assert problems(a_file(tmp_path, self.TEXT, 0o644), root=True) == [self.LINE]

    def test_readable_by_others_is_a_warning_to_a_user(self, tmp_path: Path) -> None:
        path = a_file(tmp_path, self.TEXT, 0o644)
        loaded = config.load(path, REGISTRY, root=False)
        assert [line.replace(str(path), "FILE") for line in loaded.warnings] == [self.LINE]

    def test_readable_by_its_owner_is_fine(self, tmp_path: Path) -> None:
        loaded = config.load(a_file(tmp_path, self.TEXT, 0o600), REGISTRY, root=False)
        assert loaded.warnings == ()
        assert loaded.notify.targets["ops"].resolve({}).reveal() == f"slack://{TOKEN}"

    def test_no_way_of_looking_at_it_shows_it(self, tmp_path: Path) -> None:
        loaded = config.load(a_file(tmp_path, self.TEXT), REGISTRY)
        target = loaded.notify.targets["ops"]
        shown = (loaded, target, target.url, render_config(loaded), render_json(loaded))
        assert not [text for one in shown for text in (str(one), repr(one), f"{one}") if TOKEN in text]
        assert 'url = "***"' in render_config(loaded)
        with pytest.raises(TypeError):
            msgspec.json.encode(target)

    def test_the_mask_is_not_taken_for_a_secret(self, tmp_path: Path) -> None:
        shown = render_config(config.load(a_file(tmp_path, self.TEXT), REGISTRY))
        (line,) = problems(a_file(tmp_path, shown))
        assert "notify.targets.ops: expected a url with a scheme" in line


class TestResolve:
    def test_from_a_file_when_it_is_needed(self, tmp_path: Path) -> None:
        path = tmp_path / "ops.url"
        target = notify_settings.Target(name="ops", url_file=path)
        path.write_text(f"slack://{TOKEN}\n")
        assert target.resolve({}) == Secret(f"slack://{TOKEN}")

    def test_from_the_environment_when_it_is_needed(self) -> None:
        target = notify_settings.Target(name="ops", url_env="OPS")
        assert target.resolve({"OPS": f"slack://{TOKEN}"}) == Secret(f"slack://{TOKEN}")

    @pytest.mark.parametrize(
        ("content", "found"),
        [
            pytest.param(None, "no such file or directory", id="missing"),
            pytest.param("\n", "nothing", id="empty"),
            pytest.param(TOKEN, "something else (not shown: it may be secret)", id="no-url"),
            pytest.param(f"a://{TOKEN}\nb://{TOKEN}\n", "something else (not shown: it may be secret)", id="two"),
            pytest.param("x" * (secret_url.MAX_BYTES + 1), "more than 16384 bytes", id="huge"),
        ],
    )
    def test_a_file_that_will_not_do(self, tmp_path: Path, content: str | None, found: str) -> None:
        path = tmp_path / "ops.url"
        if content is not None:
            path.write_text(content)
        with pytest.raises(ConfigError) as caught:
            notify_settings.Target(name="ops", url_file=path).resolve({})
        assert (
            str(caught.value)
            == f"{path}: expected the URL of notification target 'ops' on one line, found {found}"
        )

    def test_from_a_credential_of_systemd(self, tmp_path: Path) -> None:
        (tmp_path / "ops").write_text(f"slack://{TOKEN}\n")
        target = notify_settings.Target(name="ops", url_credential="ops")
        assert target.resolve({"CREDENTIALS_DIRECTORY": str(tmp_path)}) == Secret(f"slack://{TOKEN}")
        with pytest.raises(ConfigError, match=r"LoadCredential=.*found nothing"):
            target.resolve({})

    @pytest.mark.parametrize("name", ["../ops", "/etc/shadow", "", ".."])
    def test_a_credential_is_a_name_and_no_path(self, name: str) -> None:
        with pytest.raises(ValueError, match="the name of a credential"):
            notify_settings.Target(name="ops", url_credential=name)

    def test_a_variable_that_is_not_set(self) -> None:
        with pytest.raises(ConfigError) as caught:
            notify_settings.Target(name="ops", url_env="OPS").resolve({})
        assert (
            str(caught.value) == "$OPS: expected the URL of notification target 'ops' on one line, found nothing"
        )


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        pytest.param(
            '[notify.targets.ops]\nurl_file = "FILE"\n[[notify.routes]]\nto = ["ops"]\n',
            "notify.targets.ops.url_file",
            id="file",
        ),
        pytest.param(
            '[notify.targets.ops]\nurl_credential = "secret"\n[[notify.routes]]\nto = ["ops"]\n',
            "notify.targets.ops.url_credential",
            id="credential",
        ),
        pytest.param('[notify.ping]\nurl_file = "FILE"\n', "notify.ping.url_file", id="ping"),
        pytest.param(
            '[notify.ping]\nurl_credential = "secret"\n', "notify.ping.url_credential", id="ping-credential"
        ),
    ],
)
def test_a_secret_elsewhere_that_others_can_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: str, key: str
) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    secret = tmp_path / "secret"
    secret.touch(0o600)
    path = a_file(tmp_path, settings.replace("FILE", str(secret)))
    assert config.load(path, REGISTRY, root=True).warnings == ()
    secret.chmod(0o604)
    line = (
        f"FILE: {key}: expected a file that only its owner can read, as it holds a secret, "
        f"found {secret} with mode 0604; run: chmod go-r {secret}"
    )
    warned = config.load(path, REGISTRY, root=False).warnings
    assert [one.replace(str(path), "FILE") for one in warned] == [line]
    assert problems(path, root=True) == [line]


def test_a_ping_in_the_file_is_a_secret_of_the_file(tmp_path: Path) -> None:
    path = a_file(tmp_path, f'[notify.ping]\nurl = "https://hc.example/{TOKEN}"\n', 0o644)
    (line,) = problems(path, root=True)
    assert line.startswith("FILE: notify.ping.url: expected a file that only its owner can read")
    assert TOKEN not in render_config(config.load(path, REGISTRY, root=False))


def test_templates_that_others_can_write_are_refused_to_root(tmp_path: Path) -> None:
    need(None if AS_ROOT else "root, which alone is refused what others can write")
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "text.j2").touch(0o644)
    path = a_file(tmp_path, f'[notify]\ntemplates = "{folder}"\n')
    assert config.load(path, REGISTRY).notify.templates == folder
    (folder / "text.j2").chmod(0o666)
    (line,) = problems(path)
    assert line.startswith(f"{folder}/text.j2: expected a file that only root can write")


def test_a_target_that_no_route_leads_to_is_a_warning(tmp_path: Path) -> None:
    path = a_file(tmp_path, '[notify.targets.ops]\nurl_env = "OPS"\n')
    assert config.load(path, REGISTRY).warnings == (
        f"{path}: notify.targets.ops: no route in [[notify.routes]] leads here, so nothing will be sent",
    )


class TestFindPath:
    def test_the_option_comes_first(self, tmp_path: Path) -> None:
        path = a_file(tmp_path, "")
        assert config.find_path(path, {"WATCHDOG_CONFIG": "/nonexistent"}) == path

    def test_then_the_environment(self, tmp_path: Path) -> None:
        path = a_file(tmp_path, "")
        assert config.find_path(None, {"WATCHDOG_CONFIG": str(path)}, tmp_path / "default") == path

    def test_then_the_default_place(self, tmp_path: Path) -> None:
        path = a_file(tmp_path, "")
        assert config.find_path(None, {"WATCHDOG_CONFIG": ""}, path) == path

    def test_else_there_is_none(self, tmp_path: Path) -> None:
        assert config.find_path(None, {}, tmp_path / "default") is None

    @pytest.mark.parametrize(
        ("option", "environ", "by"),
        [
            pytest.param(Path("/nonexistent/x"), {}, "--config", id="option"),
            pytest.param(None, {"WATCHDOG_CONFIG": "/nonexistent/x"}, "$WATCHDOG_CONFIG", id="environment"),
        ],
    )
    def test_a_file_that_was_named_must_exist(self, option: Path | None, environ: dict[str, str], by: str) -> None:
        with pytest.raises(ConfigError) as caught:
            config.find_path(option, environ)
        assert str(caught.value) == (
            f"/nonexistent/x: expected the configuration file that {by} names, found no such file"
        )


@pytest.mark.parametrize("text", [pytest.param("", id="empty"), pytest.param("\ufeff# only\n", id="comments")])
def test_a_file_that_says_nothing_is_the_defaults(tmp_path: Path, text: str) -> None:
    loaded, built_in = config.load(a_file(tmp_path, text), REGISTRY), config.load(None, REGISTRY)
    assert loaded.tables() == built_in.tables()
    assert built_in.checks == {"bond": CheckSettings(), "proxy_port": ProxySettings()}
    assert built_in.remediations == {"bond_raise": RemediationSettings()}
    assert built_in.source is None


FULL = """
[checks.bond]
enabled = false
every = "1m500ms"
time_limit = "0.25ms"
[checks.proxy_port]
ratio = 1
kinds = ["http", "socks", "a \\"quoted\\\\ \\u001b one"]
[checks.proxy_port.limits]
"tiny proxy" = 3
[[checks.proxy_port.targets]]
address = "192.168.100.10"
port = 1
[[checks.proxy_port.targets]]
address = "fe80::1%eth0"
[remediations.bond_raise]
mode = "off"
[faults."bond.single_member"]
severity = "critical"
[faults."bond.down"]
enabled = false
[notify]
drain_limit = "5s"
[notify.targets.ops]
url_file = "/etc/watchdog/ops.url"
[notify.targets."on call"]
url_env = "ON_CALL"
[[notify.routes]]
severity = "critical"
to = ["on call", "ops"]
[[notify.routes]]
to = ["ops"]
[history]
path = "/srv/history.db"
retention = "2w"
lock_wait = "0s"
"""


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    loaded = config.load(a_file(tmp_path, FULL), REGISTRY)
    assert loaded.checks["bond"] == CheckSettings(
        enabled=False, every=Duration(60.5), time_limit=Duration(0.00025)
    )
    assert loaded.checks["proxy_port"] == ProxySettings(
        ratio=1.0,
        limits={"tiny proxy": 3},
        targets=(ProxyTarget(address="192.168.100.10", port=1), ProxyTarget(address="fe80::1%eth0")),
        kinds=("http", "socks", 'a "quoted\\ \x1b one'),
    )
    assert loaded.remediations["bond_raise"].mode == "off"
    assert loaded.faults["bond.single_member"] == config.FaultSettings(severity=Severity.CRITICAL)
    assert loaded.faults["bond.down"] == config.FaultSettings(enabled=False)
    assert loaded.notify.targets["on call"] == notify_settings.Target(name="on call", url_env="ON_CALL")
    assert loaded.notify.routes[0].severity is Severity.CRITICAL
    assert loaded.notify.routes[1].to == ("ops",)
    assert loaded.history == config.HistorySettings(
        path=Path("/srv/history.db"), retention=Duration(14 * 86400), lock_wait=Duration(0)
    )


@pytest.mark.parametrize("text", [pytest.param("", id="defaults"), pytest.param(FULL, id="everything")])
def test_what_is_shown_can_be_saved_and_loaded(tmp_path: Path, text: str) -> None:
    loaded = config.load(a_file(tmp_path, text), REGISTRY)
    again = config.load(a_file(tmp_path, render_config(loaded)), REGISTRY)
    for part in ("checks", "remediations", "faults", "notify", "history"):
        assert getattr(again, part) == getattr(loaded, part)


def test_json_says_the_same_as_toml(tmp_path: Path) -> None:
    loaded = config.load(a_file(tmp_path, FULL), REGISTRY)
    shown = msgspec.json.decode(render_json(loaded))
    assert (shown["source"], shown["sha256"]) == (str(loaded.source), loaded.digest)
    assert _without_none(shown["settings"]) == tomllib.loads(render_config(loaded))


def _without_none(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    return [_without_none(item) for item in value] if isinstance(value, list) else value


def test_importing_it_is_cheap() -> None:
    """`watchdog --help` and cron pay for every import; the heavy ones are for those who use them."""
    program = "import sys, watchdog.config; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    heavy = {"alembic", "apprise", "apscheduler", "click", "psutil", "pyroute2", "rich", "sqlalchemy"}
    assert not heavy.intersection(loaded)
    assert "watchdog.config" in loaded


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            '[remediations.bond_raise]\nmode = "auto"', 'mode = "auto", FILE line 2, sha256 SUM', id="table"
        ),
        pytest.param(
            '[remediations."bond_raise"]\n\nmode="auto"', 'mode = "auto", FILE line 3, sha256 SUM', id="quotes"
        ),
        pytest.param('[remediations]\nbond_raise.mode = "auto"', 'mode = "auto", FILE, sha256 SUM', id="dotted"),
        pytest.param(
            '[remediations]\nbond_raise = {mode = "auto"}', 'mode = "auto", FILE, sha256 SUM', id="inline"
        ),
        pytest.param("[remediations.bond_raise]\nattempts = 1", 'mode = "propose", the default', id="not-said"),
    ],
)
def test_who_permitted_it_is_named_truly(tmp_path: Path, text: str, said: str) -> None:
    path = a_file(tmp_path, text)
    loaded = config.load(path, REGISTRY)
    permission = loaded.permission("bond_raise").replace(str(path), "FILE").replace(loaded.digest, "SUM")
    assert permission == said


def test_the_report_goes_to_targets_that_are_there(tmp_path: Path) -> None:
    target = '[notify.targets.ops]\nurl_env = "OPS"\n'
    loaded = config.load(a_file(tmp_path, f'{target}[report]\nto = ["ops"]\n'), REGISTRY)
    assert loaded.report.to == ("ops",)
    assert loaded.warnings == ()
    (line,) = problems(a_file(tmp_path, f'{target}[report]\nto = ["op"]\n'))
    assert "report.to[0]: expected the name of a target (ops), found 'op'" in line
