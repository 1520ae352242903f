"""The time zone that people read a report in. Durations and order never come from it."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_FOLDER = "zoneinfo/"


def find_zone(name: str) -> tzinfo:
    """Return a zone by its IANA name. Raises ValueError, which says what is expected, and the nearest."""
    if name.upper() in ("UTC", "Z"):
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        from difflib import get_close_matches
        from zoneinfo import available_timezones

        close = get_close_matches(name, available_timezones(), n=1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        raise ValueError(f'a zone by its IANA name, such as "Europe/Berlin" or "UTC"{hint}') from error


def own_zone(environ: Mapping[str, str], localtime: Path) -> tzinfo:
    """Return the zone of who asks ($TZ), else of the host (/etc/localtime), else UTC."""
    names = [environ.get("TZ", "").lstrip(":")]
    try:
        names.append(str(localtime.readlink()).partition(_FOLDER)[2])
    except OSError:
        names.append("")
    for name in filter(None, names):
        try:
            return find_zone(name)
        except ValueError:
            continue
    return UTC


class Eyes:
    """Writes the report's moments (RFC 3339, UTC) as people in a zone read them."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone

    def moment(self, text: str) -> str:
        """Write when something was: `2026-10-01 08:30:00 CEST`."""
        here = self._here(text)
        return text if here is None else f"{here:%Y-%m-%d %H:%M:%S} {here.tzname() or ''}".rstrip()

    def until(self, text: str, began: str) -> str:
        """Write when something that began at a moment was over: the day only where it is another."""
        here, before = self._here(text), self._here(began)
        if here is None or before is None or here.date() != before.date() or here.tzname() != before.tzname():
            return self.moment(text)
        return f"{here:%H:%M:%S} {here.tzname() or ''}".rstrip()

    def _here(self, text: str) -> datetime | None:
        try:
            return datetime.fromisoformat(text).astimezone(self._zone)
        except (ValueError, OverflowError):  # a year that no calendar has
            return None
