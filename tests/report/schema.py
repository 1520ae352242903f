"""`python -m tests.report.schema` writes docs/report.schema.json anew from the report's shape."""

import json
from pathlib import Path
from typing import Any

import msgspec

from watchdog.report.audit.shape import Report

SCHEMA = Path(__file__).parents[2] / "docs" / "report.schema.json"


def render_schema() -> str:
    (found,), parts = msgspec.json.schema_components([Report], ref_template="#/$defs/{name}")
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What `watchdog report --format json` prints",
        **found,
        "$defs": parts,
    }
    return json.dumps(schema, indent=2) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(render_schema())
