"""The published schema of the report is that of its shape."""

from tests.report.schema import SCHEMA, render_schema


def test_the_published_schema_is_that_of_the_shape() -> None:
    assert SCHEMA.read_text() == render_schema(), "renew it: .venv/bin/python -m tests.report.schema"
