"""`codekin deep`: embed a folder with the model that understands paraphrases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from codekin.cli.commands import cli, folder_argument, run_on_engine

if TYPE_CHECKING:
    from codekin.engine import Engine


@cli.group()
def deep() -> None:
    """Manage the deep tier: a small transformer that embeds everything a second time.

    It works in the background where its model is installed (codekin-deep-model).
    """


@deep.command()
@folder_argument
def fill(path: Path) -> None:
    """Embed all of PATH with the deep model now, instead of in the background."""

    async def work(engine: Engine) -> int:
        from codekin.cli.progress import Bar  # noqa: PLC0415 - rich takes 100 ms

        with Bar(quiet=False) as bar:
            await engine.index(bar.show)
            await engine.deepen(bar.show)
        done = engine.status().deep
        click.echo(f"Embedded {done.covered:,} of {done.total:,} chunks with {done.model}")
        return 0

    from codekin.config import load_config  # noqa: PLC0415 - keeps `codekin --help` quick

    # Who asks for it wants the model, even if it would only be used in the background otherwise.
    setting = load_config().deep
    run_on_engine(path, work, deep="on" if setting == "auto" else setting)
