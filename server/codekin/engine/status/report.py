"""The report of `codekin doctor` and the editor: active parts, skipped files, and what to fix."""

from __future__ import annotations

from codekin.engine.status.status import Status

_MAX_REASONS = 40


def doctor_text(status: Status) -> str:
    """Return the report as plain text, one fact per line."""
    lines = [f"State: {status.state}", *(f"  {reason}" for reason in status.reasons)]
    lines.append(
        f"Process {status.pid} {'writes' if status.writer else 'follows another process that writes'} this index."
    )
    lines.extend(f"Root: {root}" for root in status.roots)
    coverage = status.coverage
    lines.append(f"Indexed: {coverage.indexed:,} of {coverage.total:,} files, {status.chunks:,} chunks")
    if status.commits:
        lines.append(f"Commits: {status.commits:,}")
    lines.append(f"Model: {status.embedder_name}, {status.embedder_dim} dimensions")
    deep = status.deep
    if deep.state != "off":
        remaining = "" if deep.remaining_s is None else f", about {max(1, round(deep.remaining_s / 60))} min left"
        lines.append(
            f"Deep model: {deep.state}, {deep.model}, {deep.covered:,} of {deep.total:,} chunks embedded{remaining}"
        )
    lines.append(f"Embedded by this process: {status.computed:,}; reused from the index: {status.reused:,}")
    measures = status.measures
    lines.append(f"Memory: {measures.memory_bytes / (1 << 20):,.0f} MiB")
    if measures.judged:
        lines.append(
            f"Searches of the last minutes: {measures.judged:,}, 50% within {measures.latency_p50_ms:,.1f} ms, "
            f"95% within {measures.latency_p95_ms:,.1f} ms, {measures.error_rate:.0%} failed"
        )
    if status.redacted:
        lines.append(f"Secrets blanked out before storing: {status.redacted:,}")
    for name, store in status.stores.items():
        lines.append(f"Store for {name}: {store.active} ({store.why}), {store.path}")
    lines.append("Skipped:" if status.skipped else "Skipped: none")
    by_count = sorted(status.skipped.items(), key=lambda item: (-item[1], item[0]))
    lines.extend(f"  {count:,} {reason}" for reason, count in by_count[:_MAX_REASONS])
    if len(by_count) > _MAX_REASONS:
        lines.append(f"  and {len(by_count) - _MAX_REASONS:,} more reasons")
    return "\n".join(lines)
