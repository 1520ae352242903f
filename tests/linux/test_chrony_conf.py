"""chrony's configuration: the flattening, held against the real `chronyd -p`, and what the directives say."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.files_in_memory import Files
from tests.lab.uml import PACKAGES, missing
from tests.needs import need
from watchdog.linux.chrony_conf import (
    ChronyConf,
    MakeStep,
    flatten_chrony_conf,
    flatten_directives,
    parse_chrony_conf,
    parse_directives,
    read_sources,
)
from watchdog.linux.conf_files import MalformedConfError

# What `chronyd -p -f /etc/chrony/chrony.conf` of chrony 4.3 says of Debian 12's file (confdir comes first there).
DEBIAN_PRINTED = """\
pool 2.debian.pool.ntp.org iburst
sourcedir /run/chrony-dhcp
sourcedir /etc/chrony/sources.d
keyfile /etc/chrony/chrony.keys
driftfile /var/lib/chrony/chrony.drift
ntsdumpdir /var/lib/chrony
logdir /var/log/chrony
maxupdateskew 100.0
rtcsync
makestep 1 3
leapsectz right/UTC
"""
RHEL_9 = """\
# Use public servers from the pool.ntp.org project.
pool 2.rhel.pool.ntp.org iburst
# Use NTP servers from DHCP.
sourcedir /run/chrony-dhcp
driftfile /var/lib/chrony/drift
# Allow the system clock to be stepped in the first three updates
# if its offset is larger than 1 second.
makestep 1.0 3
rtcsync
keyfile /etc/chrony.keys
"""
AMAZON = "server 169.254.169.123 prefer iburst minpoll 4 maxpoll 4\npool time.aws.com iburst\nmakestep 1.0 -1\n"


def conf(text: str) -> ChronyConf:
    return parse_chrony_conf(parse_directives(text))


@pytest.mark.parametrize(
    ("text", "makesteps"),
    [
        pytest.param(DEBIAN_PRINTED, [(1.0, 3)], id="debian-12"),
        pytest.param(RHEL_9, [(1.0, 3)], id="rhel-9"),
        pytest.param(AMAZON, [(1.0, -1)], id="step-at-any-time"),
        pytest.param("rtcsync\n", [], id="none"),
        pytest.param("makestep 0.1 0\n", [(0.1, 0)], id="limit-0"),
        pytest.param("MakeStep 1 3\n", [(1.0, 3)], id="case-does-not-matter"),
        pytest.param("  makestep\t1   3  \n", [(1.0, 3)], id="white-space"),
        pytest.param("makestep 1 -1\nmakestep 1 3\n", [(1.0, -1), (1.0, 3)], id="several-in-order"),
        pytest.param("#makestep 1 -1\n!makestep 1 -1\n;makestep 1 -1\n%makestep 1 -1\n", [], id="four-comments"),
        pytest.param(" # makestep 1 -1\n", [], id="indented-comment"),
        pytest.param("makestep 1e1 3.9\n", [(10.0, 3)], id="numbers-as-scanf-takes-them"),
        pytest.param("makestep 1s 3x\n", [(1.0, 3)], id="numbers-with-something-behind"),
        pytest.param("makestep 1e999 -1\n", [(1e9, -1)], id="no-infinity"),
    ],
)
def test_makestep(text: str, makesteps: list[tuple[float, int]]) -> None:
    assert [(m.threshold_seconds, m.limit) for m in conf(text).makesteps] == makesteps


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("makestep\n", id="nothing"),
        pytest.param("makestep 1\n", id="limit-missing"),
        pytest.param("makestep 1 3 # three\n", id="no-comment-behind-a-directive"),
        pytest.param("makestep one 3\n", id="not-a-number"),
        pytest.param("makestep 1 three\n", id="limit-not-a-number"),
        pytest.param("initstepslew\n", id="initstepslew-nothing"),
        pytest.param("initstepslew ntp1\n", id="initstepslew-no-number"),
    ],
)
def test_what_chronyd_would_not_start_with(text: str) -> None:
    with pytest.raises(MalformedConfError, match="chronyd does not take"):
        conf(text)


@pytest.mark.parametrize(
    ("text", "servers"),
    [
        pytest.param(DEBIAN_PRINTED, ("2.debian.pool.ntp.org",), id="debian"),
        pytest.param(AMAZON, ("169.254.169.123", "time.aws.com"), id="server-and-pool"),
        pytest.param("server\npeer 10.0.0.1\nrefclock PHC /dev/ptp0\n", (), id="no-servers"),
        pytest.param("server a\nserver a\n", ("a",), id="each-once"),
    ],
)
def test_servers(text: str, servers: tuple[str, ...]) -> None:
    assert conf(text).servers == servers


def test_the_other_directives() -> None:
    assert conf("initstepslew 30 ntp1 ntp2\nleapsecmode slew\n") == ChronyConf(
        initstepslew_seconds=30.0, leap_second_mode="slew"
    )


def test_sources_are_read_from_their_folders() -> None:
    files = Files(
        {
            "/run/chrony-dhcp/eth0.sources": "server 10.0.0.1 iburst\n",
            "/etc/chrony/sources.d/local.sources": "pool ntp.example.org\nserver 10.0.0.2",
            "/etc/chrony/sources.d/README": "server 10.0.0.3\n",
        }
    )
    # The last line of local.sources is not ended: it is still being written.
    assert read_sources(conf(DEBIAN_PRINTED), files) == ("10.0.0.1", "ntp.example.org")


MAIN = "/etc/chrony/chrony.conf"
TREES = [
    pytest.param({MAIN: "makestep 1 3\n"}, ["makestep 1 3"], id="one-file"),
    pytest.param(
        {MAIN: "confdir /etc/chrony/conf.d\nmakestep 1 3\n", "/etc/chrony/conf.d/a.conf": "makestep 1 -1\n"},
        ["makestep 1 -1", "makestep 1 3"],
        id="debian-a-drop-in-loses",
    ),
    pytest.param(
        {MAIN: "makestep 1 3\ninclude /etc/chrony/late.conf\n", "/etc/chrony/late.conf": "makestep 1 0\n"},
        ["makestep 1 3", "makestep 1 0"],
        id="a-later-include-wins",
    ),
    pytest.param(
        {
            MAIN: "confdir /etc/chrony/conf.d\n",
            "/etc/chrony/conf.d/b.conf": "maxslewrate 1\n",
            "/etc/chrony/conf.d/a.conf": "maxslewrate 2\n",
            "/etc/chrony/conf.d/.hidden.conf": "maxslewrate 3\n",
            "/etc/chrony/conf.d/README": "maxslewrate 4\n",
        },
        ["maxslewrate 2", "maxslewrate 1"],
        id="drop-ins-by-name",
    ),
    pytest.param(
        {
            MAIN: "confdir /etc/one /etc/two\n",
            "/etc/one/b.conf": "maxslewrate 1\n",
            "/etc/two/b.conf": "maxslewrate 2\n",
            "/etc/two/a.conf": "maxslewrate 3\n",
        },
        ["maxslewrate 3", "maxslewrate 1"],
        id="two-folders-the-first-of-a-name-counts",
    ),
    pytest.param(
        {
            MAIN: "include /etc/chrony.d/*.conf\n",
            "/etc/chrony.d/b.conf": "rtcsync\n",
            "/etc/chrony.d/a.conf": "manual\n",
        },
        ["manual", "rtcsync"],
        id="include-by-pattern",
    ),
    pytest.param(
        {MAIN: "include /etc/chrony.d/*.conf\nrtcsync\n", "/etc/chrony.d/README": ""},
        ["rtcsync"],
        id="pattern-without-a-match",
    ),
    pytest.param({MAIN: "confdir /etc/none\nsourcedir /etc/s\n"}, ["sourcedir /etc/s"], id="folder-not-there"),
    pytest.param({MAIN: "! comment\n\n  RTCSYNC\n"}, ["rtcsync"], id="comments-blanks-case"),
]


@pytest.mark.parametrize(("files", "expected"), TREES)
def test_flatten(files: dict[str, str], expected: list[str]) -> None:
    directives = flatten_chrony_conf(MAIN, Files(files)).directives
    assert [" ".join((d.name, *d.arguments)) for d in directives] == expected


@pytest.mark.lab
@pytest.mark.parametrize(("files", "expected"), TREES)
def test_flatten_as_chronyd_does(files: dict[str, str], expected: list[str], tmp_path: Path) -> None:
    need(missing(["chrony"]))
    chrony = PACKAGES / "chrony" / "usr"
    for path, text in files.items():
        place = tmp_path / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text.replace(" /etc", f" {tmp_path}/etc"))
    libraries = {"LD_LIBRARY_PATH": ":".join(map(str, chrony.glob("lib/*-linux-gnu*")))}
    argv = [chrony / "sbin" / "chronyd", "-p", "-f", f"{tmp_path}{MAIN}"]
    printed = subprocess.run(argv, capture_output=True, text=True, check=True, env=libraries).stdout
    lines = [" ".join((d.name, *d.arguments)) for d in parse_directives(printed)]
    assert [line.replace(str(tmp_path), "") for line in lines] == expected


def test_the_place_of_each_is_known() -> None:
    files = Files({MAIN: "confdir /d\n\nmakestep 1 3\n", "/d/a.conf": "# no\nmakestep 1 -1\n"})
    flat = flatten_chrony_conf(MAIN, files)
    assert [m.place for m in parse_chrony_conf(flat.directives).makesteps] == [
        "/d/a.conf line 2",
        f"{MAIN} line 3",
    ]
    assert flat.files == (MAIN, "/d", "/d/a.conf")
    assert str(MakeStep(threshold_seconds=1.0, limit=-1)) == "makestep 1 -1"


def test_directives_on_the_command_line_may_include() -> None:
    flat = flatten_directives(["server 10.0.0.1", "include /a"], Files({"/a": "makestep 1 3\n"}))
    assert [d.name for d in flat.directives] == ["server", "makestep"]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        pytest.param({}, "does not exist", id="no-file"),
        pytest.param({MAIN: "include /etc/none.conf\n"}, "/etc/none.conf does not exist", id="include-not-there"),
        pytest.param({MAIN: f"include {MAIN}\n"}, "more than 10 levels", id="includes-itself"),
        pytest.param({MAIN: "include /\0\n"}, "is not a path", id="no-path"),
    ],
)
def test_what_cannot_be_flattened(files: dict[str, str], message: str) -> None:
    with pytest.raises(MalformedConfError, match=message):
        flatten_chrony_conf(MAIN, Files(files))


PLAIN = "makestep 1 -1 1e99 include confdir sourcedir /d /a /* /[ * /d/x.conf server initstepslew leapsecmode #"
WORDS = st.sampled_from([*PLAIN.split(), "\0", "\n", "\n", "\t", "\x1c", "é"])


@settings(deadline=None)
@given(st.one_of(st.text(), st.lists(WORDS).map(" ".join)), st.lists(WORDS).map(" ".join))
def test_any_text(main: str, other: str) -> None:
    files = Files({"/a": main, "/d/x.conf": other, "/d/y.sources": other})
    try:
        found = parse_chrony_conf(flatten_chrony_conf("/a", files).directives)
        servers = read_sources(found, files)
    except MalformedConfError:
        return
    assert all(isinstance(server, str) for server in servers)
