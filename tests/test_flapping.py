import pytest

from watchdog.flapping import WINDOW, Track, follow


def followed(results: str, track: Track | None = None) -> Track:
    track = track or Track()
    for result in results:
        track = follow(track, seen=result == "1")
    return track


@pytest.mark.parametrize(
    ("results", "flaps"),
    [
        pytest.param("1" * 40, False, id="lasts"),
        pytest.param("1" + "0" * 20, False, id="came-and-went-once"),
        pytest.param("101", False, id="came-went-came-once"),
        pytest.param("1010", False, id="came-and-went-twice"),
        pytest.param("10101", False, id="came-a-third-time"),
        pytest.param("101010", True, id="came-and-went-three-times"),
        pytest.param("1" + "000010000100001" + "00001", True, id="as-slow-as-can-flap"),
        pytest.param(("1" + "0" * 9) * 6, False, id="each-time-half-a-window-apart"),
    ],
)
def test_a_fault_flaps_from_its_third_coming_and_going_within_the_window(results: str, flaps: bool) -> None:
    assert followed(results).flapping is flaps


@pytest.mark.parametrize(
    ("recent", "seen", "still"),
    [
        pytest.param("001010000000000000000", False, True, id="four-changes-go-on"),
        pytest.param("010100000000000000000", False, False, id="the-fourth-leaves-the-window"),
        pytest.param("000101111111111111111", True, False, id="three-end-it-while-it-lasts"),
        pytest.param("001011111111111111110", True, True, id="a-new-change-holds-it"),
    ],
)
def test_what_flaps_goes_on_flapping_until_it_settles(recent: str, seen: bool, still: bool) -> None:
    assert follow(Track(recent=recent, flapping=True), seen=seen).flapping is still


@pytest.mark.parametrize("changes", range(WINDOW - 1))
def test_between_the_thresholds_it_stays_as_it_was(changes: int) -> None:
    recent = "".join("01"[index % 2] for index in range(changes + 1)).rjust(WINDOW, "0")
    seen = recent[-1] == "1"  # as before, and what leaves the window is a "0" before another
    not_yet, already = (follow(Track(recent=recent, flapping=was), seen=seen) for was in (False, True))
    assert not_yet.changes == already.changes == changes
    assert (not_yet.flapping, already.flapping) == (changes >= 6, changes >= 4)


def test_a_track_is_no_longer_than_its_window() -> None:
    assert len(followed("10" * 100).recent) == WINDOW


@pytest.mark.parametrize(
    ("results", "forgettable"),
    [
        pytest.param("", False, id="empty"),
        pytest.param("1" + "0" * 20, False, id="its-last-sight-is-just-in-the-window"),
        pytest.param("1" + "0" * 21, True, id="its-last-sight-has-left-the-window"),
        pytest.param("0" * 19, False, id="not-yet-a-whole-window"),
    ],
)
def test_a_track_without_a_sight_in_the_whole_window_can_be_forgotten(results: str, forgettable: bool) -> None:
    track = followed(results)
    assert track.forgettable is forgettable


def test_to_forget_a_track_changes_nothing_that_follows() -> None:
    kept = followed("1" + "0" * 21)
    for results in ("1", "10101", "101010", "1" * 30):
        ours, fresh = followed(results, kept), followed(results)
        assert (ours.changes, ours.flapping) == (fresh.changes, fresh.flapping)
