"""Does a fault come and go so often that each coming and going is not worth a message? Pure.

After Nagios Core, "Detection and Handling of State Flapping": of the last 21 results, the share of the 20 places
between them where the result changed, with hysteresis. The thresholds are those built into Nagios (30 % begins,
20 % ends; DEFAULT_HIGH_ and DEFAULT_LOW_SERVICE_FLAP_THRESHOLD): a fault flaps once it has come and gone three
times, while twice, as when somebody swaps a cable and then another, is still news each time. Its sample
configuration (20 % and 5 %) would call that flapping and hold it for an hour of one-minute runs. Unlike there,
an old change weighs as much as a new one, so that a person can count them.
"""

import msgspec

WINDOW = 21
BEGINS_AT = 6  # changes: 30 % of the 20 places
ENDS_BELOW = 4  # changes: 20 %


class Track(msgspec.Struct, frozen=True, kw_only=True):
    """The last results on one (fault, subject), oldest first: "1" seen, "0" not; and whether it flaps."""

    recent: str = ""
    flapping: bool = False

    @property
    def changes(self) -> int:
        """How often it came or went."""
        return self.recent.count("01") + self.recent.count("10")

    @property
    def forgettable(self) -> bool:
        """Whether a fresh track would say the same: a full window without a sight of it."""
        return self.recent == "0" * WINDOW


def follow(track: Track, *, seen: bool) -> Track:
    """Return the track with one more result.

    A fresh track begins with "0", as nobody has seen the fault before: so its first sight counts as a coming.
    """
    recent = ((track.recent or "0") + ("1" if seen else "0"))[-WINDOW:]
    longer = Track(recent=recent)
    return Track(recent=recent, flapping=longer.changes >= (ENDS_BELOW if track.flapping else BEGINS_AT))
