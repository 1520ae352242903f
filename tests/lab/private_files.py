"""A host of a Net with an /etc and a /run of its own, so that what configures networks runs there for real."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.lab.namespaces import Host

# Everything is a copy: nothing that is written there reaches this machine. A read-only /sys tells networkd, as in
# a container, that no udev runs.
_BEGIN = """
set -e
mount --make-rprivate /
mount -o remount,ro,bind /sys
cp -a /etc {folder}
mount --bind {folder} /etc
mount -t tmpfs run /run
echo ready
exec sleep 100000
"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PrivateHost(Host):
    """A host whose commands see its own files; `pid` is the process that holds them."""

    pid: int

    @property
    def _enter(self) -> tuple[str, ...]:
        return ("nsenter", "--target", str(self.pid), "--net", "--mount")

    def write(self, path: str, text: str) -> None:
        """Write a file of this host."""
        self.run(["mkdir", "-p", str(Path(path).parent)])
        self.run(["tee", path], input_text=text)


def with_private_files(host: Host, folder: Path) -> PrivateHost:
    """Return the host with files of its own, until the net is taken down; `folder` is where its /etc lies."""
    script = _BEGIN.format(folder=folder / "etc")
    process = host.popen(["unshare", "--mount", "sh", "-c", script], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return PrivateHost(name=host.name, namespace=host.namespace, processes=host.processes, pid=process.pid)
