"""The output of `codekin evaluate`."""

from __future__ import annotations

from dataclasses import asdict

import click
import msgspec

from codekin.evaluating.evaluation import Evaluation, Row

CAUTION = (
    "Queries made from comments and names share words with the surrounding code, which favours lexical matching. "
    "Compare rows with each other; the figures do not show how often people find what they look for."
)
NOISE = "With this number of queries, differences below {:.3f} are noise."


def print_evaluation(found: Evaluation, *, as_json: bool) -> None:
    """Print a table, or one JSON object with the same figures."""
    if as_json:
        click.echo(msgspec.json.encode({**asdict(found), "caution": CAUTION}).decode())
        return
    count = sum(found.queries.values())
    click.echo(
        f"{count} queries ({found.queries['doc']} from doc comments, {found.queries['name']} from names, held out)"
        f" over {found.chunks:,} chunks in {found.files:,} files"
    )
    for model, seconds in found.seconds.items():
        click.echo(f"{model}: indexed in {seconds:.1f} s")
    if not count:
        click.echo("The workspace has too few doc comments and names to make queries from.")
        return
    click.echo(f"{'':42}  NDCG@10    MRR  recall@10   doc  name   p50 ms   p95 ms")
    for row in found.rows:
        click.echo(_line(row))
    click.echo(NOISE.format(_noise(count)))
    click.echo(CAUTION)


def _line(row: Row) -> str:
    title = f"  without {row.without}" if row.without else f"{row.model}, {row.mode}"
    times = "" if row.without else f" {row.p50_ms:8.1f} {row.p95_ms:8.1f}"
    measures = f"{row.score.ndcg:9.3f} {row.score.mrr:6.3f} {row.score.recall:10.3f}"
    return f"{title:42}{measures} {row.doc_ndcg:5.2f} {row.name_ndcg:5.2f}{times}"


def _noise(queries: int) -> float:
    """Return twice the standard error of a mean of paired differences.

    Their standard deviation is assumed to be 0.15, as measured on several repositories.
    """
    return float(2 * 0.15 / queries**0.5)
