"""What is read in SQL knows of the tables what the models know."""

from typing import Any

import pytest
from sqlalchemy import Column

from watchdog.history.cells import Exactly
from watchdog.history.kinds import kind_of_column, looked_at, storable
from watchdog.history.models import METADATA
from watchdog.history.rows import BadRow
from watchdog.history.version import TABLES

COLUMNS = [column for table in METADATA.tables.values() for column in table.columns]


def test_the_tables_that_a_reader_wants_are_those_of_the_models() -> None:
    assert set(METADATA.tables) == TABLES


@pytest.mark.parametrize("column", COLUMNS, ids=str)
def test_the_name_of_a_column_says_of_what_kind_its_cells_are(column: Column[Any]) -> None:
    kind = column.type.holds if isinstance(column.type, Exactly) else column.type.python_type
    assert kind_of_column(column.name) is kind


@pytest.mark.parametrize(
    ("kind", "cells", "found"),
    [
        pytest.param(int, (1, None, -(2**63)), (1, None, -(2**63)), id="whole"),
        pytest.param(float, (1, 0.5, None), (1, 0.5, None), id="real-or-whole"),
        pytest.param(bool, (1, 0), (True, False), id="yes-or-no"),
        pytest.param(bytes, (b"\xff",), (b"\xff",), id="bytes"),
        pytest.param(str, ("a", b"\xed\xb2\x80", None), ("a", "\udc80", None), id="text-that-is-no-utf-8"),
    ],
)
def test_what_fits_comes_out_as_it_is(kind: type, cells: tuple[object, ...], found: tuple[object, ...]) -> None:
    assert tuple(looked_at(kind, cells)) == found


@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        pytest.param(int, "7", id="text-for-a-number"),
        pytest.param(int, 0.5, id="half-for-a-whole"),
        pytest.param(float, "0.5", id="text-for-a-real"),
        pytest.param(str, 7, id="number-for-a-text"),
        pytest.param(str, b"\xff", id="bytes-that-no-text-of-ours-is"),
        pytest.param(bytes, "x", id="text-for-bytes"),
        pytest.param(bool, "no", id="text-for-yes-or-no"),
    ],
)
def test_what_does_not_fit_is_a_bad_row(kind: type, cell: object) -> None:
    with pytest.raises(BadRow, match=f"should be of type {kind.__name__} holds"):
        looked_at(kind, (None, cell))


@pytest.mark.parametrize("text", ["eth0", "straße", "\udcff", "a\udc80b"])
def test_any_text_comes_back_from_what_is_stored(text: str) -> None:
    assert tuple(looked_at(str, (storable(text),))) == (text,)
