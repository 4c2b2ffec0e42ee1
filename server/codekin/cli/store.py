"""`codekin store`: migrate vectors between stores, and check that the stores are in sync."""

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
    """Check, repair, migrate and share the stores of an index."""


@store.command()
@folder_argument
@click.option("--from", "source", required=True, help="The store that the index uses now, such as flat.")
@click.option("--to", "target", required=True, help="The store to move to, such as pgvector.")
@click.option(
    "--until",
    type=click.Choice(["backfill", "dual-write", "compare", "switch"]),
    default="switch",
    show_default=True,
    help="The last phase to run. Run the same command again to continue from there.",
)
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    help="Share of nearest rows on which both stores must agree. Default: 1, or 0.7 if either store is approximate.",
)
@as_json_option
def migrate(path: Path, *, source: str, target: str, until: str, threshold: float | None, as_json: bool) -> None:
    """Move the vectors of an index to another store: copy, write to both, compare, switch.

    Nothing is embedded again. An interrupted migration continues where it stopped.
    """
    report = _migration(path, quiet=as_json).migrate(source, target, until, threshold)  # type: ignore[arg-type] # click checked it
    _print(report, as_json=as_json)
    failed = report.comparison is not None and not report.comparison.passed
    raise click.exceptions.Exit(_NOT_SWITCHED if failed else 0)


@store.command()
@folder_argument
@as_json_option
def rollback(path: Path, *, as_json: bool) -> None:
    """Switch back to the store that a migration began with."""
    _print(_migration(path, quiet=as_json).rollback(), as_json=as_json)


@store.command()
@folder_argument
@as_json_option
def finish(path: Path, *, as_json: bool) -> None:
    """End a migration: from now on, only the active store is written."""
    _print(_migration(path, quiet=as_json).finish(), as_json=as_json)


@store.command()
@folder_argument
@as_json_option
@click.option("--check/--fix", default=True, help="Compare only (the default), or also embed what is missing.")
def sync(path: Path, *, as_json: bool, check: bool) -> None:
    """Compare the metadata, vectors and postings of PATH.

    The exit status is 1 if they are out of sync.

    Missing entries are referenced by the metadata but not in the store. Orphaned entries are in the
    store but no longer referenced; they are kept in case their content returns.
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
@click.option(
    "--reader", "readers", multiple=True, metavar="ROLE", help="A database role that may search it (repeatable)."
)
@click.option(
    "--writer", "writers", multiple=True, metavar="ROLE", help="A database role that may also add to it (repeatable)."
)
def share(*, name: str, readers: tuple[str, ...], writers: tuple[str, ...]) -> None:
    """Create a collection in PostgreSQL that workspaces and users share, and grant access to it.

    STORE@COLLECTION is pgvector@NAME. Run the command as the owner, with the model that the team
    uses (CODEKIN_EMBEDDER). It prints the statements that it ran.
    """
    from codekin.config import load_config  # noqa: PLC0415 - keeps `codekin --help` quick
    from codekin.engine.admin.sharing import share_store  # noqa: PLC0415

    click.echo(share_store(load_config(), name, readers, writers), nl=False)


def _migration(path: Path, *, quiet: bool) -> Migration:
    from codekin.config import load_config  # noqa: PLC0415 - keeps `codekin --help` quick
    from codekin.engine.admin.migration import Migration  # noqa: PLC0415

    printed_at, printed = 0.0, ""

    def show(phase: str, done: int, total: int) -> None:
        nonlocal printed_at, printed
        if not quiet and (done == total or phase != printed or time.monotonic() - printed_at > _LINE_EVERY_S):
            printed_at, printed = time.monotonic(), phase
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
    mirror = f" Changes are also written to {report.mirror}." if report.mirror else ""
    click.echo(
        f"The active store is {report.active}.{mirror} {report.changed:,} rows changed in {report.seconds:.1f} s."
    )
    if compared:
        click.echo(
            f"  compared: {compared.rows:,} rows (digest {compared.digest}), {compared.missing:,} missing, "
            f"{compared.surplus:,} surplus, {compared.different:,} different, "
            f"overlap {compared.overlap:.3f} (threshold {compared.threshold:.2f})"
        )
        if not compared.passed:
            click.echo("  The stores differ, so the index was not switched.")
