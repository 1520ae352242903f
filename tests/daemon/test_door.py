"""The daemon's door, where the host has nothing left for those who come."""

import os
import resource
import selectors
import socket
from pathlib import Path

from watchdog.daemon.door import Door, reachable


def test_who_comes_when_no_descriptor_is_left_is_sent_away_and_does_not_keep_the_loop_awake(
    tmp_path: Path,
) -> None:
    path, selector = tmp_path / "h.door", selectors.DefaultSelector()
    door = Door(path, selector, lambda visit, ask: None, lambda visit: None)
    with socket.socket(socket.AF_UNIX) as visitor, reachable(path) as address:
        visitor.connect(address)
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        free = os.dup(0)
        os.close(free)
        resource.setrlimit(resource.RLIMIT_NOFILE, (free, limits[1]))
        try:
            for key, _ in selector.select(0):
                key.data()
            assert selector.select(0) == []
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        assert visitor.recv(1) == b""
        with socket.socket(socket.AF_UNIX) as another:
            another.connect(address)
            for key, _ in selector.select(0):
                key.data()
            assert len(door._visits) == 1
    door.close()
    selector.close()
