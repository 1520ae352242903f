"""Turns of phrase that the sections share. Pure."""

from watchdog.report.audit.shape import Incident
from watchdog.report.zone import Eyes
from watchdog.units import render_seconds

# So that 0.29, which is a little less, is not cut to 28.999 %.
_NOISE = 1e-6


def count(number: int, noun: str) -> str:
    """Say how many: `1 incident`, `2 incidents`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def share(part: float | None) -> str:
    """Write a share so that what is not whole never looks whole: `99.98 %`, `100 %`, `-` for what is not known."""
    if part is None:
        return "-"
    if part in (0.0, 1.0):
        return f"{part:.0%}".replace("%", " %")
    return f"{per_cent(part):.3f}".rstrip("0").rstrip(".") + " %"


def per_cent(part: float) -> float:
    """Return a share in per cent, in thousandths: cut, so that it says no more than there was."""
    return min(max(int(part * 100_000 + _NOISE), 1), 99_999) / 1000


def lasted(incident: Incident) -> str:
    """Say how long an incident lasted; less than it did where a reboot lies within."""
    length = render_seconds(incident.duration_seconds)
    return length if incident.duration_exact else f"at least {length}"


def opened(incident: Incident, eyes: Eyes) -> str:
    """Say when it opened, and by how much that is wrong where the clock was set since."""
    return f"{eyes.moment(incident.opened_at)}{off(incident.wall_off_seconds)}"


def off(seconds: float) -> str:
    """Say by how much the clock was set since a moment was written down; "" where it was not."""
    return f" (the clock was set {signed(seconds)} since)" if seconds else ""


def signed(seconds: float) -> str:
    """Write a difference with its sign: `+0.5 s`, `-18.0 s`."""
    return f"{'+' if seconds > 0 else ''}{render_seconds(seconds)}"
