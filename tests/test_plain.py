import itertools
import json
from collections import OrderedDict
from typing import Any

import pytest

from watchdog.plain import plain_evidence, shorten


def cycle() -> dict[str, Any]:
    evidence: dict[str, Any] = {}
    evidence["self"] = evidence
    return evidence


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


def laughs() -> list[Any]:
    """A billion of them in a few lines."""
    value: list[Any] = ["ha"]
    for _ in range(15):
        value = [value] * 10
    return value


@pytest.mark.parametrize(
    "value",
    [None, True, 0, -1, 1.5, "", "a\x00\n\u202e", "\udcff", [1, [2]], {"a": {"b": []}}, 2**1000],
)
def test_what_json_can_say_stays_as_it_is(value: Any) -> None:
    assert plain_evidence({"x": value}) == {"x": value}


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        pytest.param(b"\xffa", "\\xffa", id="bytes"),
        pytest.param(float("nan"), "nan", id="nan"),
        pytest.param(float("-inf"), "-inf", id="infinity"),
        pytest.param({3, 1, 2}, [1, 2, 3], id="set"),
        pytest.param((1, 2), [1, 2], id="tuple"),
        pytest.param(OrderedDict({(1, 2): 3}), {"(1, 2)": 3}, id="keys"),
        pytest.param(1 << 2000, hex(1 << 2000), id="huge"),
        pytest.param(OSError("oh"), "oh", id="object"),
        pytest.param((n * n for n in range(3)), [0, 1, 4], id="generator"),
    ],
)
def test_what_json_has_no_word_for_becomes_text(value: object, plain: object) -> None:
    assert plain_evidence({"x": value}) == {"x": plain}


@pytest.mark.parametrize(
    "evidence",
    [
        pytest.param(cycle(), id="contains-itself"),
        pytest.param({"x": nested(100_000)}, id="deep"),
        pytest.param({"x": laughs()}, id="wide"),
        pytest.param({"x": itertools.count()}, id="endless"),
        pytest.param({n: n for n in range(100_000)}, id="many"),
    ],
)
def test_what_has_no_end_is_cut(evidence: object) -> None:
    text = json.dumps(plain_evidence(evidence))
    assert "..." in text
    assert len(text) < 1_000_000


@pytest.mark.parametrize("evidence", [None, [1], "x", 3])
def test_evidence_has_names(evidence: object) -> None:
    with pytest.raises(TypeError, match="should be a mapping"):
        plain_evidence(evidence)


def test_what_nobody_reads_to_its_end_is_cut() -> None:
    assert shorten("x" * 2000) == "x" * 2000
    assert shorten("x" * 2001) == "x" * 1997 + "..."
