"""What `watchdog install` puts in place, and whether a file that is there is ours."""

from pathlib import Path

import pytest

from watchdog.cli.shipped import PROGRAM, There, Variant, compare, is_plain, seal, shipped

CONFIG = Path(__file__).parents[2] / "config"
OLD, NEW = seal("[Unit]\nold\n"), seal("[Unit]\nnew\n")


@pytest.mark.parametrize(
    ("there", "is_"),
    [
        pytest.param(None, There.NOTHING, id="nothing-there"),
        pytest.param(NEW, There.THE_SAME, id="as-it-will-be"),
        pytest.param(OLD, There.OURS, id="of-an-older-watchdog"),
        pytest.param(OLD + "x", There.CHANGED, id="a-letter-more"),
        pytest.param(OLD.replace("old", "0ld"), There.CHANGED, id="a-letter-changed"),
        pytest.param(OLD.rstrip("\n"), There.CHANGED, id="the-last-line-end-lost"),
        pytest.param(OLD.splitlines()[0], There.CHANGED, id="only-the-seal-left"),
        pytest.param("[Unit]\nold\n", There.FOREIGN, id="without-a-seal"),
        pytest.param("", There.FOREIGN, id="empty"),
        pytest.param("# my own first line\n" + OLD, There.FOREIGN, id="a-line-before-the-seal"),
    ],
)
def test_whose_file_it_is(there: str | None, is_: There) -> None:
    assert compare(there, NEW) is is_


@pytest.mark.parametrize("variant", Variant)
def test_every_file_of_a_variant_is_shipped_and_calls_the_program_that_runs(variant: Variant) -> None:
    files = list(
        shipped(variant, lambda name: (CONFIG / name).read_text(), ("/srv/w/bin/watchdog", "--config", "/c"))
    )
    text = "".join(one.text for one in files)
    assert PROGRAM not in text
    assert "/srv/w/bin/watchdog --config /c " in text
    assert [one.path for one in files] == list(variant.files)


def test_every_shipped_unit_belongs_to_a_variant() -> None:
    """Else nobody would ever get it."""
    folders = ("systemd", "cron.d", "sysusers.d", "tmpfiles.d")
    there = {f"{folder}/{path.name}" for folder in folders for path in (CONFIG / folder).iterdir()}
    assert there == {name for variant in Variant for name in variant.files.values()}


def test_no_two_variants_have_a_path_in_common() -> None:
    paths = [path for variant in Variant for path in variant.files]
    assert len(paths) == len(set(paths))


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        pytest.param("/opt/host-watchdog/bin/watchdog", True, id="plain"),
        pytest.param("/opt/w+1.2@x_y/bin/watchdog", True, id="what-pip-and-nix-use"),
        pytest.param("/opt/my watchdog", False, id="blank"),
        pytest.param("/opt/100%/watchdog", False, id="systemd-and-cron-take-%"),
        pytest.param("/opt/$HOME/watchdog", False, id="dollar"),
        pytest.param("/opt/w\n* * * * * root rm", False, id="line-end"),
        pytest.param("/opt/w\n", False, id="line-end-last"),
        pytest.param("bin/watchdog", False, id="relative"),
        pytest.param("/opt/ä", False, id="not-ascii"),
    ],
)
def test_which_paths_mean_themselves(path: str, plain: bool) -> None:
    assert is_plain(path) is plain
