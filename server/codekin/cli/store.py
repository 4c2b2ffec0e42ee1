"""`codekin store`: moving the vectors of an index from one store to another and back, and checking that all is in step."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from codekin.cli.commands import as_json_option, cli, folder_argument, run_on_engine
from codekin.cli.running import NOTHING_FOUND

if TYPE_CHECKING:
    from codekin.engine import Engine
    from codekin.engine.admin.migration import Migration, MigrationReport

_LINE_EVERY_S = 1.0
_NOT_SWITCHED = 1


@cli.group()
def store() -> None:
    """Look after the stores of an index: move its vectors to another one, hold all against each other."""


@store.command()
@folder_argument
@click.option("--from", "source", required=True, help="The store that the index uses now, such as flat.")
@click.option("--to", "target", required=True, help="The store to move to, such as pgvector.")
@click.option(
    "--until",
    type=click.Choice(["backfill", "dual-write", "compare", "switch"]),
    default="switch",
    show_default=True,
    help="The last phase to go through; the same command goes on from there.",
)
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    help="Share of nearest rows both must agree on. Default: 1, or 0.7 where either store is approximate.",
)
@as_json_option
def migrate(path: Path, *, source: str, target: str, until: str, threshold: float | None, as_json: bool) -> None:
    """Copy all rows, write to both, compare, switch. Nothing is embedded; a killed migration goes on where it was."""
    report = _migration(path, quiet=as_json).migrate(source, target, until, threshold)  # type: ignore[arg-type] # click checked it
    _print(report, as_json=as_json)
    failed = report.comparison is not None and not report.comparison.passed
    raise click.exceptions.Exit(_NOT_SWITCHED if failed else 0)


@store.command()
@folder_argument
@as_json_option
def rollback(path: Path, *, as_json: bool) -> None:
    """Let the store that a migration began with answer again, alone."""
    _print(_migration(path, quiet=as_json).rollback(), as_json=as_json)


@store.command()
@folder_argument
@as_json_option
def finish(path: Path, *, as_json: bool) -> None:
    """End a migration: only the store that answers is written from now on."""
    _print(_migration(path, quiet=as_json).finish(), as_json=as_json)


@store.command()
@folder_argument
@as_json_option
@click.option("--check/--fix", default=True, help="Compare alone (the default), or also embed what is missing.")
def sync(path: Path, *, as_json: bool, check: bool) -> None:
    """Hold the metadata, vectors and postings of PATH against each other. Exit status 1 where they are not in step.

    Missing is what the metadata names and a store lacks; unnamed what a store holds of content that is gone, kept for the
    day when it comes back.
    """

    async def work(engine: Engine) -> int:
        from codekin.cli.output import print_sync  # noqa: PLC0415
        from codekin.cli.progress import Bar  # noqa: PLC0415

        before = engine.status().computed
        (report,) = await engine.compare()
        if not check and not report.in_step:
            with Bar(quiet=as_json) as bar:
                (report,) = await engine.repair(bar.show)
        print_sync(report, engine.status().computed - before, as_json=as_json)
        return 0 if report.in_step else NOTHING_FOUND

    run_on_engine(path, work)


@store.command()
@click.argument("name", metavar="STORE@COLLECTION")
@click.option("--reader", "readers", multiple=True, metavar="ROLE", help="A role of the database that may search it.")
@click.option("--writer", "writers", multiple=True, metavar="ROLE", help="A role that may also add to it.")
def share(*, name: str, readers: tuple[str, ...], writers: tuple[str, ...]) -> None:
    """Make a collection in PostgreSQL that several workspaces and users share, and let roles use it: pgvector@NAME.

    Run it as the owner, with the model that the team uses (CODEKIN_EMBEDDER). It prints the statements that it ran.
    """
    from codekin.config import load_config  # noqa: PLC0415 - keeps `codekin --help` quick
    from codekin.engine.admin.sharing import share_store  # noqa: PLC0415

    click.echo(share_store(load_config(), name, readers, writers), nl=False)


def _migration(path: Path, *, quiet: bool) -> Migration:
    from codekin.config import load_config  # noqa: PLC0415 - keeps `codekin --help` quick
    from codekin.engine.admin.migration import Migration  # noqa: PLC0415

    told_at, told = 0.0, ""

    def show(phase: str, done: int, total: int) -> None:
        nonlocal told_at, told
        if not quiet and (done == total or phase != told or time.monotonic() - told_at > _LINE_EVERY_S):
            told_at, told = time.monotonic(), phase
            sys.stderr.write(f"{phase}: {done:,} of {total:,} rows\n")
            sys.stderr.flush()

    return Migration(load_config(), path, show)


def _print(report: MigrationReport, *, as_json: bool) -> None:
    compared = report.comparison
    if as_json:
        passed = None if compared is None else compared.passed
        from codekin.cli.output import print_json  # noqa: PLC0415 - keeps `codekin --help` quick

        print_json({**asdict(report), "passed": passed})
        return
    following = f"; every change goes to {report.mirror} as well" if report.mirror else ""
    click.echo(
        f"The index is in {report.active}{following}. {report.changed:,} rows changed in {report.seconds:.1f} s."
    )
    if compared:
        click.echo(
            f"  compared: {compared.rows:,} rows (digest {compared.digest}), {compared.missing} missing, {compared.surplus} surplus, "
            f"{compared.different} different; overlap {compared.overlap:.3f}, at least {compared.threshold:.2f} is wanted"
        )
        if not compared.passed:
            click.echo("  The stores differ: the index has not been switched.")
