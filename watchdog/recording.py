"""One look at one check as a file: its facts, what it remembered and its settings, to be judged again anywhere.

A fault or a false alarm found in the field becomes a test by saving this file.
"""

from pathlib import Path
from typing import Any

import msgspec

from watchdog.errors import NotApplicable, Unobservable, WatchdogError
from watchdog.host import Host
from watchdog.looking import Look, decode_memory, judge_facts
from watchdog.model import CheckResult
from watchdog.plugin import CheckSettings
from watchdog.registry import AnyCheck
from watchdog.settings import convert, plain


class RecordingError(WatchdogError):
    """The file is not a recording of this check; the text says where it departs from one."""


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """The file's outer shape; the parts are read with the types of the check it names."""

    check: str
    settings: dict[str, Any]
    before: msgspec.Raw
    facts: msgspec.Raw


def record(host: Host, check: AnyCheck, settings: CheckSettings, memory: bytes | None) -> bytes:
    """Observe once and return the recording as indented JSON. Raises what `observe` raises."""
    look = Look(check=check, settings=settings, memory=memory)
    before, _ = decode_memory(look)
    facts = check.observe(host, settings, before)
    recording = {
        "check": check.name,
        "settings": plain(settings),
        "before": msgspec.Raw(memory or b"null"),
        "facts": facts,
    }
    return msgspec.json.format(msgspec.json.encode(recording), indent=2)


def replay(check: AnyCheck, path: Path) -> CheckResult:
    """Judge a recording again. Raises RecordingError, NotApplicable and Unobservable."""
    try:
        recording = msgspec.json.decode(path.read_bytes(), type=Recording)
        if recording.check != check.name:
            raise RecordingError(f"{path}: expected a recording of {check.name}, found one of {recording.check}")
        settings = convert(recording.settings, check.settings)
        before = msgspec.json.decode(recording.before, type=check.memory | None)
        facts = msgspec.json.decode(recording.facts, type=check.facts)
    except OSError as error:
        raise RecordingError(f"{path}: expected a file that can be read, found: {error.strerror}") from error
    except msgspec.MsgspecError as error:
        raise RecordingError(
            f"{path}: expected what `check {check.name} --dump-facts` wrote, found: {error}"
        ) from error
    try:
        return judge_facts(check, facts, before, settings)
    except (NotApplicable, Unobservable):
        raise
    except Exception as error:
        # Facts of a file can be what no host would ever show.
        raise RecordingError(f"{path}: the facts cannot be judged: {type(error).__name__}: {error}") from error
