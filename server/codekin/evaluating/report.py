"""What `codekin evaluate` prints."""

from __future__ import annotations

from dataclasses import asdict

import click
import msgspec

from codekin.evaluating.evaluation import Evaluation, Row

CAUTION = (
    "Queries made from comments and names share words with the code around them: they flatter lexical matching. Compare rows with"
    " one another; do not read them as how often people find what they ask for."
)
NOISE = "Differences under {:.3f} are within the noise of this many queries."


def print_evaluation(found: Evaluation, *, as_json: bool) -> None:
    """A table, or one JSON object with the same figures."""
    if as_json:
        click.echo(msgspec.json.encode({**asdict(found), "caution": CAUTION}).decode())
        return
    asked = sum(found.queries.values())
    click.echo(
        f"{asked} queries ({found.queries['doc']} from doc comments, {found.queries['name']} from names, held out)"
        f" over {found.chunks:,} chunks in {found.files:,} files"
    )
    for model, seconds in found.seconds.items():
        click.echo(f"{model}: indexed in {seconds:.1f} s")
    if not asked:
        click.echo("Too few doc comments and names to make queries from.")
        return
    click.echo(f"{'':42}  NDCG@10    MRR  recall@10   doc  name   p50 ms   p95 ms")
    for row in found.rows:
        click.echo(_line(row))
    click.echo(NOISE.format(_noise(asked)))
    click.echo(CAUTION)


def _line(row: Row) -> str:
    title = f"  without {row.without}" if row.without else f"{row.model}, {row.mode}"
    times = "" if row.without else f" {row.p50_ms:8.1f} {row.p95_ms:8.1f}"
    measures = f"{row.score.ndcg:9.3f} {row.score.mrr:6.3f} {row.score.recall:10.3f}"
    return f"{title:42}{measures} {row.doc_ndcg:5.2f} {row.name_ndcg:5.2f}{times}"


def _noise(asked: int) -> float:
    """Twice the standard error of a mean of paired differences whose deviation is 0.15, which is what it was on repositories."""
    return float(2 * 0.15 / asked**0.5)
