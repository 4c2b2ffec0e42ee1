"""`codekin duplicates`: code of a folder that is nearly the same, in groups."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from codekin.cli.commands import as_json_option, cli, folder_argument, run_on_engine
from codekin.cli.running import NOTHING_FOUND
from codekin.display import visible

if TYPE_CHECKING:
    from codekin.engine import Engine
    from codekin.shapes import DuplicateGroupShape, DuplicatesShape, ResultShape


@cli.command()
@folder_argument
@as_json_option
@click.option(
    "-n", "--limit", default=100, show_default=True, type=click.IntRange(1, 1000), help="Maximum number of groups."
)
@click.option(
    "--threshold",
    type=click.FloatRange(0.9, 1),
    help="Minimum similarity of duplicates (0.9 to 1). Default: the setting `duplicatesThreshold`.",
)
@click.option("--lang", "languages", multiple=True, help="Only this language (repeatable).")
@click.option("--path", "paths", multiple=True, help='Only paths that match this glob; "!" excludes (repeatable).')
def duplicates(
    path: Path,
    *,
    as_json: bool,
    limit: int,
    threshold: float | None,
    languages: tuple[str, ...],
    paths: tuple[str, ...],
) -> None:
    """List the code of PATH that is nearly the same, in groups.

    The index is brought up to date first. Groups that repeat most lines come first.
    """

    async def work(engine: Engine) -> int:
        from codekin.api import listed_duplicates  # noqa: PLC0415 - keeps `codekin --help` quick
        from codekin.cli.output import print_json  # noqa: PLC0415
        from codekin.cli.progress import Bar  # noqa: PLC0415

        with Bar(quiet=as_json) as bar:
            await engine.refresh(bar.show)
        found = await listed_duplicates(engine, limit, threshold, languages=languages, paths=paths)
        if as_json:
            print_json(found)
        else:
            _print(found)
        return 0 if found["groups"] else NOTHING_FOUND

    run_on_engine(path, work)


def _print(found: DuplicatesShape) -> None:
    groups = found["groups"]
    for number, group in enumerate(groups, 1):
        click.echo(f"{number:2}. {_title(group)}")
        for place in group["places"]:
            click.echo(f"      {_line(place)}")
        if group["count"] > len(group["places"]):
            click.echo(f"      and {group['count'] - len(group['places']):,} more places")
    if not groups:
        click.echo("No duplicates.", err=True)
    if found["total"] > len(groups):
        click.echo(f"Showing {len(groups):,} of {found['total']:,} groups.", err=True)
    for reason in found["reasons"]:
        click.echo(f"Note: {reason}", err=True)


def _title(group: DuplicateGroupShape) -> str:
    first = group["places"][0]
    lines = first["end_line"] - first["start_line"] + 1
    return f"{click.style(visible(first['symbol']), bold=True)}  {group['count']:,} places, {lines:,} lines"


def _line(place: ResultShape) -> str:
    where = click.style(f"{visible(place['path'])}:{place['start_line']}-{place['end_line']}", fg="cyan", bold=True)
    return f"{where}  {place['reason']}" if "reason" in place else where
