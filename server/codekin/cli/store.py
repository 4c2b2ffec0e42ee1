"""What concerns the stores themselves: `codekin store ...`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from codekin.cli.commands import NOTHING_FOUND, as_json_option, cli, folder_argument, run_on_engine

if TYPE_CHECKING:
    from codekin.engine import Engine


@cli.group()
def store() -> None:
    """Look after the stores that an index consists of."""


@store.command()
@folder_argument
@as_json_option
@click.option("--check/--fix", default=True, help="Compare alone (the default), or also embed what is missing.")
def sync(path: Path, *, as_json: bool, check: bool) -> None:
    """Hold the metadata, vectors and postings of PATH against each other. Exit status 1 where they are not in step.

    Missing is what the metadata names and a store lacks; unnamed what a store holds of content that is gone, kept for the
    day when it comes back.
    """

    async def work(engine: Engine) -> int:
        from codekin.cli.output import print_sync  # noqa: PLC0415
        from codekin.cli.progress import Bar  # noqa: PLC0415

        before = engine.status().computed
        (report,) = await engine.compare()
        if not check and not report.in_step:
            with Bar(quiet=as_json) as bar:
                (report,) = await engine.repair(bar.show)
        print_sync(report, engine.status().computed - before, as_json=as_json)
        return 0 if report.in_step else NOTHING_FOUND

    run_on_engine(path, work)
