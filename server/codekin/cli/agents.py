"""Commands for agents: more of a place, uses of a name, and the configuration of clients."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from codekin.cli.commands import answer_agent, as_json_option, cli, location_of, searched, searched_argument
from codekin.cli.forms import Form
from codekin.display import visible

if TYPE_CHECKING:
    from codekin.agent_clients import Change, Edit

_CLIENTS = ("claude", "codex", "cursor", "gemini", "copilot", "zed", "opencode")
_max_tokens = click.option(
    "--max-tokens",
    default=2_000,
    show_default=True,
    type=click.IntRange(200, 100_000),
    help="Maximum length of the answer.",
)


@cli.command()
@click.argument("place", metavar="FILE[:LINE[-END]]")
@as_json_option
@_max_tokens
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The indexed folder. Default: the workspace around the current folder.",
)
def expand(place: str, *, as_json: bool, max_tokens: int, root: Path | None) -> None:
    """Show the definition at FILE:LINE, the lines LINE-END, or the outline of FILE, for a model."""
    from codekin.serving.messages import Expand  # noqa: PLC0415 - keeps `codekin --help` quick

    folder = searched(root, for_agent=True)
    file, line, end_line = location_of(place, folder)
    form = Form("agent", max_tokens)
    answer_agent(folder.resolve(), Expand(str(file), line, end_line), form, as_json=as_json)


@cli.command()
@click.argument("name")
@searched_argument
@as_json_option
@_max_tokens
@click.option("--offset", default=0, type=click.IntRange(0, 999), help="Continue an answer at this place.")
def references(name: str, path: Path | None, *, as_json: bool, max_tokens: int, offset: int) -> None:
    """List where PATH defines and uses NAME, for a model.

    PATH is the workspace around the current folder by default.

    Class.method or module.name chooses one of several definitions. Comments, strings and what is
    probably something else with this name follow last.
    """
    from codekin.serving.messages import References  # noqa: PLC0415 - keeps `codekin --help` quick

    form = Form("agent", max_tokens, offset=offset)
    answer_agent(searched(path, for_agent=True).resolve(), References(name), form, as_json=as_json)


@cli.group()
def agents() -> None:
    """Configure coding agents to use codekin in a workspace."""


def _setup(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--yes", is_flag=True, help="Write without asking."),
        click.option("--dry-run", is_flag=True, help="Show the changes and write nothing."),
        click.option(
            "--root",
            default=".",
            type=click.Path(exists=True, file_okay=False, path_type=Path),
            help="The workspace. Default: the current folder.",
        ),
        click.argument("clients", metavar="[CLIENT]...", nargs=-1, type=click.Choice(_CLIENTS)),
    ):
        command = option(command)
    return command


@agents.command()
@_setup
def install(clients: tuple[str, ...], root: Path, *, dry_run: bool, yes: bool) -> None:
    """Add codekin to the configuration of each CLIENT, after showing the change.

    CLIENT is claude, codex, cursor, gemini, copilot, zed or opencode; without one, all that are
    used here. The MCP server is added to the client's file in the workspace, a command that updates
    the index to its hooks, and instructions for the shell to AGENTS.md, GEMINI.md or a skill. Other
    entries and comments stay, and an entry for codekin that exists is not changed.
    """
    _change(clients, root, install=True, dry_run=dry_run, yes=yes)


@agents.command()
@_setup
def uninstall(clients: tuple[str, ...], root: Path, *, dry_run: bool, yes: bool) -> None:
    """Remove what `codekin agents install` added for each CLIENT, after showing the change."""
    _change(clients, root, install=False, dry_run=dry_run, yes=yes)


def _change(clients: tuple[str, ...], root: Path, *, install: bool, dry_run: bool, yes: bool) -> None:
    from codekin.agent_clients import CLIENTS, edits_of, planned, write  # noqa: PLC0415 - keeps `codekin --help` quick

    real = root.resolve()
    chosen = clients or tuple(name for name, client in CLIENTS.items() if not install or client.is_used(real))
    if not chosen:
        raise click.UsageError(f"No client was found. To fix: name one of {', '.join(CLIENTS)}.")
    edits = [edit for client in chosen for edit in edits_of(client, real, _own_command())]
    if not install:
        edits = _without_shared(edits, [name for name in CLIENTS if name not in chosen], real)
    changes = planned(real, edits, install=install)
    for change in changes:
        _show(change)
    if not changes:
        click.echo(f"Nothing to change for {', '.join(chosen)}.")
    elif not dry_run and _confirmed(yes=yes):
        write(changes)
        click.echo(f"Changed {len(changes):,} files. Restart the agent to use them.")


def _without_shared(edits: list[Edit], others: list[str], root: Path) -> list[Edit]:
    """Return the edits without sections that another configured client reads too."""
    from codekin.agent_clients import edits_of, is_installed  # noqa: PLC0415

    kept: set[str] = set()
    for name in others:
        own = edits_of(name, root, _own_command())
        if is_installed(root, own):
            kept.update(edit.file for edit in own if edit.format == "section")
    return [edit for edit in edits if edit.format != "section" or edit.file not in kept]


def _show(change: Change) -> None:
    for line in change.diff.splitlines():
        click.secho(visible(line, tabs=True), fg={"+": "green", "-": "red", "@": "cyan"}.get(line[:1]))


def _confirmed(*, yes: bool) -> bool:
    if yes:
        return True
    if not sys.stdin.isatty():
        raise click.UsageError("Nothing was written. To fix: repeat the command with --yes, or in a terminal.")
    return click.confirm("Write these changes?", default=True)


def _own_command() -> list[str]:
    """Return what runs codekin: its name if it is on the PATH, or else a full path."""
    if shutil.which("codekin"):
        return ["codekin"]
    script = Path(sys.executable).with_name("codekin")
    return [str(script)] if script.is_file() else [sys.executable, "-m", "codekin"]
