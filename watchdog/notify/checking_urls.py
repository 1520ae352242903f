"""Whether apprise can read URLs, asked before anything depends on them: `python -m watchdog.notify.checking_urls`.

In a process of its own, as apprise would stay in memory, and as what it logs holds the URL. It gets the URLs by
its standard input and answers with numbers alone.
"""

import sys
from collections.abc import Mapping

import msgspec

from watchdog.notify.spawning import ask, program
from watchdog.secret import Secret

_LIMIT_SECONDS = 60.0


def unreadable(urls: Mapping[str, Secret], environ: Mapping[str, str]) -> tuple[str, ...] | None:
    """Return the names of the URLs that apprise cannot read; None when it could not be asked."""
    names = tuple(urls)
    if not names:
        return ()
    asked = msgspec.json.encode([urls[name].reveal() for name in names])
    said = ask(program("watchdog.notify.checking_urls"), environ, _LIMIT_SECONDS, asked)
    try:
        return tuple(names[number] for number in msgspec.json.decode(said, type=tuple[int, ...]))
    except (msgspec.MsgspecError, IndexError):
        return None


def main() -> None:
    """Write which URLs apprise cannot read, as their places in the list, in JSON."""
    from watchdog.notify import sender, services

    answers = sender.close_up()
    sender.silence()
    urls = msgspec.json.decode(sys.stdin.buffer.read(), type=tuple[str, ...])
    services.load()
    answers.write(msgspec.json.encode([number for number, url in enumerate(urls) if not _can_read(url)]))
    answers.flush()


def _can_read(url: str) -> bool:
    from watchdog.notify import services

    try:
        return services.open_service(url) is not None
    except Exception:  # noqa: BLE001 - a plugin that fails over a URL sends nothing either; its words may hold it
        return False


if __name__ == "__main__":
    main()
