"""What a command says on stdout: a page as its reader likes it best, JSON, or text."""

import sys
from collections.abc import Iterable
from contextlib import suppress

import click

from watchdog.report.page import Page, render_json, render_plain


def write(page: Page) -> None:
    """Write a page: with rich on a terminal, else as plain aligned text."""
    if sys.stdout and sys.stdout.isatty():  # None: somebody closed it
        from watchdog.report.terminal import draw  # rich takes a while to load

        draw(page)
    else:
        write_text(render_plain(page))


def write_json(value: object) -> None:
    """Write a JSON value."""
    write_text(render_json(value))


def write_text(text: str) -> None:
    """Write text and a line end."""
    write_pieces((f"{text}\n",))


def write_pieces(pieces: Iterable[str]) -> None:
    """Write pieces of a text. A reader that has gone away (`| head`) has read enough: it changes nothing."""
    with suppress(BrokenPipeError):
        for piece in pieces:
            click.echo(piece, nl=False)
