import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from watchdog.causes import explain, roots
from watchdog.model import Cause, Evidence, Fault, Incident, IncidentState, Reach, Severity, Stamp

NOW = Stamp(boot_id="a", boottime_ns=10**9, wall_ns=10**18)
PENDING, FIRING, RESOLVED = IncidentState


def catalogue(**causes: str) -> dict[str, Fault]:
    """Make a catalogue of `code="cause cause/subject"`; `/subject` and `/end` limit the reach."""
    return {
        f"x.{code}": Fault(
            code=f"x.{code}",
            title=code,
            severity=Severity.WARNING,
            why="w",
            advice="a",
            causes=tuple(
                Cause(
                    fault=f"x.{name.partition('/')[0]}",
                    reach=Reach(name.partition("/")[2] or "host"),
                )
                for name in names.split()
            ),
        )
        for code, names in causes.items()
    }


def incident(
    number: int, code: str, *, subject: str = "s", state: IncidentState = FIRING, caused_by: tuple[int, ...] = ()
) -> Incident:
    return Incident(
        id=number,
        fault=f"x.{code}",
        subject=subject,
        severity=Severity.WARNING,
        state=state,
        summary="",
        evidence={},
        opened=NOW,
        last_seen=NOW,
        caused_by=caused_by,
    )


CHAIN = catalogue(root="", middle="root", leaf="middle")
BY_SUBJECT = catalogue(root="", leaf="root/subject")
BY_END = catalogue(root="", leaf="root/end")


@pytest.mark.parametrize(
    ("faults", "incidents", "caused_by", "inhibited"),
    [
        pytest.param(CHAIN, [incident(1, "leaf")], {1: ()}, set(), id="alone"),
        pytest.param(
            CHAIN, [incident(1, "root"), incident(2, "middle")], {1: (), 2: (1,)}, {2}, id="cause-fires"
        ),
        pytest.param(
            CHAIN, [incident(1, "middle"), incident(2, "root")], {1: (2,), 2: ()}, {1}, id="cause-seen-later"
        ),
        pytest.param(
            CHAIN, [incident(1, "root", state=PENDING), incident(2, "middle")], {1: (), 2: (1,)}, set(),
            id="a-pending-cause-is-linked-but-does-not-inhibit",
        ),
        pytest.param(
            CHAIN, [incident(1, "root"), incident(2, "middle", state=PENDING)], {1: (), 2: (1,)}, {2},
            id="a-pending-incident-is-inhibited-too",
        ),
        pytest.param(
            CHAIN, [incident(1, "leaf"), incident(2, "middle"), incident(3, "root")],
            {1: (2,), 2: (3,), 3: ()}, {1, 2}, id="transitive",
        ),
        pytest.param(
            CHAIN, [incident(1, "root"), incident(2, "middle", state=PENDING), incident(3, "leaf")],
            {1: (), 2: (1,), 3: (2,)}, {2, 3}, id="transitive-through-one-that-does-not-fire-itself",
        ),
        pytest.param(
            CHAIN, [incident(1, "root"), incident(3, "leaf", caused_by=(2,))], {1: (), 3: (2,)}, set(),
            id="a-resolved-one-in-the-middle-ends-the-walk-and-stays-linked",
        ),
        pytest.param(
            catalogue(near="", far="", leaf="near far"),
            [incident(1, "far"), incident(2, "near", subject="p"), incident(3, "near", subject="q"),
             incident(4, "leaf")],
            {1: (), 2: (), 3: (), 4: (3, 2, 1)}, {4}, id="likeliest-first-then-newest-first",
        ),
        pytest.param(
            catalogue(near="", far="", leaf="near far"),
            [incident(5, "far"), incident(9, "leaf", caused_by=(3, 5, 2))], {5: (), 9: (5, 3, 2)}, {9},
            id="those-of-before-stay-behind-those-of-now",
        ),
        pytest.param(
            BY_END,
            [incident(1, "root", subject="b:80"), incident(2, "leaf", subject="a:80/b:80")],
            {1: (), 2: (1,)}, {2}, id="reach-end",
        ),
        pytest.param(
            BY_END,
            [incident(1, "root", subject="a:80"), incident(2, "leaf", subject="a:80/b:80")],
            {1: (), 2: ()}, set(), id="reach-end-is-not-the-beginning",
        ),
        pytest.param(
            BY_SUBJECT, [incident(1, "root", subject="bond0"), incident(2, "leaf", subject="bond0/eth1")],
            {1: (), 2: (1,)}, {2}, id="reach-subject-downwards",
        ),
        pytest.param(
            BY_SUBJECT, [incident(1, "root", subject="bond0/eth1"), incident(2, "leaf", subject="bond0/eth2")],
            {1: (), 2: (1,)}, {2}, id="reach-subject-sideways",
        ),
        pytest.param(
            BY_SUBJECT, [incident(1, "root", subject="bond1"), incident(2, "leaf", subject="bond10")],
            {1: (), 2: ()}, set(), id="reach-subject-stops-at-another-subject",
        ),
        pytest.param(
            catalogue(root="", leaf="root/subject root"), [incident(1, "root"), incident(2, "leaf")],
            {1: (), 2: (1,)}, {2}, id="a-cause-listed-twice-is-linked-once",
        ),
        pytest.param(
            catalogue(leaf="unheard_of"), [incident(1, "leaf")], {1: ()}, set(), id="cause-not-in-the-catalogue"
        ),
        pytest.param(
            CHAIN, [incident(1, "root", caused_by=(1,))], {1: (1,)}, set(), id="never-by-itself-from-bad-data"
        ),
        pytest.param(
            catalogue(root="root"), [incident(1, "root", subject="p"), incident(2, "root", subject="q")],
            {1: (), 2: ()}, set(), id="a-fault-that-names-itself",
        ),
        pytest.param(
            CHAIN, [incident(1, "root", caused_by=(2,)), incident(2, "middle")], {1: (2,), 2: (1,)}, {2},
            id="a-link-from-an-older-catalogue-the-other-way",
        ),
    ],
)  # fmt: skip
def test_explain(
    faults: dict[str, Fault], incidents: list[Incident], caused_by: dict[int, tuple[int, ...]], inhibited: set[int]
) -> None:
    explained = explain(incidents, faults)
    assert {one.id: one.caused_by for one in explained} == caused_by
    assert {one.id for one in explained if one.inhibited} == inhibited


@pytest.mark.parametrize("length", [2, 3, 7])
def test_a_cyclic_catalogue_silences_nobody_entirely(length: int) -> None:
    faults = catalogue(**{f"f{n}": f"f{(n + 1) % length}" for n in range(length)})
    explained = explain([incident(n + 1, f"f{n}") for n in range(length)], faults)
    assert [one.inhibited for one in explained].count(False) == 1


# What was seen may say more than the catalogue

EITHER = catalogue(near="", far="", apart="", leaf="near far")


@pytest.mark.parametrize(
    ("evidence", "caused_by"),
    [
        pytest.param({}, (1, 2), id="nothing-said"),
        pytest.param({"likely_causes": ["x.far"]}, (2, 1), id="the-likelier-first"),
        pytest.param({"likely_causes": ("x.far", "x.near")}, (2, 1), id="in-the-order-said"),
        pytest.param({"likely_causes": ["x.gone", "x.near"]}, (1, 2), id="one-is-not-there"),
        pytest.param({"ruled_out_causes": ["x.near"]}, (2,), id="ruled-out"),
        pytest.param({"ruled_out_causes": ["x.near", "x.far"]}, (), id="all-ruled-out"),
        pytest.param({"likely_causes": ["x.near"], "ruled_out_causes": ["x.near"]}, (2,), id="both"),
        pytest.param({"likely_causes": ["x.apart"]}, (1, 2), id="nothing-is-added-to-the-catalogue"),
        pytest.param({"likely_causes": "x.far"}, (1, 2), id="not-a-list"),
        pytest.param({"likely_causes": {"x.far": 1}, "ruled_out_causes": 7}, (1, 2), id="nonsense"),
        pytest.param({"likely_causes": [None, ["x.far"], 3]}, (1, 2), id="nonsense-in-the-list"),
    ],
)
def test_what_was_seen_orders_and_rules_out_causes(evidence: Evidence, caused_by: tuple[int, ...]) -> None:
    leaf = replace(incident(4, "leaf"), evidence=evidence)
    (*_, linked) = explain([incident(1, "near"), incident(2, "far"), incident(3, "apart"), leaf], EITHER)
    assert linked.caused_by == caused_by
    assert linked.inhibited is bool(caused_by)


EARLIER = {
    **catalogue(offset="", step=""),
    "x.step": replace(catalogue(step="")["x.step"], causes=(Cause(fault="x.offset", precedes=True),)),
}


@pytest.mark.parametrize(
    ("incidents", "caused_by"),
    [
        pytest.param([incident(1, "offset"), incident(2, "step")], (1,), id="open-before"),
        pytest.param([incident(2, "offset"), incident(1, "step")], (), id="open-after-it-is-the-effect"),
        pytest.param(
            [incident(2, "offset"), incident(1, "step", caused_by=(2,))], (2,), id="linked-by-an-older-rule"
        ),
    ],
)
def test_a_cause_that_precedes_was_open_before(incidents: list[Incident], caused_by: tuple[int, ...]) -> None:
    (*_, step) = explain(incidents, EARLIER)
    assert step.caused_by == caused_by


@pytest.mark.parametrize(
    ("event", "evidence", "before", "still_open", "caused_by"),
    [
        pytest.param(
            True, {"likely_causes": ["x.near"]}, (1, 2), (2,), (1, 2), id="the-likelier-was-healed-first"
        ),
        pytest.param(True, {}, (1, 2), (2,), (1, 2), id="nothing-said"),
        pytest.param(True, {}, (1, 2), (1,), (1, 2), id="the-other-was-healed-first"),
        pytest.param(True, {}, (2, 1), (2,), (2, 1), id="in-the-order-of-then"),
        pytest.param(True, {"likely_causes": ["x.far"]}, (1, 2), (2,), (2, 1), id="what-is-open-is-named-now"),
        pytest.param(True, {}, (1, 2), (), (1, 2), id="all-are-over"),
        pytest.param(False, {}, (1, 2), (2,), (2, 1), id="what-lasts-is-due-to-what-remains"),
    ],
)
def test_what_happened_was_caused_by_what_was_so_then(
    event: bool,
    evidence: Evidence,
    before: tuple[int, ...],
    still_open: tuple[int, ...],
    caused_by: tuple[int, ...],
) -> None:
    faults = catalogue(near="", far="", leaf="near far")
    faults["x.leaf"] = replace(faults["x.leaf"], event=event)
    causes = [incident(number, {1: "near", 2: "far"}[number]) for number in still_open]
    leaf = replace(incident(3, "leaf", caused_by=before), evidence=evidence)
    (*_, linked) = explain([*causes, leaf], faults)
    assert linked.caused_by == caused_by
    assert explain([*causes, linked], faults)[-1] == linked


def test_what_was_linked_before_stays_when_it_is_ruled_out_for_what_is_new() -> None:
    leaf = replace(incident(4, "leaf", caused_by=(1,)), evidence={"ruled_out_causes": ["x.near"]})
    (*_, linked) = explain([incident(1, "near"), incident(2, "far"), leaf], EITHER)
    assert linked.caused_by == (2, 1)


CODES = ("a", "b", "c", "d")


@st.composite
def worlds(draw: st.DrawFn) -> tuple[dict[str, Fault], list[Incident]]:
    """Any catalogue, cyclic ones too, and incidents with any links, foreign ones too."""
    names = st.sampled_from([f"{code}{reach}" for code in CODES for reach in ("", "/subject")])
    faults = catalogue(**{code: " ".join(draw(st.lists(names, max_size=3))) for code in CODES})
    keys = draw(
        st.lists(st.tuples(st.sampled_from(CODES), st.sampled_from(["s", "s/1", "s/2", "t"])), unique=True)
    )
    links = st.lists(st.integers(1, 12), max_size=3, unique=True).map(tuple)
    return faults, [
        incident(
            number,
            code,
            subject=subject,
            state=draw(st.sampled_from([PENDING, FIRING])),
            caused_by=draw(links),
        )
        for number, (code, subject) in enumerate(keys, 1)
    ]


@given(worlds())
def test_whatever_the_data_each_inhibited_incident_has_a_firing_ancestor_that_is_told(
    world: tuple[dict[str, Fault], list[Incident]],
) -> None:
    faults, incidents = world
    by_id = {one.id: one for one in explain(incidents, faults)}
    assert list(by_id) == [one.id for one in incidents]
    for one in by_id.values():
        above, ahead = set[int](), list(one.caused_by)
        while ahead:
            if (number := ahead.pop()) in by_id and number not in above:
                above.add(number)
                ahead += by_id[number].caused_by
        if one.inhibited:
            assert any(by_id[n].state is FIRING and not by_id[n].inhibited for n in above - {one.id})


@given(worlds())
def test_links_are_what_the_catalogue_says_and_what_was_linked_before(
    world: tuple[dict[str, Fault], list[Incident]],
) -> None:
    faults, incidents = world
    for before, after in zip(incidents, explain(incidents, faults), strict=True):
        reached = {
            other.id
            for other in incidents
            for cause in faults[after.fault].causes
            if cause.fault == other.fault and cause.reaches(other.subject, after.subject)
        }
        assert set(before.caused_by) <= set(after.caused_by) <= reached | set(before.caused_by)
        assert len(set(after.caused_by)) == len(after.caused_by)


@given(worlds())
def test_to_explain_twice_changes_nothing(world: tuple[dict[str, Fault], list[Incident]]) -> None:
    faults, incidents = world
    once = explain(incidents, faults)
    assert explain(once, faults) == once


@pytest.mark.parametrize(
    ("incidents", "of", "chain"),
    [
        pytest.param([incident(1, "leaf")], 1, [1], id="alone"),
        pytest.param(
            [incident(1, "root"), incident(2, "middle", caused_by=(1,)), incident(3, "leaf", caused_by=(2,))],
            3, [1, 2, 3], id="to-the-root",
        ),
        pytest.param([incident(3, "leaf", caused_by=(2, 1)), incident(1, "root")], 3, [1, 3], id="one-is-unknown"),
        pytest.param(
            [incident(1, "root"), incident(2, "root", state=PENDING), incident(3, "leaf", caused_by=(2, 1))],
            3, [1, 3], id="what-fires-goes-before-what-is-likelier",
        ),
        pytest.param(
            [incident(1, "root", state=RESOLVED), incident(3, "leaf", caused_by=(1,))], 3, [1, 3],
            id="history-when-nothing-is-left",
        ),
        pytest.param(
            [incident(1, "root", caused_by=(2,)), incident(2, "root", caused_by=(1,))], 2, [1, 2],
            id="a-cycle-in-the-data-ends",
        ),
        pytest.param([incident(1, "root", caused_by=(1,))], 1, [1], id="its-own-cause-in-the-data"),
    ],
)  # fmt: skip
def test_roots(incidents: list[Incident], of: int, chain: list[int]) -> None:
    by_id = {one.id: one for one in incidents}
    assert [one.id for one in roots(by_id[of], by_id)] == chain
