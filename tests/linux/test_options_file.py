"""Files of shell assignments: what is changed means the same to a shell, and the rest stays."""

import subprocess
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchdog.linux.options_file import Assignment, OptionsFileError, add_option, find_assignment

DEBIAN = 'NTPD_OPTS="-g -N"\n\n# NTPD_OPTS="-x" would slew\nIGNORE_DHCP=""\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(DEBIAN, DEBIAN.replace("-g -N", "-g -N -x"), id="debian"),
        pytest.param("NTPD_OPTS='-g'\n", "NTPD_OPTS='-g -x'\n", id="single-quotes"),
        pytest.param('NTPD_OPTS=""\n', 'NTPD_OPTS="-x"\n', id="empty"),
        pytest.param("NTPD_OPTS=\n", 'NTPD_OPTS="-x"\n', id="nothing"),
        pytest.param("NTPD_OPTS=-g\n", 'NTPD_OPTS="-g -x"\n', id="without-quotes"),
        pytest.param('NTPD_OPTS="-g "', 'NTPD_OPTS="-g -x"', id="blank-at-its-end-and-no-newline"),
        pytest.param('NTPD_OPTS="-g" # why\r\n', 'NTPD_OPTS="-g -x" # why\r\n', id="comment-behind-and-crlf"),
        pytest.param(
            'NTPD_OPTS="-4"\nNTPD_OPTS="-g"\n', 'NTPD_OPTS="-4"\nNTPD_OPTS="-g -x"\n', id="the-last-counts"
        ),
        pytest.param("# none", '# none\nNTPD_OPTS="-x"\n', id="not-set"),
        pytest.param("", 'NTPD_OPTS="-x"\n', id="no-text"),
        pytest.param('MY_NTPD_OPTS="$x"\n', 'MY_NTPD_OPTS="$x"\nNTPD_OPTS="-x"\n', id="another-name"),
    ],
)
def test_add(text: str, expected: str) -> None:
    assert add_option(text, "NTPD_OPTS", "-x") == expected


@pytest.mark.parametrize(
    "line",
    [
        pytest.param('NTPD_OPTS="$NTPD_OPTS -4"', id="expands"),
        pytest.param('NTPD_OPTS="`cat /etc/x`"', id="runs-something"),
        pytest.param('NTPD_OPTS="-g \\', id="is-continued"),
        pytest.param('NTPD_OPTS+=" -4"', id="adds"),
        pytest.param('export NTPD_OPTS="-g"', id="systemd-would-not-read-it"),
        pytest.param('  NTPD_OPTS="-g"', id="indented-as-in-an-if"),
        pytest.param('[ -e /x ] && NTPD_OPTS="-g"', id="conditional"),
        pytest.param('NTPD_OPTS="-g" -x', id="a-command-behind-it"),
        pytest.param("NTPD_OPTS=\"-g\"'-N'", id="two-quotes"),
        pytest.param('NTPD_OPTS="-g', id="not-closed"),
        pytest.param("unset NTPD_OPTS", id="unset"),
        pytest.param(". /etc/default/more", id="another-file"),
        pytest.param('IGNORE="', id="a-quote-that-goes-on"),
    ],
)
def test_what_is_not_read_alike_everywhere_is_an_error(line: str) -> None:
    with pytest.raises(OptionsFileError):
        add_option(f"{line}\n", "NTPD_OPTS", "-x")


def test_behind_a_continued_line_it_is_not_what_it_seems() -> None:
    with pytest.raises(OptionsFileError, match="nothing but plain assignments"):
        add_option('IGNORE="a" \\\nNTPD_OPTS="-g"\n', "NTPD_OPTS", "-x")


def test_words() -> None:
    assert find_assignment(DEBIAN, "NTPD_OPTS") == Assignment(value="-g -N", end=16, quoted=True)
    found = find_assignment('OPTIONS="-g  -u ntp:ntp"', "OPTIONS")
    assert found is not None
    assert found.words == ("-g", "-u", "ntp:ntp")
    assert find_assignment(DEBIAN, "OPTIONS") is None


SIGNS = ['V="', "V='", "V=", '"', "'", "-g", " ", "\n", "#", "$x", "\\", "W=1", "W='", ";", "\r"]
PIECES = st.lists(st.sampled_from(SIGNS))


@settings(deadline=None, max_examples=150)
@given(PIECES.map("".join))
def test_a_shell_agrees_with_every_change(text: str) -> None:
    try:
        before, new = find_assignment(text, "V"), add_option(text, "V", "-x")
    except OptionsFileError:
        return
    after = find_assignment(new, "V")
    assert after is not None
    assert after.words == (*(before.words if before else ()), "-x")
    script = f"{new}\nprintf '%s' \"$V\""
    said = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=False)
    if said.returncode == 0 and not said.stderr:  # else the file was broken before, too
        assert tuple(said.stdout.split()) == after.words


@given(st.text(), st.text(min_size=1))
def test_any_text(text: str, variable: str) -> None:
    with suppress(OptionsFileError):
        add_option(text, variable, "-x")
