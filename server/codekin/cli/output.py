"""What the commands print: lines for people, with nothing in them invisible; one JSON object on one line for programs."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from codekin.chunking import split_lines
from codekin.display import json_line, visible, who
from codekin.domain.search import SIMILAR, SearchResponse, SearchResult
from codekin.engine import IndexReport, Status, SyncReport, doctor_text
from codekin.files import LONG_LINE_CHARACTERS, Source, read_source
from codekin.shapes import answer_shape, status_shape, sync_shape

_SNIPPET_LINES = 3
_LINE_CHARACTERS = 160
_MOST_PATHS = 10
_MOST_LINES = 5
_LARGEST_FILE_BYTES = 16_000_000


def print_report(report: IndexReport, *, as_json: bool) -> None:
    """What `codekin index` came to."""
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
        click.echo(f"  left out {count:,}: {visible(reason)}")


def long_lines_note(file: Path) -> str:
    """A sentence on the lines of a file, as it is on disk now, of which only the ends are indexed; "" for none."""
    source = read_source(file.parent, file.name, _LARGEST_FILE_BYTES)
    if not isinstance(source, Source) or not source.long_lines:
        return ""
    count, first = len(source.long_lines), ", ".join(str(line + 1) for line in source.long_lines[:_MOST_LINES])
    more = ", …" if count > _MOST_LINES else ""
    return (
        f" Long lines: {count:,} (line {first}{more}). Of a line of over {LONG_LINE_CHARACTERS:,} characters only the beginning "
        "and the end are indexed. To fix: move the data to a file of its own."
    )


def print_results(response: SearchResponse, *, as_json: bool, explain: bool) -> None:
    """What `codekin search` and `codekin related` found."""
    if as_json:
        print_json(answer_shape(response))
        return
    if not response.results:
        told = "No results; the notes say what could not be searched." if response.reasons else "Nothing found."
        click.echo(told, err=True)
    for number, result in enumerate(response.results, 1):
        click.echo(
            f"{number:2}. {_place(result)}  {click.style(visible(result.symbol), bold=True)}  {click.style(f'{result.score:.2f}', dim=True)}"
        )
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
        click.echo(f"Covered so far: {response.coverage.indexed:,} of {response.coverage.total:,} files.", err=True)
    for reason in response.reasons:
        click.echo(f"Note: {visible(reason)}", err=True)


def print_status(status: Status, *, as_json: bool) -> None:
    """What `codekin status` says."""
    if as_json:
        print_json(status_shape(status))
        return
    click.echo(
        f"{status.state}: {status.files:,} files, {status.chunks:,} chunks{_commits(status.commits)}, {status.embedder_name} ({status.embedder_dim} wide)"
    )
    if not status.coverage.complete:
        click.echo(f"  covered: {status.coverage.indexed:,} of {status.coverage.total:,} files")
    for name, store in status.stores.items():
        click.echo(f"  {name}: {store.active} ({store.why})")
    if status.deep.state != "off":
        click.echo(f"  deep model: {status.deep.state}, {status.deep.covered:,} of {status.deep.total:,} chunks read")
    for reason in status.reasons:
        click.echo(f"  {visible(reason)}")


def print_doctor(status: Status, *, as_json: bool) -> None:
    """What `codekin doctor` says."""
    if as_json:
        print_json(status_shape(status))
        return
    for line in doctor_text(status).split("\n"):
        click.echo(visible(line))


def print_verdict(file: Path, verdict: str, *, as_json: bool) -> None:
    """What `codekin doctor --file` says."""
    if as_json:
        print_json({"file": str(file), "verdict": verdict})
    else:
        click.echo(f"{visible(str(file))}: {visible(verdict)}")


def _commits(count: int) -> str:
    return f", {count:,} commits" if count else ""


def print_sync(report: SyncReport, embedded: int, *, as_json: bool) -> None:
    """What `codekin store sync` says."""
    if as_json:
        print_json(sync_shape(report, embedded))
        return
    versions = report.versions
    state = "In step" if report.in_step else "Not in step"
    click.echo(f"{state}: {report.files:,} files, {report.chunks:,} chunks ({report.took_ms:.1f} ms)")
    for name, held in (("vectors", report.vectors), ("postings", report.lexical)):
        click.echo(f"  {name}: {held.stored:,} stored, {held.missing:,} missing, {held.orphaned:,} unnamed")
    click.echo(f"  model: {versions.model} ({versions.dim} wide) in {versions.store}")
    if versions.building:
        click.echo(f"  {versions.building} is to follow it and is not complete")
    if versions.chunker != versions.chunker_recorded:
        click.echo(f"  cut by version {versions.chunker_recorded or 'unknown'}, to be cut by {versions.chunker}")
    _print_lacking(report)
    for problem in report.problems:
        click.echo(f"  {visible(problem)}")
    if embedded:
        click.echo(f"  embedded again: {embedded:,}")
    if not report.in_step:
        click.echo("To fix: run `codekin store sync --fix`.", err=True)


def _print_lacking(report: SyncReport) -> None:
    for path in report.incomplete[:_MOST_PATHS]:
        click.echo(f"  lacks something: {visible(path)}")
    if len(report.incomplete) > _MOST_PATHS:
        click.echo(f"  and {len(report.incomplete) - _MOST_PATHS:,} files more")
    for item in report.quarantined[:_MOST_PATHS]:
        click.echo(f"  could not be embedded: a chunk of {', '.join(map(visible, item.paths))}: {visible(item.reason)}")
    if len(report.quarantined) > _MOST_PATHS:
        click.echo(f"  and {len(report.quarantined) - _MOST_PATHS:,} chunks more")


def _place(result: SearchResult) -> str:
    if result.commit:
        kind = f"pull request #{result.pull_request}" if result.kind == "pull_request" else result.kind
        return (
            f"{click.style(f'{kind} {result.commit[:10]}', fg='yellow', bold=True)}  {who(result.author, result.day)}"
        )
    line = result.focus.start_line if result.focus else result.start_line
    return click.style(f"{visible(result.path)}:{line + 1}", fg="cyan", bold=True)


def _shown_lines(result: SearchResult) -> list[str]:
    lines = split_lines(result.snippet)
    first = max(0, result.focus.start_line - result.start_line) if result.focus else int(bool(result.commit))
    lines = [line.rstrip("\r\n") for line in lines[first:] if line.strip()]
    return [_shown(line) for line in lines[:_SNIPPET_LINES]]


def _shown(line: str) -> str:
    return visible(line[:_LINE_CHARACTERS], tabs=True)


def print_json(value: object) -> None:
    """One object on one line, in UTF-8 whatever the terminal's encoding is."""
    click.echo(json_line(value).encode())
