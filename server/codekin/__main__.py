"""`python -m codekin` and the command `codekin`: the command line with the language server as one of its commands."""

from __future__ import annotations

import sys

import click

from codekin.cli import cli, run


@cli.command()
@click.option("--stdio", is_flag=True, help="Accepted for editors that insist; it is the only way.")
def serve(*, stdio: bool) -> None:  # noqa: ARG001 - see its help
    """Run the language server on standard input and output."""
    from codekin.lsp import serve as serve_lsp  # noqa: PLC0415 - pygls is for this command alone

    sys.exit(serve_lsp())


def main() -> None:
    """Entry point of the command."""
    run()


if __name__ == "__main__":
    main()
