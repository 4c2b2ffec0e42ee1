"""The command line: arguments in, text or JSON out; everything else is the engine's."""

from codekin.cli.commands import cli, run
from codekin.cli.deep import deep

cli.add_command(deep)

__all__ = ["cli", "run"]
