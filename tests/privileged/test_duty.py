"""What root does for the daemon, and all that it does not, whoever speaks for the daemon."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from tests.privileged.house import ASK, DARK, FORGED, LIGHT, SETTINGS, SWITCH, Place
from watchdog.model import IncidentState, Severity, Stamp
from watchdog.privileged.duty import PLAN_SECONDS, UNDO_SECONDS, Duty
from watchdog.privileged.ledger import Entry, Ledger, LedgerError
from watchdog.privileged.messages import (
    Denied,
    Done,
    DoStep,
    Failed,
    MakePlan,
    OpenIncident,
    Planned,
    PrepareStep,
    Ready,
    Reply,
    Request,
    UndoStep,
)
from watchdog.steps import AnyStep, Prepared


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def ask(duty: Duty, request: Request, *, by_root: bool = False) -> Reply:
    return duty.answer(request, by_root=by_root)


def planned(duty: Duty, request: MakePlan = ASK) -> str:
    reply = ask(duty, request)
    assert isinstance(reply, Planned), reply
    return reply.name


def reason(reply: Reply) -> str:
    assert isinstance(reply, Denied | Failed), reply
    return reply.reason


def carry_out(duty: Duty, *steps: AnyStep) -> None:
    name = planned(duty)
    for step in steps:
        assert isinstance(ask(duty, PrepareStep(plan=name, step=step)), Ready)
        assert isinstance(ask(duty, DoStep(plan=name, step=step)), Done)


def test_what_the_owner_opted_in_to_is_planned_prepared_done_and_taken_back(place: Place) -> None:
    duty = place.duty()
    reply = ask(duty, ASK)
    assert isinstance(reply, Planned)
    assert reply.plan.steps == (LIGHT, SWITCH)
    assert ask(duty, PrepareStep(plan=reply.name, step=LIGHT)) == Ready(prepared=Prepared(needed=True, undo=DARK))
    assert place.lamp.read_text() == "dark\n"
    assert ask(duty, DoStep(plan=reply.name, step=LIGHT)) == Done(output="wrote /etc/lamp")
    assert place.lamp.read_text() == "light\n"
    assert ask(duty, UndoStep(step=DARK)) == Done(output="wrote /etc/lamp")
    assert place.lamp.read_text() == "dark\n"


def test_a_step_that_is_not_needed_is_passed_over(place: Place) -> None:
    (place.root / "etc/switch").write_text("on\n")
    duty = place.duty()
    carry_out(duty, LIGHT)
    assert not duty.busy or ask(duty, PrepareStep(plan=next(iter(duty._live)), step=SWITCH)) == Ready(
        prepared=Prepared(needed=False)
    )
    assert not duty.busy


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        pytest.param({"remediation": "only_proposed"}, 'its mode is "propose"', id="mode-propose"),
        pytest.param({"remediation": "switched_off"}, 'its mode is "off"', id="mode-off"),
        pytest.param({"remediation": "rm_rf"}, "there is no such remediation", id="invented"),
        pytest.param({"remediation": "too_risky"}, "its risk is high", id="beyond-the-risk-that-is-taken"),
        pytest.param({"remediation": "last_one"}, "the last healthy one", id="the-last-healthy-one"),
        pytest.param({"fault": "lamp.stolen"}, "is not what root sees", id="a-fault-that-is-none"),
        pytest.param({"fault": "bond.down"}, "is not what root sees", id="a-fault-of-another-check"),
        pytest.param({"subject": "cellar"}, "is not what root sees", id="a-subject-that-is-well"),
    ],
)
def test_what_is_never_planned(place: Place, request_: dict[str, object], why: str) -> None:
    reply = ask(place.duty(), msgspec.structs.replace(ASK, **request_))
    assert isinstance(reply, Denied)
    assert why in reply.reason
    assert not place.ledger_path.exists()


def test_a_memory_that_is_garbage_is_none(place: Place) -> None:
    duty = place.duty()
    planned(duty, msgspec.structs.replace(ASK, memories={"lamp": b"\xff{{", "nobody": b""}))
    (live,) = duty._live.values()
    assert live.finding.evidence["before"] == ""


def test_a_fault_that_only_the_daemon_sees_is_not_healed(place: Place) -> None:
    place.lamp.write_text("light\n")
    assert "is not what root sees" in reason(ask(place.duty(), ASK))


def test_the_owner_changes_his_mind_and_need_not_restart_anything(place: Place) -> None:
    duty = place.duty()
    planned(duty)
    place.settings(SETTINGS.replace('"auto"', '"propose"'))
    assert 'its mode is "propose"' in reason(ask(duty, ASK))


def test_settings_that_are_wrong_permit_nothing(place: Place) -> None:
    place.settings(SETTINGS + "[healing]\nrisk = 'whatever'\n")
    assert "expected" in reason(ask(place.duty(), ASK))


Forge = Callable[[str], Request]


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda name: PrepareStep(plan=name, step=FORGED), id="another-step-prepared"),
        pytest.param(lambda name: DoStep(plan=name, step=FORGED), id="another-step"),
        pytest.param(lambda name: DoStep(plan=name, step=LIGHT), id="not-prepared"),
        pytest.param(lambda name: PrepareStep(plan=name, step=SWITCH), id="out-of-order"),
        pytest.param(
            lambda name: PrepareStep(plan=name, step=msgspec.structs.replace(LIGHT, mode=0o4777)),
            id="the-step-with-another-mode",
        ),
        pytest.param(lambda name: PrepareStep(plan="", step=LIGHT), id="of-no-plan"),
        pytest.param(lambda name: PrepareStep(plan="0" * 32, step=LIGHT), id="of-a-guessed-plan"),
        pytest.param(lambda name: UndoStep(step=FORGED), id="an-undo-that-is-forged"),
        pytest.param(lambda name: UndoStep(step=DARK), id="an-undo-of-what-was-not-done"),
        pytest.param(lambda name: UndoStep(step=LIGHT), id="a-step-as-an-undo"),
    ],
)
def test_what_is_never_done(place: Place, forge: Forge) -> None:
    duty = place.duty()
    reply = ask(duty, forge(planned(duty)))
    assert isinstance(reply, Denied | Failed)
    assert place.lamp.read_text() == "dark\n"
    assert not (place.root / "etc/shadow").exists()
    assert not place.ledger_path.exists()


def test_an_undo_of_what_was_only_prepared_is_refused(place: Place) -> None:
    duty = place.duty()
    name = planned(duty)
    assert isinstance(ask(duty, PrepareStep(plan=name, step=LIGHT)), Ready)
    place.lamp.write_text("light\n")  # by a person, meanwhile
    assert "takes back nothing" in reason(ask(duty, UndoStep(step=DARK)))
    assert place.lamp.read_text() == "light\n"


def test_a_step_is_done_once(place: Place) -> None:
    duty = place.duty()
    name = planned(duty)
    ask(duty, PrepareStep(plan=name, step=LIGHT))
    ask(duty, DoStep(plan=name, step=LIGHT))
    assert "not the next step" in reason(ask(duty, DoStep(plan=name, step=LIGHT)))


@pytest.mark.parametrize(
    ("seconds", "stale"),
    [
        pytest.param(PLAN_SECONDS - 5, False, id="in-time"),
        pytest.param(PLAN_SECONDS + 5, True, id="stale"),
    ],
)
def test_a_plan_holds_for_so_long(place: Place, seconds: float, stale: bool) -> None:
    duty = place.duty()
    name = planned(duty)
    place.host.later_seconds = seconds
    reply = ask(duty, PrepareStep(plan=name, step=LIGHT))
    assert isinstance(reply, Denied) is stale


def test_somebody_changed_the_file_after_the_plan(place: Place) -> None:
    duty = place.duty()
    name = planned(duty)
    assert isinstance(ask(duty, PrepareStep(plan=name, step=LIGHT)), Ready)
    place.lamp.write_text("red\n")
    assert "somebody changed it" in reason(ask(duty, DoStep(plan=name, step=LIGHT)))
    assert place.lamp.read_text() == "red\n"
    # A step that failed and changed nothing leaves nothing to take back.
    assert Ledger(place.ledger_path).entries == []


@pytest.mark.parametrize(
    ("seconds", "by_root", "done"),
    [
        pytest.param(UNDO_SECONDS, False, True, id="the-daemon-soon"),
        pytest.param(UNDO_SECONDS + 60, False, False, id="the-daemon-late"),
        pytest.param(UNDO_SECONDS + 60, True, True, id="root-late"),
    ],
)
def test_for_how_long_it_may_be_taken_back(place: Place, seconds: float, by_root: bool, done: bool) -> None:
    duty = place.duty()
    carry_out(duty, LIGHT)
    place.host.later_seconds = seconds
    assert isinstance(ask(duty, UndoStep(step=DARK), by_root=by_root), Done) is done
    assert place.lamp.read_text() == ("dark\n" if done else "light\n")


def test_what_was_taken_back_is_not_taken_back_again(place: Place) -> None:
    duty = place.duty()
    carry_out(duty, LIGHT)
    assert isinstance(ask(duty, UndoStep(step=DARK)), Done)
    place.lamp.write_text("light\n")  # by a person
    # The daemon may ask twice: it was killed before it wrote down that it is done.
    assert ask(duty, UndoStep(step=DARK)) == Done(output="it is undone already")
    assert place.lamp.read_text() == "light\n"


def test_a_restart_of_root_s_hands_loses_plans_but_nothing_that_takes_back(place: Place) -> None:
    before = place.duty()
    carry_out(before, LIGHT)
    name = next(iter(before._live))
    after = place.duty()
    assert "no such plan" in reason(ask(after, PrepareStep(plan=name, step=SWITCH)))
    assert isinstance(ask(after, UndoStep(step=DARK)), Done)
    assert place.lamp.read_text() == "dark\n"


def test_budgets_are_counted_by_root(place: Place) -> None:
    """A daemon in the wrong hands that says nothing of what it did."""
    place.settings(SETTINGS + "[healing]\nhourly = 2\n")
    duty = place.duty()
    for turn in range(2):
        place.host.later_seconds = turn * 300
        place.lamp.write_text("dark\n")
        carry_out(duty, LIGHT)
    place.lamp.write_text("dark\n")
    assert "the last attempt was" in reason(ask(duty, ASK))
    place.host.later_seconds = 900
    assert "in the last hour" in reason(ask(place.duty(), ASK))


def test_plans_that_nobody_carries_out_do_not_pile_up(place: Place) -> None:
    duty = place.duty()
    names = [planned(duty) for _ in range(50)]
    assert len(duty._live) == 20
    assert isinstance(ask(duty, PrepareStep(plan=names[-1], step=LIGHT)), Ready)


def test_what_the_daemon_remembers_and_says_of_incidents_reaches_the_check_and_the_remediation(
    place: Place,
) -> None:
    now = Stamp(boot_id="this-boot", boottime_ns=1, wall_ns=1)
    incident = OpenIncident(
        id=1,
        fault="clock_step.backward",
        subject="clock",
        severity=Severity.CRITICAL,
        state=IncidentState.FIRING,
        opened=now,
        last_seen=now,
    )
    duty = place.duty()
    planned(duty, msgspec.structs.replace(ASK, memories={"lamp": b'{"said":"light"}'}, incidents=(incident,)))
    (live,) = duty._live.values()
    assert live.finding.evidence["before"] == "light"
    assert incident.believed().last_seen == now


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("", id="empty"),
        pytest.param('[{"plan": 1}]', id="of-another-shape"),
        pytest.param("[", id="half"),
    ],
)
def test_a_list_that_is_damaged_stops_everything_until_a_person_has_looked(place: Place, content: str) -> None:
    place.ledger_path.write_text(content)
    with pytest.raises(LedgerError, match="is damaged"):
        place.duty()
    assert place.ledger_path.read_text() == content


def test_a_step_that_cannot_be_written_down_is_not_done(place: Place) -> None:
    duty = place.duty()
    name = planned(duty)
    ask(duty, PrepareStep(plan=name, step=LIGHT))
    duty.ledger._path = place.folder / "nowhere" / "ledger.json"
    assert "nothing is done without it" in reason(ask(duty, DoStep(plan=name, step=LIGHT)))
    assert place.lamp.read_text() == "dark\n"


def test_the_list_is_root_s_alone_and_bounded(place: Place) -> None:
    duty = place.duty()
    carry_out(duty, LIGHT)
    assert place.ledger_path.stat().st_mode & 0o777 == 0o600
    (entry,) = duty.ledger.entries
    many = [msgspec.structs.replace(entry, id=str(number), plan=str(number)) for number in range(1100)]
    place.ledger_path.write_bytes(msgspec.json.encode(many))
    duty.ledger.begin(msgspec.structs.replace(entry, plan="newest"))
    kept = Ledger(place.ledger_path).entries
    assert (len(kept), kept[-1].plan, kept[0].plan) == (1000, "newest", "101")


def test_large_files_are_kept_as_far_as_there_is_room_and_the_newest_always(place: Place) -> None:
    duty = place.duty()
    carry_out(duty, LIGHT)
    (entry,) = duty.ledger.entries
    large = msgspec.structs.replace(DARK, after="x" * (6 << 20))
    entries: list[Entry] = [msgspec.structs.replace(entry, plan=str(n), undo=large) for n in range(4)]
    for one in entries:
        duty.ledger.begin(one)
    assert [one.plan for one in Ledger(place.ledger_path).entries] == ["2", "3"]


def test_what_stands_is_what_remediations_know_as_healed(place: Place) -> None:
    duty = place.duty()
    carry_out(duty, LIGHT, SWITCH)
    (attempt,) = duty.ledger.attempts()
    assert (attempt.remediation, [one.state for one in attempt.journal]) == ("change_bulb", ["done", "done"])
    assert attempt.journal[0].undo == DARK
