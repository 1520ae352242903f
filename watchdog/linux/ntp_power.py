"""What each NTP daemon may do to the clock, from its options and its configuration. Pure.

Sources: ntp_loopfilter.c of classic ntpd and ntpsec (CLOCK_MAX, LOOP_MAX; the same conditions in both), ntpd.c
(-x is applied before the files are read), chrony reference.c and conf.c, systemd timesyncd-manager.c
(NTP_MAX_ADJUST), busybox networking/ntpd.c (STEP_THRESHOLD), openntpd ntpd.c.
"""

from typing import Literal

import msgspec

from watchdog.linux.argv import Options
from watchdog.linux.chrony_conf import ChronyConf, MakeStep
from watchdog.linux.ntp_conf import NtpConf

NTPD_THRESHOLD = 0.128
SLEW_THRESHOLD = 600.0  # ntpd -x
TIMESYNCD_THRESHOLD = 0.4
BUSYBOX_THRESHOLD = 1.0

Kind = Literal["unlimited", "large_only", "startup_only", "forward_only", "none"]
DecidedBy = Literal["built in", "-x", "-G", "-s", "tinker", "makestep", "initstepslew", "no control"]


class StepPower(msgspec.Struct, frozen=True, kw_only=True):
    """How far off the clock must be for the daemon to step it; None where it never does.

    `start_beyond_seconds` counts only for the first updates after the daemon's start. `because` says it for
    people, `decided_by` and `decided_in` (a file and line, where known) for the advice; `overridden` are the
    settings that look as if they decided and do not.
    """

    because: str
    decided_by: DecidedBy
    back_beyond_seconds: float | None = None
    forward_beyond_seconds: float | None = None
    start_beyond_seconds: float | None = None
    decided_in: str = ""
    overridden: tuple[str, ...] = ()

    @property
    def thresholds(self) -> tuple[float | None, float | None, float | None]:
        """What it comes to, however it is written: back, forward, at start."""
        return (self.back_beyond_seconds, self.forward_beyond_seconds, self.start_beyond_seconds)

    @property
    def least_beyond_seconds(self) -> float | None:
        """The least offset, either way, that may make it step, at its start too; None: it never does."""
        return min((beyond for beyond in self.thresholds if beyond is not None), default=None)

    @property
    def kind(self) -> Kind:
        """The worst that the daemon may do, by what a step backward needs."""
        if self.back_beyond_seconds is not None:
            return "unlimited" if self.back_beyond_seconds < SLEW_THRESHOLD else "large_only"
        if self.start_beyond_seconds is not None:
            return "startup_only"
        return "none" if self.forward_beyond_seconds is None else "forward_only"


def ntpd_power(options: Options, conf: NtpConf) -> StepPower:
    """Classic ntpd and ntpsec: `tinker` in the files overrides -x, and a threshold of 0 means never."""
    if not conf.controls_clock:
        return StepPower(because="`disable ntp`: it leaves the clock alone", decided_by="no control")
    slews = options.has("x")
    base = SLEW_THRESHOLD if slews else NTPD_THRESHOLD
    tinkered = conf.step_back_seconds is not None or conf.step_forward_seconds is not None
    back = base if conf.step_back_seconds is None else conf.step_back_seconds
    forward = base if conf.step_forward_seconds is None else conf.step_forward_seconds
    decided_by: DecidedBy = "built in"
    because = f"neither -x nor a `tinker step` line, so the threshold is {NTPD_THRESHOLD:g} s"
    if slews:
        decided_by, because = "-x", f"-x raises the threshold to {SLEW_THRESHOLD:g} s, no more"
    if tinkered:
        decided_by = "tinker"
        because = f"`tinker` sets the threshold: back {_threshold(back)}, forward {_threshold(forward)}"
    if options.has("G") and back == 0:
        decided_by, because = "-G", f"-G steps once at start; else {because}"
    return StepPower(
        because=because,
        decided_by=decided_by,
        back_beyond_seconds=back or None,
        forward_beyond_seconds=forward or None,
        start_beyond_seconds=0.0 if options.has("G") else None,
        overridden=("-x",) if slews and tinkered else (),
    )


def chronyd_without_control(options: Options) -> StepPower | None:
    """Tell that a chronyd leaves the clock alone by its options; None when its configuration decides."""
    if not options.has("x") and not options.has("Q"):
        return None
    option = "-x" if options.has("x") else "-Q"
    return StepPower(because=f"{option}: it leaves the clock alone", decided_by="no control")


def chronyd_power(options: Options, conf: ChronyConf) -> StepPower:
    """Chronyd: without `makestep` it never steps; of several the last counts; -R is for restarts."""
    last = conf.makesteps[-1] if conf.makesteps else None
    overridden = tuple(_placed(m) for m in conf.makesteps[:-1])
    restarted = options.has("R")
    if last and last.limit < 0:
        return StepPower(
            because=f"{_placed(last)}: a limit below 0 is no limit",
            decided_by="makestep",
            back_beyond_seconds=max(last.threshold_seconds, 0.0),
            forward_beyond_seconds=max(last.threshold_seconds, 0.0),
            decided_in=last.place,
            overridden=overridden,
        )
    if options.has("s") or options.has("q"):
        option = "-s sets the clock from the hardware clock" if options.has("s") else "-q sets the clock once"
        return StepPower(because=option, decided_by="-s", start_beyond_seconds=0.0, overridden=overridden)
    if last and last.limit > 0 and not restarted:
        return StepPower(
            because=f"{_placed(last)}: only in the first {last.limit} updates after its start",
            decided_by="makestep",
            start_beyond_seconds=max(last.threshold_seconds, 0.0),
            decided_in=last.place,
            overridden=overridden,
        )
    if conf.initstepslew_seconds is not None and not restarted:
        return StepPower(
            because=f"initstepslew {conf.initstepslew_seconds:g}: only at its start",
            decided_by="initstepslew",
            start_beyond_seconds=max(conf.initstepslew_seconds, 0.0),
            overridden=overridden,
        )
    because = f"{_placed(last)} allows no step" if last else "no makestep directive: it never steps"
    return StepPower(because=because, decided_by="makestep", overridden=overridden)


def timesyncd_power() -> StepPower:
    """Timesyncd of systemd: no knob at all."""
    return StepPower(
        because=f"it steps whenever the offset reaches {TIMESYNCD_THRESHOLD:g} s; nothing can be set",
        decided_by="built in",
        back_beyond_seconds=TIMESYNCD_THRESHOLD,
        forward_beyond_seconds=TIMESYNCD_THRESHOLD,
    )


def busybox_power(options: Options) -> StepPower:
    """Busybox ntpd: -x is accepted and ignored; -w only asks."""
    if options.has("w"):
        return StepPower(because="-w: it leaves the clock alone", decided_by="no control")
    ignored = " (-x is accepted and ignored)" if options.has("x") else ""
    return StepPower(
        because=f"it steps whenever the offset exceeds {BUSYBOX_THRESHOLD:g} s{ignored}",
        decided_by="built in",
        back_beyond_seconds=BUSYBOX_THRESHOLD,
        forward_beyond_seconds=BUSYBOX_THRESHOLD,
        overridden=("-x",) if options.has("x") else (),
    )


def openntpd_power(options: Options, *, honours_settime: bool) -> StepPower:
    """OpenNTPD: adjtime only; older ones step once at start with -s, unless a later -S takes it back."""
    settime = [letter for letter, _ in options.given if letter in "sS"][-1:] == ["s"]
    if settime and honours_settime:
        return StepPower(because="-s sets the clock once at start", decided_by="-s", start_beyond_seconds=0.0)
    return StepPower(because="it only slews", decided_by="built in")


def _placed(makestep: MakeStep) -> str:
    return f"{makestep} in {makestep.place}" if makestep.place else str(makestep)


def _threshold(seconds: float) -> str:
    return f"{seconds:g} s" if seconds else "never"
