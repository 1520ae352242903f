"""`watchdog report --verify`."""

import json
from pathlib import Path

import pytest

from tests.cli.command import Cli
from tests.history.audited import KINDS, forge, meddle, write_audited
from watchdog.history.chain import GENESIS

KEEP = "keep this line with your records"


@pytest.fixture
def healed(cli: Cli) -> Cli:
    """A host on which something of every kind was told to the audit."""
    write_audited(cli.history)
    return cli


def head_of(cli: Cli) -> str:
    proof = cli("report", "--verify", "--json").json
    assert proof["proven"]
    head: str = proof["head"]
    return head


def test_what_nobody_touched_is_proven(healed: Cli) -> None:
    done = healed("report", "--verify")
    assert (done.code, done.err) == (0, "")
    head = head_of(healed)
    assert done.out.splitlines() == [
        f"proven: {len(KINDS)} rows of the audit, none altered, missing or out of order",
        "5 attempts stand in the history as the audit tells of them",
        f"head  {head}",
        f"{KEEP}; `watchdog report --verify --head {head}` proves later that nothing before it was changed",
    ]
    later = healed("report", "--verify", "--head", head)
    assert later.code == 0
    assert f"nothing up to row {len(KINDS)} was changed since its head was noted; 0 came since" in later.out
    healed("pause", "--why", "x")
    assert "; 1 came since" in healed("report", "--verify", "--head", head.upper()).out


def test_nothing_was_ever_healed(cli: Cli) -> None:
    cli("notify", "drain")
    done = cli("report", "--verify")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("proven: the audit is empty; nothing was proposed, healed or held back yet\n")
    assert cli("report", "--verify", "--head", f"0:{GENESIS}").code == 0


@pytest.mark.parametrize(
    ("statement", "row", "what"),
    [
        ("UPDATE audit SET payload = '{}' WHERE seq = 7", 7, "altered"),
        ("DELETE FROM audit WHERE seq = 7", 7, "missing"),
        ("DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)", len(KINDS), "cut_off"),
    ],
)
def test_the_first_row_that_is_broken_is_named(healed: Cli, statement: str, row: int, what: str) -> None:
    meddle(healed.history, statement)
    done = healed("report", "--verify")
    assert (done.code, done.err) == (2, "")
    assert done.out.startswith(f"NOT PROVEN: row {row} ({what.replace('_', ' ')}): ")
    assert KEEP not in done.out
    proof = healed("report", "--verify", "--format", "json")
    assert (proof.code, proof.json["proven"], proof.json["rows"]) == (2, False, row - 1)
    assert (proof.json["broken"]["row"], proof.json["broken"]["what"]) == (row, what)


def test_an_edited_table(healed: Cli) -> None:
    meddle(healed.history, "UPDATE attempts SET outcome = 'healed' WHERE id = 4")
    done = healed("report", "--verify")
    assert done.code == 2
    assert done.out.startswith(
        "NOT PROVEN: the audit is whole, but the history says something else than it does\n"
    )
    assert "attempt 4: the outcome of it is 'healed', and the audit tells 'rolled_back'" in done.out


def test_a_chain_that_was_written_anew_shows_against_the_head_that_was_kept(healed: Cli) -> None:
    head = head_of(healed)
    meddle(healed.history, "UPDATE audit SET wall_ns = 1 WHERE seq = 3")
    forge(healed.history)
    assert healed("report", "--verify").code == 2  # the table still says when it began
    meddle(healed.history, "UPDATE attempts SET started_wall_ns = 1, ended_wall_ns = 1 WHERE id = 3")
    done = healed("report", "--verify", "--head", head)
    assert done.code == 2
    assert f"row {len(KINDS)}, or one before it, was written anew since its head was noted" in done.out


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--head", f"1:{GENESIS}"], "--head goes with --verify"),
        (["--verify", "--head", "1:abc"], "expected COUNT:HASH"),
        (["--verify", "--head", GENESIS], "expected COUNT:HASH"),
        (["--verify", "--head", f"-1:{GENESIS}"], "expected COUNT:HASH"),
        (["--verify", "--head", f"1:{GENESIS[:-2]} 0"], "expected COUNT:HASH"),
    ],
)
def test_usage(healed: Cli, words: list[str], complaint: str) -> None:
    done = healed("report", *words)
    assert (done.code, done.out) == (3, "")
    assert complaint in done.err


def test_what_cannot_be_read_is_not_called_broken_or_proven(cli: Cli) -> None:
    done = cli("report", "--verify")
    assert (done.code, done.out) == (3, "")
    assert "there is no history" in done.err


def test_into_a_file(healed: Cli, tmp_path: Path) -> None:
    output = tmp_path / "proof.json"
    done = healed("report", "--verify", "--json", "--output", str(output))
    assert (done.code, done.out) == (0, "")
    assert json.loads(output.read_text())["proven"]


def test_json_is_the_same_as_format_json(healed: Cli) -> None:
    ours, theirs = (healed("report", *words).json for words in (["--json"], ["--format", "json"]))
    assert ours.keys() == theirs.keys()
