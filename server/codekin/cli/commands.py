"""The commands and their options. Exit status: 0 found or done, 1 nothing found, 2 usage or failure, 130 interrupted."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from codekin import __version__
from codekin.errors import CodekinError

if TYPE_CHECKING:
    from codekin.api import Query
    from codekin.engine import Engine

NOTHING_FOUND, _FAILED, _INTERRUPTED = 1, 2, 130
folder_argument = click.argument("path", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path))
as_json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for programs.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="codekin")
def cli() -> None:
    """Finds the kin of any code: local, hybrid code search. Nothing leaves this machine."""


@cli.command()
@folder_argument
@as_json_option
@click.option("--rebuild", is_flag=True, help="Empty the index first.")
def index(path: Path, *, as_json: bool, rebuild: bool) -> None:
    """Bring the index of PATH up to date and say what that took."""

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
@folder_argument
@as_json_option
@click.option("-n", "--limit", default=10, show_default=True, type=click.IntRange(1, 1000), help="Results at the most.")
@click.option(
    "--mode",
    default="hybrid",
    show_default=True,
    type=click.Choice(["hybrid", "semantic", "lexical", "regex", "literal"]),
)
@click.option("--lang", "languages", multiple=True, help="Only this language (repeatable).")
@click.option("--ext", "extensions", multiple=True, help="Only this extension (repeatable).")
@click.option("--path", "paths", multiple=True, help='Only paths that match this glob; "!" excludes (repeatable).')
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    help="Only this kind: code, test, file, directory, commit, pull_request (repeatable).",
)
@click.option("--author", "authors", multiple=True, help="Only files last changed by this author (repeatable).")
@click.option("--symbol", "symbols", multiple=True, help="Only symbols of this kind: function, class (repeatable).")
@click.option("--after", default="", help="Only files changed on or after this date (YYYY-MM-DD).")
@click.option("--before", default="", help="Only files changed on or before this date.")
@click.option("--at", default="", help="Search the files of this branch, tag or commit instead of those on disk.")
@click.option("--threshold", type=float, help="Leave out results below this share of the best one's score (0 to 1).")
@click.option(
    "--rerank", type=click.Choice(["similarity", "diversity"]), help="Order by cosine, or put repetitions back."
)
@click.option("--explain", is_flag=True, help="Show what each score is made of.")
@click.option("--print-query", is_flag=True, help="Print the query as JSON, for `codekin query`, and do not search.")
def search(query: str, path: Path, *, as_json: bool, print_query: bool, **options: Any) -> None:
    """Search PATH for QUERY: a question, a name, a path. The index is brought up to date first.

    Filters may stand in QUERY as well: lang:go ext:py path:src/** -path:vendor author:ann after:2026-01 before:2026-06
    kind:test,commit symbol:class. Alone, they list what they leave, the latest change first.
    """
    wanted = _query(query, options)
    if print_query:
        click.echo(wanted.to_json())
        return
    _answer(path, wanted, as_json=as_json)


@cli.command("query")
@click.argument("file", type=click.File("rb"))
@folder_argument
@as_json_option
def run_query(file: BinaryIO, path: Path, *, as_json: bool) -> None:
    """Run the query in FILE ("-" for standard input) on PATH: JSON, as `codekin.api` and --print-query write it."""
    from codekin.api import Query  # noqa: PLC0415

    _answer(path, Query.from_json(file.read()), as_json=as_json)


@cli.command()
@click.argument("place", metavar="FILE[:LINE[-END]]")
@as_json_option
@click.option("-n", "--limit", default=10, show_default=True, type=click.IntRange(1, 1000), help="Results at the most.")
@click.option(
    "--root", type=click.Path(exists=True, file_okay=False, path_type=Path), help="The indexed folder; default: here."
)
def related(place: str, *, as_json: bool, limit: int, root: Path | None) -> None:
    """Show code like the code at FILE:LINE."""
    from codekin.api import Query  # noqa: PLC0415

    file, line, end_line = place_of(place)
    _answer(root or Path(), Query().similar_to(str(file), line, end_line).limit(limit), as_json=as_json)


@cli.command()
@folder_argument
@as_json_option
def status(path: Path, *, as_json: bool) -> None:
    """Say what the index of PATH holds, as it lies on disk."""

    async def work(engine: Engine) -> int:
        from codekin.cli.output import print_status  # noqa: PLC0415

        print_status(engine.status(), as_json=as_json)
        return 0

    run_on_engine(path, work)


@cli.command()
@folder_argument
@click.option("--file", type=click.Path(path_type=Path), help="Say whether this file is in the index, and if not, why.")
@as_json_option
def doctor(path: Path, file: Path | None, *, as_json: bool) -> None:
    """Say what is active and why, what is left out and why, and what would help."""

    async def work(engine: Engine) -> int:
        from codekin.engine import doctor_text  # noqa: PLC0415

        if file is not None:
            from codekin.cli.output import long_lines_note  # noqa: PLC0415

            click.echo(f"{click.format_filename(file)}: {engine.verdict(file)}{long_lines_note(file)}")
            return 0
        from codekin.cli.output import print_status  # noqa: PLC0415

        if as_json:
            print_status(engine.status(), as_json=True)
        else:
            click.echo(doctor_text(engine.status()))
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
    """Runs the command line that the process was started with, and ends the process with its exit status."""
    try:
        # Without its standalone mode, click returns the status of an `Exit` instead of raising it.
        sys.exit(cli(standalone_mode=False))
    except click.Abort:
        click.echo("Interrupted; what was committed is kept.", err=True)
        sys.exit(_INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(_FAILED)
    except KeyboardInterrupt:
        click.echo("Interrupted; what was committed is kept.", err=True)
        sys.exit(_INTERRUPTED)
    except CodekinError as error:
        click.echo(f"codekin: {error}", err=True)
        sys.exit(_FAILED)
    except BrokenPipeError:
        # Whoever read us is gone; Python must not try to flush into the closed pipe at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(_FAILED)


def run_on_engine(path: Path, work: Callable[[Engine], Coroutine[Any, Any, int]]) -> None:
    """Opens the index of a folder, does the work and ends the command with its exit status."""
    from codekin.config import load_config  # noqa: PLC0415 - keeps `codekin --help` quick
    from codekin.engine import Engine  # noqa: PLC0415

    async def session() -> int:
        engine = await Engine.open(load_config(), [path], watch=False)
        try:
            return await work(engine)
        finally:
            await engine.close()

    code = asyncio.run(session())
    sys.stdout.flush()
    raise click.exceptions.Exit(code)


def _answer(path: Path, query: Query, *, as_json: bool) -> None:
    """Brings the index up to date, runs the query and prints what it found."""
    root = path.resolve()

    async def work(engine: Engine) -> int:
        from codekin.api import respond  # noqa: PLC0415
        from codekin.cli.output import print_results  # noqa: PLC0415
        from codekin.cli.progress import Bar  # noqa: PLC0415

        with Bar(quiet=as_json) as bar:
            await engine.index(bar.show)
        response = await respond(engine, root, query)
        print_results(response, as_json=as_json, explain=query.parts)
        return 0 if response.results else NOTHING_FOUND

    run_on_engine(path, work)


def _query(text: str, options: dict[str, Any]) -> Query:
    from codekin.api import Query, Text  # noqa: PLC0415

    names = ("languages", "extensions", "paths", "kinds", "authors", "after", "before", "symbols", "at")
    query = Query(ask=Text(text=text, mode=options["mode"])).filter(**{name: options[name] for name in names})
    query = query.limit(options["limit"]).explain(options["explain"])
    if options["rerank"] is not None:
        query = query.rerank(options["rerank"])
    return query if options["threshold"] is None else query.threshold(options["threshold"], of_best=True)


def place_of(text: str) -> tuple[Path, int | None, int | None]:
    """(file, first line, last line) of FILE, FILE:LINE or FILE:LINE-END, counted from 1."""
    file, colon, lines = text.rpartition(":")
    first, _, last = lines.partition("-")
    if not colon or not first.isdigit() or (last and not last.isdigit()):
        file, first, last = text, "", ""
    path = Path(file)
    if not path.is_file():
        raise click.UsageError(f"{file} is not a file.")
    return path.resolve(), int(first) if first else None, int(last) if last else None
