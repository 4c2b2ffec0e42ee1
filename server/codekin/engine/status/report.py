"""The report that `codekin doctor` and the editor show: what is active and why, what is left out, what would help."""

from __future__ import annotations

from codekin.engine.status.status import Status

_MOST_REASONS = 40


def doctor_text(status: Status) -> str:
    """Plain text, a fact a line."""
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
        lines.append(f"Deep model: {deep.state}, {deep.model}, {deep.covered:,} of {deep.total:,} chunks read")
    lines.append(f"Embedded by this process: {status.computed:,}; taken from the index: {status.reused:,}")
    measures = status.measures
    lines.append(f"Memory: {measures.memory_bytes / (1 << 20):,.0f} MiB")
    if measures.judged:
        lines.append(
            f"Searches of the last minutes: {measures.judged:,}, half within {measures.latency_p50_ms:,.1f} ms, "
            f"95 % within {measures.latency_p95_ms:,.1f} ms, {measures.error_rate:.0%} failed"
        )
    if status.redacted:
        lines.append(f"Secrets blanked out before storing: {status.redacted:,}")
    for name, store in status.stores.items():
        lines.append(f"Store for {name}: {store.active} ({store.why}), {store.path}")
    lines.append("Left out:" if status.skipped else "Left out: nothing")
    by_count = sorted(status.skipped.items(), key=lambda item: (-item[1], item[0]))
    lines.extend(f"  {count:,} {reason}" for reason, count in by_count[:_MOST_REASONS])
    if len(by_count) > _MOST_REASONS:
        lines.append(f"  and {len(by_count) - _MOST_REASONS:,} reasons more")
    return "\n".join(lines)
