"""What the actuator raises."""

from watchdog.errors import WatchdogError


class StepFailed(WatchdogError):
    """A step could not be done, and nothing of it was; the text is the command, and why."""
