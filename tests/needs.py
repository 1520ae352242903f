"""What a test needs of the machine it runs on: without it the test is skipped, where nothing can be done about it.

Where something can (root on a machine with apt: `make test` installs it) or must (CI), it fails.
"""

import os
import shutil

import pytest

MISSING = "missing: "
REMEDY = "sudo make test"


def need(lacks: str | None) -> None:
    """Skip the running test, or fail it, when something is lacking; `lacks` says what and where it comes from."""
    if not lacks:
        return
    reason = f"{MISSING}{lacks}; on Debian and Ubuntu `{REMEDY}` brings it"
    if os.environ.get("CI") == "true" or (os.geteuid() == 0 and shutil.which("apt-get")):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
