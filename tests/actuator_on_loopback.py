"""Runs inside a namespace (tests/in_namespace.py): prints as JSON what the real actuator does to a link."""

import json
import sys

from watchdog.actuator import StepFailed, do, prepare
from watchdog.host import Host
from watchdog.steps import LinkChange


def main(link: str) -> list[object]:
    """Return what each call answered, each with the state that `ip link` would show after it."""
    host, up, down = Host(), LinkChange(link=link, up=True), LinkChange(link=link, up=False)
    said: list[object] = []

    def note(call: str, answer: object) -> None:
        said.append([call, answer, is_up(host, link)])

    try:
        note("prepare down", prepare(down, host))
        undo = prepare(up, host)
        note("prepare up", undo.describe() if undo else None)
        note("do up", do(up))
        note("do up again", do(up))
        note("prepare up again", prepare(up, host))
        if undo:
            note("undo", do(undo))
            note("undo again", do(undo))
    except StepFailed as failure:
        said.append(["failed", str(failure)])
    return said


def is_up(host: Host, link: str) -> bool:
    """Ask netlink: /sys would show the namespace it was mounted in, not the one we are in."""
    with host.netlink() as netlink:
        return bool(netlink.link("get", ifname=link)[0]["flags"] & 1)


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1])))
