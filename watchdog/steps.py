"""What a remediation may do, as data. Carried out only by the actuator; a new kind of step is a new class here.

Every step can say itself as the command a person would type, so a dry run and the audit need nothing else.
"""

import msgspec


class Step(msgspec.Struct, frozen=True, kw_only=True, tag_field="step", tag=True):
    """Base of the closed union `AnyStep`; the class name is its tag in the journal."""

    def describe(self) -> str:
        """Return the command a person would type to do the same."""
        raise TypeError(f"{type(self).__name__} is not one of the known steps")


class LinkChange(Step, frozen=True, kw_only=True):
    """Set a network interface administratively up or down."""

    link: str
    up: bool

    def describe(self) -> str:
        """Return the `ip link` command."""
        return f"ip link set dev {self.link} {'up' if self.up else 'down'}"


AnyStep = LinkChange


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How one incident could be healed: what will be done, in order, and how long it may take to show.

    `lasting` is False when the change does not survive a restart; `note` then says what would make it last.
    """

    summary: str
    steps: tuple[AnyStep, ...]
    settle_seconds: float = 5.0
    lasting: bool = True
    note: str = ""
