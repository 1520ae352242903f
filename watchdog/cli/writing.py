"""Where what a command says goes: to stdout, or whole or not at all to a file."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

import click

from watchdog.cli.stdout import write, write_pieces
from watchdog.report.page import Page


def put(output: Path | None, pieces: Iterable[str], page: Page | None = None) -> None:
    """Write pieces to a file or to stdout; there a page, where there is one, as its reader likes it best."""
    if output is not None:
        _write_file(output, pieces)
    elif page is not None:
        write(page)
    else:
        write_pieces(pieces)


def _write_file(output: Path, pieces: Iterable[str]) -> None:
    """Write the report whole or not at all; to what is there and no file (a pipe, /dev/stdout), just write."""
    try:
        if output.exists() and not output.is_file():
            with output.open("w", encoding="utf-8", newline="") as file:
                file.writelines(pieces)
            return
        with tempfile.NamedTemporaryFile(
            "w", dir=output.parent, delete=False, encoding="utf-8", newline=""
        ) as file:
            try:
                file.writelines(pieces)
                file.flush()
                Path(file.name).replace(output)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise click.ClickException(f"cannot write {output}: {error.strerror}") from error
