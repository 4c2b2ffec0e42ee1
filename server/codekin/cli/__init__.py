"""The command line: it turns arguments into calls of the engine, and results into text or JSON."""

from codekin.cli.agents import agents, expand, references
from codekin.cli.blame import blame
from codekin.cli.commands import cli, run
from codekin.cli.deep import deep
from codekin.cli.duplicates import duplicates
from codekin.cli.outline import outline
from codekin.cli.store import store

__all__ = ["agents", "blame", "cli", "deep", "duplicates", "expand", "outline", "references", "run", "store"]
