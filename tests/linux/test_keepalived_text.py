"""keepalived.conf's grammar: comments, quotes, includes, conditions, definitions, sequences; what does not end."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.files_in_memory import Files
from watchdog.linux import keepalived_lines
from watchdog.linux.conf_files import MalformedConfError
from watchdog.linux.keepalived_text import Block, KeepalivedText, read_blocks

PATH = "/etc/keepalived/keepalived.conf"
# A block in short: its words, then what is in it.
Short = tuple[str, list["Short"]] | str


def read(text: str, **others: str) -> KeepalivedText:
    files = Files({PATH: text} | {f"/etc/keepalived/{name}": content for name, content in others.items()})
    found = read_blocks(PATH, files, config_id="lb1")
    assert found is not None
    return found


def short(blocks: tuple[Block, ...] | list[Block]) -> list[Short]:
    return [(" ".join(b.words), short(b.lines)) if b.lines else " ".join(b.words) for b in blocks]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [], id="empty"),
        pytest.param("a 1\nb 2", ["a 1", "b 2"], id="lines"),
        pytest.param("a # b\n# c\n  ! d\ne!f", ["a", "e"], id="comments"),
        pytest.param(r"a \# b \! c", ["a # b ! c"], id="a-backslash-before-a-comment-sign"),
        pytest.param('a "b # c" d', ["a b # c d"], id="a-comment-sign-in-quotes"),
        pytest.param("a\r\n{\r\nb\r\n}\r\n", [("a", ["b"])], id="dos-lines"),
        pytest.param("a { b { c 1 } d }", [("a", [("b", ["c 1"]), "d"])], id="blocks-on-one-line"),
        pytest.param("a\n\n{\n b\n}\n", [("a", ["b"])], id="brace-on-its-own-line"),
        pytest.param("a {}\nb", ["a", "b"], id="empty-block"),
        pytest.param('a "{" b', ["a { b"], id="brace-in-quotes"),
        pytest.param("@lb1 a\n@lb2 b\n@^lb1 c\n@^lb2 d\n@lb1\te\n@lb1", ["a", "d", "e"], id="conditions"),
        pytest.param("$X=1 2\na $X\nb ${X}3\nc $X.4", ["a 1 2", "b 1 23", "c $X.4"], id="definition"),
        pytest.param("a $X\n$X=1\na $X\n$X=2\na $X", ["a $X", "a 1", "a 2"], id="definitions-in-their-order"),
        pytest.param("$X =1\na $X", ["$X =1", "a $X"], id="no-blank-before-the-equals-sign"),
        pytest.param("$X=$Y b\n$Y=1\na $X", ["a 1 b"], id="a-definition-of-another"),
        pytest.param("@lb2 $X=1\n@lb1 $X=2\na $X", ["a 2"], id="a-definition-under-a-condition"),
        pytest.param("$X=@lb2 a\n$X\n$Y=@lb1 a\n$Y", ["a"], id="a-condition-in-a-definition"),
        pytest.param("$X=\\\n a 1 \\\n b 2\n$X\nc", ["a 1", "b 2", "c"], id="several-lines"),
        pytest.param("$X=a 1\\\nb 2\\\n\n$X\nc", ["a 1", "b 2", "c"], id="several-lines-end-with-an-empty-one"),
        pytest.param("$X=\\\nb \\\nc\n$X d", ["$X d"], id="several-lines-only-at-the-end-of-a-line"),
        pytest.param("$X=\\\nb {\\\nc $Y\\\n}\n$Y=1\na $X", [("a b", ["c 1"])], id="a-block-of-several-lines"),
        pytest.param("a ${_INSTANCE} ${_PWD}", ["a lb1 /etc/keepalived"], id="standard-definitions"),
        pytest.param("~SEQ(X, 3) a $X", ["a 1", "a 2", "a 3"], id="sequence-to"),
        pytest.param("~SEQ(X, 2, 3) a ${X}b", ["a 2b", "a 3b"], id="sequence-from-to"),
        pytest.param("~SEQ(X, 8, -3, 1) a $X", ["a 8", "a 5", "a 2"], id="sequence-backwards"),
        pytest.param("~SEQx(X, 9, 11) a $X", ["a 9", "a a", "a b"], id="sequence-in-hex"),
        pytest.param(
            "~SEQ(X, 2) ~SEQ(Y, 2) a $X $Y", ["a 1 1", "a 1 2", "a 2 1", "a 2 2"], id="a-sequence-of-sequences"
        ),
        pytest.param("~SEQ(X, 2) a $X { b $X }\nc", [("a 1", ["b 1"]), ("a 2", ["b 2"]), "c"], id="blocks-unfold"),
        pytest.param("~LST(X, eth0, eth1) a $X", ["a eth0", "a eth1"], id="list"),
        pytest.param("~LST({X, Y}, {1, b}, {2}) a $X $Y", ["a 1 b", "a 2"], id="list-of-sets"),
        pytest.param("a " + "x" * 1019 + "y z", ["a " + "x" * 1019 + "y", "z"], id="a-line-too-long-is-two"),
    ],
)
def test_text(text: str, expected: list[Short]) -> None:
    found = read(text)
    assert (short(found.blocks), found.problems) == (expected, ())


@pytest.mark.parametrize(
    ("main", "others", "expected"),
    [
        pytest.param("include a", {"a": "b"}, ["b"], id="one"),
        pytest.param("a {\ninclude b\n}", {"b": "c"}, [("a", ["c"])], id="within-a-block"),
        pytest.param("include x/*.d\nd", {"x/2.d": "b", "x/1.d": "a", "x/c": "c"}, ["a", "b", "d"], id="glob"),
        pytest.param("include x{1,2,3}\nd", {"x1": "a", "x3": "c"}, ["a", "c", "d"], id="braces"),
        pytest.param(
            "include d/a\ninclude b",
            {"d/a": "include b", "d/b": "1", "b": "2"},
            ["1", "2"],
            id="from-its-own-folder",
        ),
        pytest.param("include d/*", {"d/a": "1", "d/e/f": "2"}, ["1"], id="folders-are-passed-over"),
        pytest.param("$X=1\ninclude a\nb $X", {"a": "a $X\n$X=2"}, ["a 1", "b 2"], id="definitions-cross-files"),
        pytest.param("@lb2 include a\n@lb1 include b", {"a": "a", "b": "b"}, ["b"], id="under-a-condition"),
        pytest.param("includer a\nincludea b", {"a": "a", "b": "b"}, ["a", "b"], id="variants"),
    ],
)
def test_includes(main: str, others: dict[str, str], expected: list[Short]) -> None:
    found = read(main, **others)
    assert (short(found.blocks), found.problems) == (expected, ())


@pytest.mark.parametrize(
    ("text", "expected", "problem"),
    [
        pytest.param("a }\nb", ["a", "b"], "a '}' too many", id="closed-twice"),
        pytest.param("a { b", [("a", ["b"])], "the end came before the last '}'", id="never-closed"),
        pytest.param("{\nb\n}\nc", ["c"], "a '{' without a keyword before it", id="a-block-of-nothing"),
        pytest.param('a "b c', ["a b c"], "a quote without its partner: a ...", id="quote"),
        pytest.param("include *.x\na", ["a"], "include *.x: no such file", id="include"),
        pytest.param("~SEQ(X) a", [], "cannot be unfolded: ~SEQ(X) ...", id="sequence-of-nothing"),
        pytest.param("~SEQ(X, 1, 0, 5) a", [], "cannot be unfolded: ~SEQ(X, ...", id="no-step"),
        pytest.param("~LST() a", [], "cannot be unfolded: ~LST() ...", id="list-of-nothing"),
        pytest.param("a $_RANDOM", ["a $_RANDOM"], "$_RANDOM is known to keepalived only", id="chance"),
        pytest.param("include \x1b[2J\na", ["a"], "include ?[2J: no such file", id="control-characters"),
    ],
)
def test_what_cannot_be_as_it_was_meant(text: str, expected: list[Short], problem: str) -> None:
    found = read(text)
    assert (short(found.blocks), found.problems) == (expected, (problem,))


@pytest.mark.parametrize(
    ("text", "others"),
    [
        pytest.param("include keepalived.conf", {}, id="includes-itself"),
        pytest.param("include a\n" * 300, {"a": ""}, id="includes-too-much"),
        pytest.param("$X=$X\na $X", {}, id="is-itself"),
        pytest.param("$X=\\\na\\\n$X\n$X", {}, id="contains-itself"),
        pytest.param("~SEQ(X, 1000000000) a $X", {}, id="a-billion-lines"),
        pytest.param("~SEQ(X, 1000) ~SEQ(Y, 1000) a", {}, id="a-million-lines"),
        pytest.param("a " + "{ a " * 50, {}, id="blocks-without-end"),
        pytest.param("include a\0b", {}, id="no-path"),
    ],
)
def test_what_does_not_end_is_given_up(text: str, others: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keepalived_lines, "MAX_STEPS", 20_000)
    with pytest.raises(MalformedConfError):
        read(text, **others)


def test_a_line_that_grows_beyond_bounds_is_told() -> None:
    found = read("$X=$X 12345678\na $X")
    assert [problem[:33] for problem in found.problems] == ["a line becomes too long by its de"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('auth_pass "s3cret', id="quote"),
        pytest.param('auth_pass"s3cret', id="quote-without-a-blank"),
        pytest.param("~LST(x auth_pass s3cret", id="list"),
        pytest.param("~SEQ(x,) auth_pass s3cret", id="sequence"),
        pytest.param(f"$X={'1' * 1000}\nauth_pass s3cret-$X-{'2' * 500} $X", id="too-long"),
    ],
)
def test_a_problem_never_tells_a_password(text: str) -> None:
    found = read(text)
    assert found.problems
    assert "s3cret" not in "".join(found.problems)


def test_no_file_is_no_configuration() -> None:
    assert read_blocks(PATH, Files()) is None


def test_files_of_a_container_are_read_below_its_root() -> None:
    files = Files({f"/proc/7/root{PATH}": "include a", "/proc/7/root/etc/keepalived/a": "b"})
    found = read_blocks(PATH, files, prefix="/proc/7/root")
    assert found is not None
    assert (short(found.blocks), found.files) == (["b"], (PATH, "/etc/keepalived/a"))


WORDS = st.sampled_from(
    [
        *("{", "}", "a", "$X", "${X}", "$X=", "$X=\\", "~SEQ(X,3)", "~LST(X,1,2)", "@lb1", "@^x", "include", "b"),
        *("c*", '"', "'", "#", "!", "\\", ",", "\0", "1"),
        "\n",
        "\n",
    ]
)


@settings(deadline=None, max_examples=300)
@given(st.one_of(st.text(), st.lists(WORDS).map(" ".join)), st.lists(WORDS).map(" ".join))
def test_any_text(main: str, other: str) -> None:
    files = Files({PATH: main, "/etc/keepalived/b": other, "/etc/keepalived/c1": other})
    try:
        found = read_blocks(PATH, files, config_id="lb1")
    except MalformedConfError:
        return
    assert found is not None
    assert all(problem.isprintable() for problem in found.problems)
