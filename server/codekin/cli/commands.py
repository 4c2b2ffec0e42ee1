"""The commands and their options."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from codekin import __version__
from codekin.cli.forms import MORE_PLACES, Form, format_options
from codekin.cli.running import NOTHING_FOUND, run_command
from codekin.display import json_line, visible
from codekin.domain.search import FILTER_NAMES

if TYPE_CHECKING:
    from codekin.api import Query
    from codekin.engine import Engine
    from codekin.serving.messages import Asked

folder_argument = click.argument("path", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path))
searched_argument = click.argument(
    "path", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
"""Where to search. By default, an agent searches its workspace, and a person the current folder."""
_LINES = re.compile(r":([0-9]{1,9})(?:-([0-9]{1,9}))?\Z")
_MAX_SHOWN_CHARACTERS = 200
as_json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for programs.")


class _Share(click.FloatRange):
    """A number from 0 to 1; unlike `click.FloatRange`, it rejects "nan"."""

    def __init__(self) -> None:
        super().__init__(0, 1)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        found = super().convert(value, param, ctx)
        return self.fail("The value must be a number from 0 to 1.", param, ctx) if math.isnan(found) else found


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="codekin")
def cli() -> None:
    """Local semantic code search for your editor, terminal and agents.

    Nothing leaves this machine.
    """


@cli.command()
@folder_argument
@as_json_option
@click.option("--rebuild", is_flag=True, help="Empty the index first.")
@click.option("--background", is_flag=True, help="Return at once and print nothing, for hooks.")
def index(path: Path, *, as_json: bool, rebuild: bool, background: bool) -> None:
    """Bring the index of PATH up to date and report what was indexed."""
    if background:
        if as_json:
            raise click.UsageError("--background prints nothing, so it cannot be used with --json.")
        from codekin.cli.background import start_in_background  # noqa: PLC0415 - keeps `codekin --help` quick

        # A first pass of a large folder takes longer than clients wait for a hook.
        start_in_background(["index", str(path.resolve()), *(["--rebuild"] if rebuild else [])])
        return

    async def work(engine: Engine) -> int:
        from codekin.cli.progress import Bar  # noqa: PLC0415 - rich takes 100 ms

        with Bar(quiet=as_json) as bar:
            report = await engine.index(bar.show, rebuild=rebuild)
        from codekin.cli.output import print_report  # noqa: PLC0415

        print_report(report, as_json=as_json)
        return 0

    run_on_engine(path, work)


@cli.command()
@click.argument("query")
@searched_argument
@as_json_option
@click.option(
    "-n", "--limit", default=10, show_default=True, type=click.IntRange(1, 1000), help="Maximum number of results."
)
@click.option(
    "--mode",
    default="hybrid",
    show_default=True,
    type=click.Choice(["hybrid", "semantic", "lexical", "regex", "literal"]),
    help="How to search: by meaning and words, by one of them, or for a pattern.",
)
@click.option("--lang", "languages", multiple=True, help="Only this language (repeatable).")
@click.option("--ext", "extensions", multiple=True, help="Only this extension (repeatable).")
@click.option("--path", "paths", multiple=True, help='Only paths that match this glob; "!" excludes (repeatable).')
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    help="Only this kind: code, test, file, directory, commit or pull_request (repeatable).",
)
@click.option("--author", "authors", multiple=True, help="Only files last changed by this author (repeatable).")
@click.option(
    "--symbol", "symbols", multiple=True, help="Only symbols of this kind, such as function or class (repeatable)."
)
@click.option(
    "--role",
    "roles",
    multiple=True,
    help="Only files of this role, such as code, test, document or configuration (repeatable).",
)
@click.option("--after", default="", help="Only files changed on or after this date (YYYY-MM-DD).")
@click.option("--before", default="", help="Only files changed on or before this date.")
@click.option("--at", default="", help="Search the files of this branch, tag or commit instead of those on disk.")
@click.option("--threshold", type=_Share(), help="Drop results below this share of the best result's score (0 to 1).")
@click.option(
    "--rerank",
    type=click.Choice(["similarity", "diversity"]),
    help="Sort by cosine, or move repetitions down.",
)
@click.option("--explain", is_flag=True, help="Show the parts of each score.")
@format_options
@click.option("--print-query", is_flag=True, help="Print the query as JSON for `codekin query` instead of searching.")
def search(query: str, path: Path | None, *, as_json: bool, print_query: bool, **options: Any) -> None:
    """Search PATH for QUERY: a question, a name or a path. The index is brought up to date first.

    PATH is the current folder by default, or with --format agent the workspace around it.

    QUERY may contain filters: lang:go ext:py path:src/** -path:vendor author:ann after:2026-01
    before:2026-06 kind:test,commit symbol:class. Filters without a query list matching items,
    newest first.
    """
    built = _query(_typed(query), {name: _typed(value) for name, value in options.items()})
    if print_query:
        click.echo(built.to_json())
        return
    form = Form.of(as_json=as_json, options=options)
    _answer(searched(path, for_agent=form.name == "agent"), built, form)


@cli.command("query")
@click.argument("file", type=click.File("rb"))
@folder_argument
@as_json_option
def run_query(file: BinaryIO, path: Path, *, as_json: bool) -> None:
    """Run the query in FILE ("-" for standard input) on PATH.

    FILE contains JSON as written by `codekin.api` and --print-query.
    """
    from codekin.api import Query  # noqa: PLC0415

    _answer(path, Query.from_json(file.read()), Form("json" if as_json else "text"))


@cli.command()
@click.argument("place", metavar="FILE[:LINE[-END]]")
@as_json_option
@click.option(
    "-n", "--limit", default=10, show_default=True, type=click.IntRange(1, 1000), help="Maximum number of results."
)
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The indexed folder. Default: the current folder, or with --format agent the workspace around it.",
)
@format_options
def related(place: str, *, as_json: bool, limit: int, root: Path | None, **options: Any) -> None:
    """Show code, tests and commits related to the code at FILE:LINE."""
    from codekin.api import Query  # noqa: PLC0415

    form = Form.of(as_json=as_json, options=options)
    folder = searched(root, for_agent=form.name == "agent")
    file, line, end_line = location_of(place, folder)
    query = Query().similar_to(str(file), line, end_line).limit(limit)
    _answer(folder, query, form)


@cli.command()
@folder_argument
@as_json_option
def status(path: Path, *, as_json: bool) -> None:
    """Show what is indexed for PATH, without updating the index."""

    async def work(engine: Engine) -> int:
        from codekin.cli.output import print_status  # noqa: PLC0415

        print_status(engine.status(), as_json=as_json)
        return 0

    run_on_engine(path, work)


@cli.command()
@folder_argument
@click.option(
    "--file",
    type=click.Path(path_type=Path),
    help="Show whether this file is indexed, and if not, why. Relative to the current folder or to PATH.",
)
@as_json_option
def doctor(path: Path, file: Path | None, *, as_json: bool) -> None:
    """Show what is active and why, what is skipped and why, and how to fix problems."""

    async def work(engine: Engine) -> int:
        from codekin.cli.output import long_lines_note, print_doctor, print_verdict  # noqa: PLC0415

        if file is not None:
            real = _in_folder(file, path)
            print_verdict(file, engine.verdict(real) + long_lines_note(real), as_json=as_json)
        else:
            print_doctor(engine.status(), as_json=as_json)
        return 0

    run_on_engine(path, work)


@cli.command()
@folder_argument
@click.confirmation_option(prompt="Delete the index of this folder?")
def clear(path: Path) -> None:
    """Empty the index of PATH."""

    async def work(engine: Engine) -> int:
        await engine.clear()
        click.echo("The index is empty.")
        return 0

    run_on_engine(path, work)


def run() -> None:
    """Run the command line of this process and exit with its status."""
    run_command(cli)


def run_on_engine(path: Path, work: Callable[[Engine], Coroutine[Any, Any, int]], **settings: str) -> None:
    """Open the index of a folder, do the work and end the command with its exit status.

    `settings` precede those of the environment.
    """
    from codekin.config import load_config  # noqa: PLC0415 - keeps `codekin --help` quick
    from codekin.engine import Engine  # noqa: PLC0415
    from codekin.event_loop import run_async  # noqa: PLC0415

    async def session() -> int:
        engine = await Engine.open(load_config(settings), [path], watch=False)
        try:
            return await work(engine)
        finally:
            await engine.close()

    from codekin.logs import start_logging  # noqa: PLC0415

    start_logging(stderr=False)
    raise click.exceptions.Exit(run_async(session()))


def _answer(path: Path, query: Query, form: Form) -> None:
    """Run the query and print its results.

    A process that has the folder open answers; without one, the index is brought up to date first.
    """
    root = path.resolve()
    as_json = form.name == "json"
    if form.name == "agent":
        answer_agent(root, query.to_json(), form)
        return
    from codekin.cli.output import print_results  # noqa: PLC0415
    from codekin.config import load_config  # noqa: PLC0415
    from codekin.serving.client import ask  # noqa: PLC0415

    answer = ask(load_config(), root, query.to_json())
    if answer is not None:
        print_results(answer, as_json=as_json, explain=query.parts)
        raise click.exceptions.Exit(0 if answer.results else NOTHING_FOUND)

    async def work(engine: Engine) -> int:
        from codekin.api import respond  # noqa: PLC0415
        from codekin.cli.progress import Bar  # noqa: PLC0415

        with Bar(quiet=as_json) as bar:
            await engine.refresh(bar.show)
        response = await respond(engine, root, query)
        print_results(response, as_json=as_json, explain=query.parts)
        return 0 if response.results else NOTHING_FOUND

    run_on_engine(path, work)


def answer_agent(root: Path, asked: Asked, form: Form, *, as_json: bool = False) -> None:
    """Print an answer for a model. Notes of progress would be read by it too, so there are none.

    A process that has the folder open answers; without one, the index is brought up to date first.
    """
    from codekin.config import load_config  # noqa: PLC0415
    from codekin.serving.client import ask_for_agent  # noqa: PLC0415
    from codekin.serving.messages import AgentForm  # noqa: PLC0415

    agent_form = AgentForm(form.max_tokens, form.detail, form.offset, MORE_PLACES)

    def show(shape: Mapping[str, Any]) -> int:
        click.echo((json_line(shape) if as_json else shape["text"]).encode())
        return 0 if shape["places"] else NOTHING_FOUND

    found = ask_for_agent(load_config(), root, asked, agent_form)
    if found is not None:
        raise click.exceptions.Exit(show(found))

    async def work(engine: Engine) -> int:
        from codekin.answers import agent_answer_shape  # noqa: PLC0415
        from codekin.serving.for_agents import answer_for_agent  # noqa: PLC0415

        await engine.refresh()
        return show(agent_answer_shape(await answer_for_agent(engine, root, asked, agent_form)))

    run_on_engine(root, work)


def _query(text: str, options: dict[str, Any]) -> Query:
    from codekin.api import Query, Text  # noqa: PLC0415

    query = Query(ask=Text(text=text, mode=options["mode"])).filter(**{name: options[name] for name in FILTER_NAMES})
    query = query.limit(options["limit"]).explain(options["explain"])
    if options["rerank"] is not None:
        query = query.rerank(options["rerank"])
    return query if options["threshold"] is None else query.threshold(options["threshold"], of_best=True)


def searched(path: Path | None, *, for_agent: bool) -> Path:
    """Return the folder to search, the given one or the default."""
    if path is not None or not for_agent:
        return path or Path()
    from codekin.cli.workspaces import workspace_of  # noqa: PLC0415 - keeps `codekin --help` quick
    from codekin.config import load_config  # noqa: PLC0415

    return workspace_of(load_config(), Path())


def location_of(text: str, folder: Path | None = None) -> tuple[Path, int | None, int | None]:
    """Return (file, first line, last line) of FILE, FILE:LINE or FILE:LINE-END, counted from 1.

    FILE is relative to the current folder, or else to `folder`, as in answers.
    """
    file, first, last = text, "", ""
    found = _file(text, folder)
    if found is None and (match := _LINES.search(text)) is not None:
        file, first, last = text[: match.start()], match[1], match[2] or ""
        found = _file(file, folder)
    if found is None:
        found = existing_file(file, folder)
    if first and (int(first) < 1 or int(last or first) < int(first)):
        raise click.UsageError(
            f'Invalid lines "{_short(text[len(file) :])}". Lines count from 1, and the last one must not be before the '
            "first."
        )
    return found.resolve(), int(first) if first else None, int(last) if last else None


def existing_file(name: str, folder: Path | None = None) -> Path:
    """Return a file relative to the current folder, or else to `folder`. Raises UsageError."""
    found = _file(name, folder)
    if found is None:
        where = folder or "the current folder"
        raise click.UsageError(f"{_short(name)} is not a file. To fix: pass its path relative to {where}.")
    return found


def _file(name: str, folder: Path | None) -> Path | None:
    for place in (name, os.path.join(folder, name) if folder else name):  # noqa: PTH118 - as below
        if os.path.isfile(place):  # noqa: PTH113 - unlike Path.is_file, it raises for no name
            return Path(place)
    return None


def _in_folder(file: Path, folder: Path) -> Path:
    """Return a file relative to the current folder if it exists in `folder`, else to `folder`."""
    here = Path(os.path.abspath(file))  # noqa: PTH100 - a link is judged as a link
    if file.is_absolute() or (here.is_relative_to(folder.resolve()) and os.path.lexists(here)):
        return here
    return folder.resolve() / file


def _short(text: str) -> str:
    return visible(text if len(text) <= _MAX_SHOWN_CHARACTERS else f"{text[:_MAX_SHOWN_CHARACTERS]}…")


def _typed(value: Any) -> Any:
    """Return an argument with U+FFFD for bytes that are not in the terminal's encoding."""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return tuple(map(_typed, value)) if isinstance(value, tuple) else value
