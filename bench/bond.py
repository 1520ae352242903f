"""What one observation of a bond with two members costs.

Few machines have a bond, so the kernel is asked for real (a netlink round trip about `lo` for every link), and its
answer is then replaced by one that a real bond gave (tests/fixtures/bonding). All else is what a run does.
"""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from checks.bond import CHECK, BondSettings
from watchdog.host import Host

FIXTURES = Path(__file__).parents[1] / "tests/fixtures/bonding"
LOOKS = 500


class _Kernel:
    """A real netlink socket; what it says of `lo` is exchanged for what was captured of the link asked for."""

    def __init__(self, netlink: Any) -> None:
        self._netlink = netlink
        self.marshal = netlink.marshal
        names = ("bond0", "eth0", "eth1")
        self._captured = {name: (FIXTURES / f"active-backup.{name}.link").read_bytes() for name in names}

    def link(self, command: str, *, ifname: str, ext_mask: int) -> list[Any]:
        list(self._netlink.link(command, ifname="lo", ext_mask=ext_mask))
        answer = self._captured[ifname]
        return [SimpleNamespace(data=answer, offset=0, length=len(answer))]


class _HostWithBond(Host):
    """This machine with a bond in its /proc, and with one socket for all looks."""

    def __init__(self, root: Path, netlink: Any) -> None:
        super().__init__(root)
        self._kernel = _Kernel(netlink)

    @contextmanager
    def netlink(self) -> Iterator[Any]:
        yield self._kernel


def measure_bond() -> tuple[float, float]:
    """Return the CPU seconds of one observation, judged and remembered; and of opening the socket for it."""
    with tempfile.TemporaryDirectory(prefix="watchdog-bench-") as folder, Host().netlink() as netlink:
        root = Path(folder)
        (root / "proc/net/bonding").mkdir(parents=True)
        shutil.copy(FIXTURES / "active-backup-clean.txt", root / "proc/net/bonding/bond0")
        (root / "proc/sys/kernel/random").mkdir(parents=True)
        shutil.copy("/proc/sys/kernel/random/boot_id", root / "proc/sys/kernel/random/boot_id")
        host, settings, memory = _HostWithBond(root, netlink), BondSettings(), None
        started = time.process_time()
        for _ in range(LOOKS):
            facts = CHECK.observe(host, settings, None)
            list(CHECK.judge(facts, memory, settings))
            memory = CHECK.remember(facts, memory, settings)
        look = (time.process_time() - started) / LOOKS
    started = time.process_time()
    for _ in range(LOOKS // 10):
        with Host().netlink():
            pass
    return look, (time.process_time() - started) / (LOOKS // 10)


if __name__ == "__main__":
    look, socket = measure_bond()
    costs = f"{look * 1000:7.2f} ms CPU, and {socket * 1000:.2f} ms to open its socket"
    print(f"{'one observation of a bond':<34} {costs}   goal < 1 ms")
