"""`codekin outline`: the definitions of a file. It needs no index."""

from __future__ import annotations

from pathlib import Path

import click

from codekin.cli.commands import as_json_option, cli
from codekin.cli.running import NOTHING_FOUND
from codekin.display import visible

_MAX_FILE_BYTES = 16_000_000


@cli.command()
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_json_option
def outline(file: Path, *, as_json: bool) -> None:
    """Show the definitions in FILE, nested, with their lines."""
    from codekin.chunking import outline_of  # noqa: PLC0415 - keeps `codekin --help` quick
    from codekin.domain.values import Skipped  # noqa: PLC0415
    from codekin.files import read_text  # noqa: PLC0415

    real = file.resolve()
    text = read_text(real.parent, real.name, _MAX_FILE_BYTES)
    if isinstance(text, Skipped):
        raise click.UsageError(f"{visible(str(file))} has no outline: {text.reason}.")
    items = outline_of(real.name, text)
    if as_json:
        from codekin.display import json_line  # noqa: PLC0415
        from codekin.shapes import outline_shape  # noqa: PLC0415

        click.echo(json_line(outline_shape(file.as_posix(), items)).encode())
    else:
        for item in items:
            for depth, entry in item.walk():
                place = click.style(f"{entry.start_line + 1}-{entry.end_line}", fg="cyan")
                click.echo(f"{'  ' * depth}{place} {entry.kind} {click.style(visible(entry.name), bold=True)}")
        if not items:
            click.echo("No definitions.", err=True)
    raise click.exceptions.Exit(0 if items else NOTHING_FOUND)
