"""The entry point of `python -m codekin` and `codekin`: the command line, including the servers."""

from __future__ import annotations

from pathlib import Path

import click

from codekin.cli import cli, run
from codekin.errors import CodekinError
from codekin.memory import own_process


@cli.command()
@click.option("--stdio", is_flag=True, help="Ignored; stdio is the only transport.")
@click.option("--metrics", default="", metavar="HOST:PORT", help="Also serve Prometheus metrics to this machine.")
def serve(*, stdio: bool, metrics: str) -> None:  # noqa: ARG001 - see its help
    """Run the language server on standard input and output."""
    from codekin.streams import claim_streams  # noqa: PLC0415 - it imports asyncio, which commands may not need

    streams = claim_streams()
    own_process()
    from codekin.lsp import serve as serve_lsp  # noqa: PLC0415 - pygls is for this command alone

    serve_lsp(streams, metrics)


@cli.command("mcp")
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
def serve_agents(paths: tuple[Path, ...]) -> None:
    """Run a Model Context Protocol server on standard input and output.

    Each PATH is a folder to serve; the first one is the default.
    """
    from codekin.streams import claim_streams  # noqa: PLC0415 - as above

    streams = claim_streams()
    own_process()
    try:
        from codekin.mcp import serve as serve_mcp  # noqa: PLC0415 - an extra, and slow to import
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("mcp", "mcp_types"):
            raise
        raise CodekinError(
            f"Could not import the MCP library ({error}). To fix: run `pip install 'codekin[mcp]'`."
        ) from error
    serve_mcp(paths or (Path(),), streams)


@cli.command()
@click.argument("path", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for programs.")
@click.option(
    "--queries", default=200, show_default=True, type=click.IntRange(2, 5000), help="Maximum number of queries."
)
@click.option("--seed", default=0, show_default=True, help="Seed of the random choice of queries.")
@click.option("--model", "models", multiple=True, help="A value of the setting `embedder` to measure (repeatable).")
def evaluate(path: Path, *, as_json: bool, queries: int, seed: int, models: tuple[str, ...]) -> None:
    """Measure the quality of search on PATH, with queries from its own comments and names."""
    from codekin.config import load_config  # noqa: PLC0415 - keeps `codekin --help` quick
    from codekin.evaluating import evaluate as measure  # noqa: PLC0415
    from codekin.evaluating import print_evaluation  # noqa: PLC0415
    from codekin.event_loop import run_async  # noqa: PLC0415

    config = load_config()
    progress = (lambda _: None) if as_json else (lambda text: click.echo(text, err=True))
    chosen = models or (config.embedder,)
    print_evaluation(
        run_async(measure(path.resolve(), config, chosen, most=queries, seed=seed, progress=progress)),
        as_json=as_json,
    )


def main() -> None:
    """Run the command."""
    run()


if __name__ == "__main__":
    main()
