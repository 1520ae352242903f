"""Programs of the packages that `install-deps` unpacked, run on this machine as they are: nothing is installed."""

from pathlib import Path

from tests.lab.uml import PACKAGES
from tests.needs import need

_LIBRARIES = ("usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu", "usr/lib", "lib")


def program(package: str, name: str) -> list[str]:
    """Return the words that start an unpacked program with its own libraries; skip or fail without it."""
    tree = PACKAGES / package
    need(None if tree.is_dir() else f"{package} (unpacked for the lab)")
    found = next(
        (file for folder in ("usr/sbin", "usr/bin", "sbin", "bin") if (file := tree / folder / name).exists()),
        None,
    )
    need(None if found else f"{name} in the unpacked package {package}")
    libraries = ":".join(str(folder) for library in _LIBRARIES if (folder := Path(tree, library)).is_dir())
    return ["env", f"LD_LIBRARY_PATH={libraries}", str(found)]
