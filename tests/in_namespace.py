"""Runs a Python module of the tests in a network namespace of its own, where the loopback is ours to play with."""

import functools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.needs import need

ROOT = Path(__file__).parent.parent


@functools.cache
def _unshare() -> list[str]:
    """Return the command that opens the namespace; other users than root get it inside a user namespace."""
    command = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--net"]
    if subprocess.run([*command, "true"], capture_output=True).returncode:
        need("a network namespace of our own (unshare, and root's CAP_SYS_ADMIN)")
    return command


def run_in_namespace(module: str, *arguments: str, under: tuple[str, ...] = ()) -> Any:
    """Run `python -m module` in there, `under` another program if given; return the JSON it printed."""
    command = [*_unshare(), *under, sys.executable, "-m", module, *arguments]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)
