"""`codekin blame`: which commit lines of a file are from. It needs no index."""

from __future__ import annotations

import click

from codekin.cli.commands import as_json_option, cli, location_of
from codekin.display import visible, who
from codekin.domain.commits import Blamed

_EVERY_LINE = 1 << 31


@cli.command()
@click.argument("place", metavar="FILE[:LINE[-END]]")
@as_json_option
def blame(place: str, *, as_json: bool) -> None:
    """Say which commit last changed the lines of FILE, as they are on disk now."""
    from codekin.history import blame_file  # noqa: PLC0415 - keeps `codekin --help` quick

    file, first, last = location_of(place)
    end = last or first or _EVERY_LINE
    found = blame_file(file.parent, file.name, None, (first or 1) - 1, end)
    if not found:
        raise click.UsageError(f"{visible(file.name)} has no line {first or 1}.")
    if as_json:
        from codekin.cli.output import print_json  # noqa: PLC0415 - it takes the engine along
        from codekin.shapes import blamed_shape  # noqa: PLC0415

        print_json({"lines": [blamed_shape(item) for item in found]})
        return
    for item in found:
        click.echo(_line(item))


def _line(item: Blamed) -> str:
    place = click.style(f"{item.start_line + 1}-{item.end_line}", fg="cyan", bold=True)
    if not item.sha:
        return f"{place}  not committed yet"
    note = " (the clone ends at this commit: an earlier one may be meant)" if item.cut else ""
    return f"{place}  {click.style(item.sha[:10], fg='yellow', bold=True)}  {who(item.author, item.day)}  {visible(item.title)}{note}"
