"""Output of the commands: lines for people, or one JSON object on one line for programs.

Lines for people contain no invisible characters.
"""

from __future__ import annotations

import io
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from codekin.display import json_line, short_sha, visible, who
from codekin.domain.search import SIMILAR, SearchResponse, SearchResult
from codekin.shapes import answer_shape, status_shape, sync_shape

if TYPE_CHECKING:  # A command that another process answers does not import the engine.
    from codekin.engine import IndexReport, Status, SyncReport

_SNIPPET_LINES = 3
_LINE_CHARACTERS = 160
_MAX_PATHS = 10
_MAX_LINES = 5
_MAX_FILE_BYTES = 16_000_000


def print_report(report: IndexReport, *, as_json: bool) -> None:
    """Print the report of `codekin index`."""
    if as_json:
        print_json(asdict(report))
        return
    rate = report.chunks / report.seconds if report.embedded and report.seconds else 0
    click.echo(
        f"{report.files:,} files, {report.chunks:,} chunks{_commits(report.commits)} in {report.seconds:.2f} s"
        + (f" ({rate:,.0f} chunks/s)" if rate else "")
    )
    click.echo(f"{report.embedded:,} embedded, {report.reused:,} reused")
    for reason, count in sorted(report.skipped.items(), key=lambda item: -item[1])[:10]:
        click.echo(f"  skipped {count:,}: {visible(reason)}")


def long_lines_note(file: Path) -> str:
    """Return sentences about lines of a file that are too long to be fully indexed, or "".

    The file is read from disk.
    """
    from codekin.files import LONG_LINE_CHARACTERS, Source, read_source  # noqa: PLC0415 - as above

    source = read_source(file.parent, file.name, _MAX_FILE_BYTES)
    if not isinstance(source, Source) or not source.long_lines:
        return ""
    count, first = len(source.long_lines), ", ".join(str(line + 1) for line in source.long_lines[:_MAX_LINES])
    more = ", …" if count > _MAX_LINES else ""
    return (
        f" Long lines: {count:,} (line {first}{more}). A line of over {LONG_LINE_CHARACTERS:,} characters is indexed "
        "only at its beginning and end. To fix: move the data to a separate file."
    )


def print_results(response: SearchResponse, *, as_json: bool, explain: bool) -> None:
    """Print the results of `codekin search` and `codekin related`."""
    if as_json:
        print_json(answer_shape(response))
        return
    if not response.results:
        text = "No results. The notes say why." if response.reasons else "No results."
        click.echo(text, err=True)
    for number, result in enumerate(response.results, 1):
        symbol, score = click.style(visible(result.symbol), bold=True), click.style(f"{result.score:.2f}", dim=True)
        click.echo(f"{number:2}. {_place(result)}  {symbol}  {score}")
        if result.relation and result.relation != SIMILAR:
            grounds = f": {visible(result.reason)}" if result.reason else ""
            click.echo(click.style(f"      {result.relation}{grounds}", fg="green"))
        for line in _shown_lines(result):
            click.echo(f"      {line}")
        if explain:
            parts = ", ".join(
                f"{name} {value:+.2f}" for name, value in sorted(result.parts.items(), key=lambda item: -abs(item[1]))
            )
            click.echo(click.style(f"      = {parts}", dim=True))
    if not response.coverage.complete:
        click.echo(f"Indexed so far: {response.coverage.indexed:,} of {response.coverage.total:,} files.", err=True)
    for reason in response.reasons:
        click.echo(f"Note: {visible(reason)}", err=True)


def print_status(status: Status, *, as_json: bool) -> None:
    """Print the status for `codekin status`."""
    if as_json:
        print_json(status_shape(status))
        return
    counts = f"{status.files:,} files, {status.chunks:,} chunks{_commits(status.commits)}"
    click.echo(f"{status.state}: {counts}, {status.embedder_name} ({status.embedder_dim} dimensions)")
    if not status.coverage.complete:
        click.echo(f"  indexed: {status.coverage.indexed:,} of {status.coverage.total:,} files")
    for name, store in status.stores.items():
        click.echo(f"  {name}: {store.active} ({store.why})")
    if status.deep.state != "off":
        click.echo(
            f"  deep model: {status.deep.state}, {status.deep.covered:,} of {status.deep.total:,} chunks embedded"
        )
    for reason in status.reasons:
        click.echo(f"  {visible(reason)}")


def print_doctor(status: Status, *, as_json: bool) -> None:
    """Print the report of `codekin doctor`."""
    if as_json:
        print_json(status_shape(status))
        return
    from codekin.engine import doctor_text  # noqa: PLC0415 - as above

    for line in doctor_text(status).split("\n"):
        click.echo(visible(line))


def print_verdict(file: Path, verdict: str, *, as_json: bool) -> None:
    """Print whether a file is indexed, for `codekin doctor --file`."""
    if as_json:
        print_json({"file": str(file), "verdict": verdict})
    else:
        click.echo(f"{visible(str(file))}: {visible(verdict)}")


def _commits(count: int) -> str:
    return f", {count:,} commits" if count else ""


def print_sync(report: SyncReport, embedded: int, *, as_json: bool) -> None:
    """Print the report of `codekin store sync`."""
    if as_json:
        print_json(sync_shape(report, embedded))
        return
    versions = report.versions
    state = "In sync" if report.in_step else "Out of sync"
    click.echo(f"{state}: {report.files:,} files, {report.chunks:,} chunks ({report.took_ms:.1f} ms)")
    for name, counts in (("vectors", report.vectors), ("postings", report.lexical)):
        click.echo(f"  {name}: {counts.stored:,} stored, {counts.missing:,} missing, {counts.orphaned:,} orphaned")
    click.echo(f"  model: {versions.model} ({versions.dim} dimensions) in {versions.store}")
    if versions.building:
        click.echo(f"  replacement, not complete yet: {versions.building}")
    if versions.chunker != versions.chunker_recorded:
        click.echo(f"  chunker: version {versions.chunker_recorded or 'unknown'}, current version {versions.chunker}")
    _print_incomplete(report)
    for problem in report.problems:
        click.echo(f"  {visible(problem)}")
    if embedded:
        click.echo(f"  embedded again: {embedded:,}")
    if not report.in_step:
        click.echo("To fix: run `codekin store sync --fix`.", err=True)


def _print_incomplete(report: SyncReport) -> None:
    for path in report.incomplete[:_MAX_PATHS]:
        click.echo(f"  incomplete: {visible(path)}")
    if len(report.incomplete) > _MAX_PATHS:
        click.echo(f"  and {len(report.incomplete) - _MAX_PATHS:,} more files")
    for item in report.quarantined[:_MAX_PATHS]:
        click.echo(f"  could not be embedded: a chunk of {', '.join(map(visible, item.paths))}: {visible(item.reason)}")
    if len(report.quarantined) > _MAX_PATHS:
        click.echo(f"  and {len(report.quarantined) - _MAX_PATHS:,} more chunks")


def _place(result: SearchResult) -> str:
    if result.commit:
        kind = f"pull request #{result.pull_request}" if result.kind == "pull_request" else result.kind
        return f"{click.style(f'{kind} {short_sha(result.commit)}', fg='yellow', bold=True)}  {who(result.author, result.day)}"
    line = result.focus.start_line if result.focus else result.start_line
    return click.style(f"{visible(result.path)}:{line + 1}", fg="cyan", bold=True)


def _shown_lines(result: SearchResult) -> list[str]:
    lines = list(io.StringIO(result.snippet, newline=None))  # Lines end in LF, CRLF or CR.
    first = max(0, result.focus.start_line - result.start_line) if result.focus else int(bool(result.commit))
    lines = [line.rstrip("\r\n") for line in lines[first:] if line.strip()]
    return [_shown(line) for line in lines[:_SNIPPET_LINES]]


def _shown(line: str) -> str:
    return visible(line[:_LINE_CHARACTERS], tabs=True)


def print_json(value: object) -> None:
    """Print one object on one line, in UTF-8 regardless of the terminal's encoding."""
    click.echo(json_line(value).encode())
