"""The command line: arguments in, text or JSON out; everything else is the engine's."""

from codekin.cli.commands import cli, run

__all__ = ["cli", "run"]
