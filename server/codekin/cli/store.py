"""`codekin store`: moving the vectors of an index from one store to another, and back."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from codekin.engine.migration import Migration, MigrationReport

_LINE_EVERY_S = 1.0
_NOT_SWITCHED = 1
_folder = click.argument("path", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path))
_as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for programs.")


@click.group()
def store() -> None:
    """Move the vectors to another store, while the index is in use."""


@store.command()
@_folder
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
@_as_json
def migrate(path: Path, *, source: str, target: str, until: str, threshold: float | None, as_json: bool) -> None:
    """Copy all rows, write to both, compare, switch. Nothing is embedded; a killed migration goes on where it was."""
    report = _migration(path, quiet=as_json).migrate(source, target, until, threshold)  # type: ignore[arg-type] # click checked it
    _print(report, as_json=as_json)
    failed = report.comparison is not None and not report.comparison.passed
    raise click.exceptions.Exit(_NOT_SWITCHED if failed else 0)


@store.command()
@_folder
@_as_json
def rollback(path: Path, *, as_json: bool) -> None:
    """Let the store that a migration began with answer again, alone."""
    _print(_migration(path, quiet=as_json).rollback(), as_json=as_json)


@store.command()
@_folder
@_as_json
def finish(path: Path, *, as_json: bool) -> None:
    """End a migration: only the store that answers is written from now on."""
    _print(_migration(path, quiet=as_json).finish(), as_json=as_json)


def _migration(path: Path, *, quiet: bool) -> Migration:
    from codekin.config import load_config  # noqa: PLC0415 - keeps `codekin --help` quick
    from codekin.engine.migration import Migration  # noqa: PLC0415

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
        click.echo(json.dumps({**asdict(report), "passed": passed}))
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
