"""`python -m codekin` and the command `codekin`: the command line, with the servers among its commands."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from codekin.cli import cli, run
from codekin.errors import CodekinError


@cli.command()
@click.option("--stdio", is_flag=True, help="Accepted for editors that insist; it is the only way.")
@click.option("--metrics", default="", metavar="HOST:PORT", help="Also serve metrics for Prometheus, to this machine.")
def serve(*, stdio: bool, metrics: str) -> None:  # noqa: ARG001 - see its help
    """Run the language server on standard input and output."""
    from codekin.lsp import serve as serve_lsp  # noqa: PLC0415 - pygls is for this command alone

    sys.exit(serve_lsp(metrics))


@cli.command("mcp")
@click.argument("path", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path))
def serve_agents(path: Path) -> None:
    """Serve PATH to agents: a Model Context Protocol server on standard input and output."""
    try:
        from codekin.mcp import serve as serve_mcp  # noqa: PLC0415 - an extra, and slow to import
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("mcp", "mcp_types"):
            raise
        raise CodekinError(f"mcp cannot be imported ({error}). Remedy: pip install 'codekin[mcp]'.") from error
    serve_mcp(path)


def main() -> None:
    """Entry point of the command."""
    run()


if __name__ == "__main__":
    main()
