"""The engine's values as the shapes that clients rely on.

Names, titles and authors are labels there, so their invisible characters are shown as escapes
(`codekin.display`); paths, addresses and snippets are data and stay exact.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

from pygls import uris

from codekin.display import visible

if TYPE_CHECKING:
    from codekin.domain.commits import Blamed
    from codekin.domain.search import Coverage, SearchResponse, SearchResult
    from codekin.engine import Estimate, Measures, Status
    from codekin.mapping import SemanticMap
    from codekin.searching import Facets


COMMIT_SCHEME = "codekin-commit"
"""Scheme of the URI of a commit: the hash is its path, the folder searched its query."""


def path_of(uri: str) -> Path | None:
    """The local file behind a URI; None for anything that is no file."""
    if not uri.startswith("file:") or "%00" in uri or "\0" in uri:
        return None
    try:
        path = uris.to_fs_path(uri)
        if path and "\ufffd" in path:  # a name that is not UTF-8: exactly the bytes that it was made of
            path = unquote(urlsplit(uri).path, errors="surrogateescape")
    except ValueError:  # no address at all, such as file://[
        return None
    return Path(path) if path else None


def commit_of(uri: str) -> tuple[Path, str, str] | None:
    """(folder, hash, path) behind the URI of a commit, or of a file as of it, else with the path ""; None for anything else.
    Editors may encode the query once more.
    """
    scheme, _, rest = uri.partition(":")
    sha, _, root = rest.lstrip("/").partition("?")
    sha, _, path = sha.partition("/")
    return (Path(_unquoted(root)), sha, _unquoted(path)) if scheme == COMMIT_SCHEME and sha and root else None


def uri_of(root: str, path: str) -> str:
    """The file URI of a path below a root."""
    try:
        return uris.from_fs_path(str(Path(root) / path)) or ""
    except UnicodeEncodeError:  # a name that is not UTF-8
        return (Path(root) / path).as_uri()


def _unquoted(text: str) -> str:
    return unquote(text, errors="surrogateescape").replace("\0", "")


def _commit_uri(root: str, sha: str) -> str:
    return f"{COMMIT_SCHEME}:/{sha}?{quote(root, errors='surrogateescape')}"


def line_range(start_line: int, end_line: int) -> dict[str, Any]:
    """Whole lines: column 0 in every position encoding."""
    return {"start": {"line": start_line, "character": 0}, "end": {"line": max(end_line, start_line), "character": 0}}


def result(item: SearchResult) -> dict[str, Any]:
    """One result of codekin/search and codekin/related."""
    shape = {
        "uri": uri_of(item.root, item.path),
        "path": item.path,
        "range": line_range(item.start_line, item.end_line),
        "kind": item.kind,
        "symbol": visible(item.symbol),
        "language": item.language,
        "score": item.score,
        "snippet": item.snippet,
    }
    if item.author or item.date:
        shape |= {"author": visible(item.author), "date": item.day}
    if item.commit:
        shape |= {"commit": item.commit, "uri": _commit_uri(item.root, item.commit)}
    if item.revision:
        shape |= {
            "revision": item.revision,
            "uri": _commit_uri(item.root, f"{item.revision}/{quote(item.path, errors='surrogateescape')}"),
        }
    if item.pull_request:
        shape["pullRequest"] = item.pull_request
    if item.relation:
        shape |= {"relation": item.relation, "reason": item.reason}
    return {**shape, "parts": item.parts} if item.parts else shape


def coverage(value: Coverage) -> dict[str, Any]:
    """How much is indexed."""
    return {"indexed": value.indexed, "total": value.total, "complete": value.complete}


def blamed(root: str, item: Blamed) -> dict[str, Any]:
    """Lines of one commit, of codekin/blame."""
    shape: dict[str, Any] = {"range": line_range(item.start_line, item.end_line), "committed": bool(item.sha)}
    if item.sha:
        shape |= {"commit": item.sha, "uri": _commit_uri(root, item.sha)}
        shape |= {"title": visible(item.title), "author": visible(item.author)}
        shape |= {"date": item.day, "cut": item.cut}
    return shape


def response(answer: SearchResponse) -> dict[str, Any]:
    """The whole answer."""
    return {
        "results": [result(item) for item in answer.results],
        "coverage": coverage(answer.coverage),
        "tookMs": answer.took_ms,
        "reasons": list(answer.reasons),
    }


def facets_of(value: Facets) -> dict[str, Any]:
    """codekin/filters."""
    names = ("languages", "extensions", "folders", "kinds", "authors")
    return {name: dict(getattr(value, name)) for name in names}


def semantic_map(value: SemanticMap) -> dict[str, Any]:
    """codekin/map: an array for each property of the points, which is half the size of an object for each point."""
    points = value.points
    return {
        **unchanged_map(value),
        "unchanged": False,
        "groups": list(value.groups),
        "files": [{"uri": uri_of(at.root, at.path), "path": at.path, "group": at.group} for at in value.files],
        "points": {
            "x": [point.x for point in points],
            "y": [point.y for point in points],
            "file": [point.file for point in points],
            "startLine": [point.start_line for point in points],
            "endLine": [point.end_line for point in points],
            "symbol": [visible(point.symbol) for point in points],
            "kind": [point.kind for point in points],
        },
    }


def unchanged_map(value: SemanticMap) -> dict[str, Any]:
    """The same for a client that has this map already."""
    return {"revision": value.revision, "unchanged": True, "shown": len(value.points), "total": value.total}


def status(value: Status) -> dict[str, Any]:
    """codekin/status and codekin/statusChanged."""
    stores = {name: {"active": s.active, "why": s.why, "path": s.path} for name, s in value.stores.items()}
    return {
        "state": value.state,
        "reasons": list(value.reasons),
        "roots": list(value.roots),
        "files": value.files,
        "chunks": value.chunks,
        "commits": value.commits,
        "coverage": coverage(value.coverage),
        "embedder": {"name": value.embedder_name, "dim": value.embedder_dim},
        "stores": stores,
        "embedCalls": {"computed": value.computed, "reused": value.reused},
        "skipped": value.skipped,
        "redacted": value.redacted,
        "ratePerS": value.rate_per_s,
        "pid": value.pid,
        "writer": value.writer,
        "deep": {
            "state": value.deep.state,
            "model": value.deep.model,
            "covered": value.deep.covered,
            "total": value.deep.total,
        },
        "metrics": metrics(value.measures),
        "alerts": list(value.alerts),
        "estimate": estimate(value.estimate) if value.estimate else None,
    }


def estimate(value: Estimate) -> dict[str, Any]:
    """What a first index that waits would take."""
    return {
        "files": value.files,
        "sourceBytes": value.source_bytes,
        "seconds": value.seconds,
        "diskBytes": value.disk_bytes,
        "text": value.text,
    }


def metrics(value: Measures) -> dict[str, Any]:
    """What is counted and timed."""
    return {
        "searches": dict(value.searches),
        "indexErrors": value.index_errors,
        "searchesPerS": value.searches_per_s,
        "latencyP50Ms": value.latency_p50_ms,
        "latencyP95Ms": value.latency_p95_ms,
        "errorRate": value.error_rate,
        "memoryBytes": value.memory_bytes,
        "lateLoops": value.late_loops,
        "longestLateMs": round(value.longest_late_ms, 1),
        "waiting": {
            "files": value.waiting.files,
            "changes": value.waiting.changes,
            "searches": value.waiting.searches,
        },
    }


def without_engine(failure: str) -> dict[str, Any]:
    """The status while there is no engine: it is being opened, or, where `failure` says why, cannot be."""
    state = {"state": "degraded", "reasons": [failure]} if failure else {"state": "starting", "reasons": []}
    return {**state, **_NOTHING}


_NOTHING: dict[str, Any] = {
    "roots": [],
    "files": 0,
    "chunks": 0,
    "commits": 0,
    "coverage": {"indexed": 0, "total": 0, "complete": False},
    "embedder": {"name": "", "dim": 0},
    "stores": {},
    "embedCalls": {"computed": 0, "reused": 0},
    "skipped": {},
    "alerts": [],
}
