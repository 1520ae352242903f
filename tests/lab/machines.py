"""Hosts of a Net with files of their own: services are started and stopped there by their real init scripts.

Over this machine's files lies a layer of memory with a package that `install-deps` unpacked, as if installed; what
is written stays in it. Only `shared` folders are this machine's own. It takes overlayfs, and root.
"""

import functools
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.lab.namespaces import Host
from tests.lab.uml import PACKAGES
from tests.needs import need

# Runs in a mount namespace of its own, which lives as long; pivot_root leaves nothing of this machine in sight.
_WORLD = """
set -eu
layer=$1 package=$2
shift 2
mount --make-rprivate /
mount -t tmpfs -o mode=755 layer "$layer"
mkdir "$layer/upper" "$layer/work" "$layer/root"
cp -a "$package/." "$layer/upper/"
mount -t overlay -o "lowerdir=/,upperdir=$layer/upper,workdir=$layer/work" root "$layer/root"
for shared in /proc /sys /dev "$@"; do mount --rbind "$shared" "$layer/root$shared"; done
cd "$layer/root"
mount -t tmpfs -o mode=755 run run
mkdir run/below
pivot_root . run/below
cd /
umount -l /run/below
rmdir /run/below
echo ready
exec sleep infinity
"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Machine(Host):
    """A host with files of its own; `holder` is the process whose they are."""

    holder: int = 0

    @property
    def _enter(self) -> tuple[str, ...]:
        return ("nsenter", f"--target={self.holder}", "--mount", "--net", "--")

    def write(self, path: str, text: str) -> None:
        """Write a file of this host."""
        self.run(["mkdir", "-p", str(Path(path).parent)])
        self.run(["tee", path], input_text=text)


def with_own_files(host: Host, package: str, *shared: Path) -> Machine:
    """Give a host files of its own, with an unpacked package; `shared` folders are this machine's."""
    tree = PACKAGES / package
    need(None if tree.is_dir() else f"{package} (unpacked for the lab)")
    need(_missing())
    layer = Path(tempfile.mkdtemp(prefix="watchdog-lab-"))
    holder = host.popen(
        ["bash", "-c", _WORLD, "world", str(layer), str(tree), *map(str, shared)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert holder.stdout
    said = holder.stdout.readline().strip()
    layer.rmdir()  # what is mounted on it there is out of sight here
    assert said == "ready", f"no world of its own for {host.name}: {said} {holder.stdout.read()}"
    return Machine(name=host.name, namespace=host.namespace, processes=host.processes, holder=holder.pid)


@functools.cache
def _missing() -> str | None:
    if "overlay" not in Path("/proc/filesystems").read_text().split():
        return "overlayfs in this machine's kernel"
    lacking = [name for name in ("nsenter", "service", "start-stop-daemon") if shutil.which(name) is None]
    return f"{', '.join(lacking)} on this machine" if lacking else None
