"""`codekin blame`: the commits that last changed lines of a file. It needs no index."""

from __future__ import annotations

import click

from codekin.cli.commands import as_json_option, cli, location_of
from codekin.display import short_sha, visible, who
from codekin.domain.commits import Blamed

_EVERY_LINE = 1 << 31


@cli.command()
@click.argument("place", metavar="FILE[:LINE[-END]]")
@as_json_option
def blame(place: str, *, as_json: bool) -> None:
    """Show which commits last changed the lines of FILE, as it is on disk now."""
    from codekin.history import blame_file  # noqa: PLC0415 - keeps `codekin --help` quick

    file, first, last = location_of(place)
    end = last or first or _EVERY_LINE
    found = blame_file(file.parent, file.name, None, (first or 1) - 1, end)
    if not found:
        raise click.UsageError(f"{visible(file.name)} has no line {first or 1}.")
    if as_json:
        from codekin.cli.output import print_json  # noqa: PLC0415 - it imports the engine
        from codekin.shapes import blamed_shape  # noqa: PLC0415

        print_json({"lines": [blamed_shape(item) for item in found]})
        return
    for item in found:
        click.echo(_line(item))


def _line(item: Blamed) -> str:
    place = click.style(f"{item.start_line + 1}-{item.end_line}", fg="cyan", bold=True)
    if not item.sha:
        return f"{place}  not committed yet"
    note = " (the shallow clone ends here; an earlier commit may be the actual one)" if item.cut else ""
    sha = click.style(short_sha(item.sha), fg="yellow", bold=True)
    return f"{place}  {sha}  {who(item.author, item.day)}  {visible(item.title)}{note}"
