"""The command line: arguments in, text or JSON out; everything else is the engine's."""

from codekin.cli.blame import blame
from codekin.cli.commands import cli, run
from codekin.cli.deep import deep
from codekin.cli.store import store

__all__ = ["blame", "cli", "deep", "run", "store"]
