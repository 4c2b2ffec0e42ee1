"""`codekin outline`: the definitions of a file. It needs no index."""

from __future__ import annotations

import os
from pathlib import Path

import click

from codekin.cli.commands import as_json_option, cli, existing_file, searched
from codekin.cli.running import NOTHING_FOUND
from codekin.display import visible

_MAX_FILE_BYTES = 16_000_000


@cli.command()
@click.argument("file", metavar="FILE")
@as_json_option
def outline(file: str, *, as_json: bool) -> None:
    """Show the definitions in FILE, nested, with their lines.

    FILE is relative to the current folder, or to the workspace around it, as in answers.
    """
    from codekin.chunking import outline_of  # noqa: PLC0415 - keeps `codekin --help` quick
    from codekin.domain.values import Skipped  # noqa: PLC0415
    from codekin.files import read_text  # noqa: PLC0415

    is_here = os.path.isfile(file)  # noqa: PTH113 - unlike Path.is_file, it raises for no name
    real = existing_file(file, None if is_here else searched(None, for_agent=True)).resolve()
    text = read_text(real.parent, real.name, _MAX_FILE_BYTES)
    if isinstance(text, Skipped):
        raise click.UsageError(f"{visible(file)} has no outline: {text.reason}.")
    items = outline_of(real.name, text)
    if as_json:
        from codekin.display import json_line  # noqa: PLC0415
        from codekin.shapes import outline_shape  # noqa: PLC0415

        click.echo(json_line(outline_shape(Path(file).as_posix(), items)).encode())
    else:
        for item in items:
            for depth, entry in item.walk():
                place = click.style(f"{entry.start_line + 1}-{entry.end_line}", fg="cyan")
                click.echo(f"{'  ' * depth}{place} {entry.kind} {click.style(visible(entry.name), bold=True)}")
        if not items:
            click.echo("No definitions.", err=True)
    raise click.exceptions.Exit(0 if items else NOTHING_FOUND)
