"""Root's own healing on a host whose history is the daemon's: only what root did is taken back."""

from pathlib import Path

import pytest

from tests.privileged.house import ASK, DARK, FORGED, LIGHT, PLUGINS, SWITCH, Place
from tests.stand_ins import StandInEyes, StandInJournal
from watchdog.actuator import StepFailed
from watchdog.cli import hands as cli_hands
from watchdog.healing import Brakes, Consent, Healer, take_back
from watchdog.model import Incident, IncidentState, Severity
from watchdog.privileged.ledger import Ledger
from watchdog.privileged.messages import DoStep, Failed, Planned, PrepareStep, UndoStep
from watchdog.privileged.own import OwnHands
from watchdog.steps import JournalEntry, Outcome


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def own(place: Place) -> OwnHands:
    return OwnHands(ledger=Ledger(place.ledger_path), attempt=lambda: 12)


def healed(place: Place) -> StandInJournal:
    """Have it healed by a person, with root's own hands."""
    hands, house, now = own(place), place.house(), place.host.stamp()
    journal = StandInJournal()
    one = Healer(
        host=place.host,
        registry=hands.lend(PLUGINS, house.config.permissions),
        permissions=house.config.permissions,
        journal=journal,
        eyes=StandInEyes(check="lamp", see=lambda: house.look({})["lamp"]),
        actuator=hands,
        wait=lambda seconds: setattr(place.host, "later_seconds", place.host.later_seconds + seconds),
    )
    incident = Incident(
        id=1,
        fault="lamp.out",
        subject="hall",
        severity=Severity.CRITICAL,
        state=IncidentState.FIRING,
        summary="",
        evidence={},
        opened=now,
        last_seen=now,
    )
    treatment = one.heal(incident, (), Brakes(), Consent(asked=True, permission=lambda name: "root"))
    assert treatment.outcome is Outcome.HEALED
    return journal


def test_what_a_person_had_done_a_person_takes_back_later(place: Place) -> None:
    journal = healed(place)
    (attempt,) = journal.kept
    assert [one.id for one in Ledger(place.ledger_path).attempts()] == [12]
    assert place.lamp.read_text() == "light\n"
    treatment = take_back(place.host, journal, attempt, "root", lambda: "", actuator=own(place))
    assert treatment.outcome is Outcome.ROLLED_BACK
    assert place.lamp.read_text() == "dark\n"
    assert not (place.root / "etc/switch").exists()


def test_an_undo_that_the_history_made_up_is_not_done(place: Place) -> None:
    journal = healed(place)
    journal.write_entry(1, 1, JournalEntry(step=SWITCH, undo=FORGED, state="done"), place.host.stamp())
    treatment = take_back(place.host, journal, journal.kept[0], "root", lambda: "", actuator=own(place))
    assert treatment.outcome is Outcome.ROLLBACK_FAILED
    assert "root's own list of what was done does not know it" in treatment.reason
    assert not (place.root / "etc/shadow").exists()
    assert place.lamp.read_text() == "dark\n"


def test_a_step_that_nobody_planned_here_is_not_done(place: Place) -> None:
    hands = own(place)
    for act in (hands.prepare, hands.do):
        with pytest.raises(StepFailed):
            act(FORGED, place.host)
    assert not place.ledger_path.exists()


def test_what_a_person_had_done_is_not_the_daemon_s_to_take_back(place: Place) -> None:
    healed(place)
    place.host.later_seconds += 1
    reply = place.duty().answer(UndoStep(step=DARK), by_root=False)
    assert isinstance(reply, Failed)
    assert place.lamp.read_text() == "light\n"


def test_what_the_daemon_had_done_root_takes_back(place: Place) -> None:
    """Both keep the one list, each with what the other wrote meanwhile."""
    hands, duty = own(place), place.duty()
    reply = duty.answer(ASK, by_root=False)
    assert isinstance(reply, Planned)
    duty.answer(PrepareStep(plan=reply.name, step=LIGHT), by_root=False)
    duty.answer(DoStep(plan=reply.name, step=LIGHT), by_root=False)
    assert hands.do(DARK, place.host) == "wrote /etc/lamp"
    assert hands.do(DARK, place.host) == "it is undone already"
    assert [one.state for one in Ledger(place.ledger_path).entries] == ["undone"]


@pytest.mark.parametrize(
    ("user", "mode", "theirs"),
    [
        pytest.param("root", 0o750, True, id="the-daemon-s-user-has-the-folder"),
        pytest.param("daemon", 0o750, False, id="another-user-has-it"),
        pytest.param("no-such-user", 0o750, False, id="no-daemon-here"),
    ],
)
def test_whose_history_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: str, mode: int, theirs: bool
) -> None:
    """Here root stands in for the daemon's user, as nobody else is sure to exist."""
    folder = tmp_path / "watchdog"
    folder.mkdir(mode=mode)
    (folder / "history.db").touch()
    monkeypatch.setattr(cli_hands, "USER", user)
    assert cli_hands.is_the_daemons(folder / "history.db") is theirs
