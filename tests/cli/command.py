"""The real command line, run as a person runs it, with a history and settings of its own."""

import json
import os
import sys
import textwrap
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests import forked

WATCHDOG = Path(sys.executable).parent / "watchdog"


@dataclass(frozen=True, kw_only=True)
class Ended:
    """What a person sees: the exit code and both streams."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(kw_only=True)
class Cli:
    """`watchdog` with a history and settings in a folder of the test's own."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def history(self) -> Path:
        return self.folder / "history.db"

    def argv(self, *words: str) -> list[str]:
        return [str(WATCHDOG), "--history", str(self.history), *words]

    def environ(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("WATCHDOG_")}
        return {**inherited, **self.environment}

    def __call__(self, *words: str, timeout: float = 60) -> Ended:
        done = forked.run(self.argv(*words), forked.WATCHDOG, env=self.environ(), timeout=timeout)
        return Ended(code=done.returncode, out=done.stdout, err=done.stderr)

    def settings(self, text: str) -> None:
        """Use these settings from now on."""
        path = self.folder / "watchdog.toml"
        path.write_text(textwrap.dedent(text))
        path.chmod(0o600)
        self.environment["WATCHDOG_CONFIG"] = str(path)

    def plugin(self, name: str, source: str) -> Path:
        """Install a module as a plugin of its own distribution, found through the real entry-point group."""
        site = self.folder / "site"
        info = site / f"{name}-1.0.dist-info"
        info.mkdir(parents=True, exist_ok=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[watchdog.plugins]\n{name} = {name}\n")
        module = site / f"{name}.py"
        module.write_text(textwrap.dedent(source))
        for path in (self.folder, site, module):
            path.chmod(0o755 if path.is_dir() else 0o644)
        self.environment["PYTHONPATH"] = str(site)
        return module


# A check whose facts are a file: the lamp is out when the file says so.
LAMP = '''
"""A check for tests: a lamp is on or off as the file named by LAMP says."""
import os
from pathlib import Path
from watchdog.plugin import *

class LampFacts(Facts, frozen=True, kw_only=True):
    words: list[str]

def observe(host, settings, before):
    words = Path(os.environ["LAMP"]).read_text().split()
    if words == ["dark"]:
        raise Unobservable("needs a torch")
    if words == ["none"]:
        raise NotApplicable("no lamp here")
    return LampFacts(words=words)

def judge(facts, before, settings):
    for name in facts.words:
        if name == "impossible":
            raise ValueError("no lamp is like that")
        yield OUT.on(name, f"lamp {name} is out", hours=3)

def remember(facts, before, settings):
    return facts

OUT = Fault(code="lamp.out", title="a lamp is out", severity=Severity.CRITICAL, why="It is dark.",
            advice="Change it.")
CHECK = Check(name="lamp", title="lamps", faults=(OUT,), settings=CheckSettings, facts=LampFacts, memory=LampFacts,
              observe=observe, judge=judge, remember=remember)
'''
