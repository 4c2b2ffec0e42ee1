"""The engine's values in the protocol's shapes.

They are the shapes of `codekin.shapes`, with ranges, URIs and labels. Names, titles and authors are
labels, so their invisible characters become escapes (`codekin.display`). Paths, addresses and
snippets are data and stay exact.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import quote, unquote, urlsplit

from pygls import uris

from codekin.display import visible
from codekin.lsp.shapes import (
    Answer,
    BlamedLines,
    Deep,
    Duplicates,
    Estimate,
    Explanation,
    FilterValues,
    MapPoints,
    Metrics,
    Range,
    Result,
    SemanticMap,
    State,
    Status,
    UnchangedMap,
)
from codekin.shapes import answer_shape, blamed_shape, duplicates_shape, status_shape

if TYPE_CHECKING:
    from codekin import engine, mapping, searching
    from codekin.domain.commits import Blamed
    from codekin.domain.search import Coverage, SearchResponse, SearchResult
    from codekin.shapes import ResultShape

T = TypeVar("T")
_LABELS = frozenset(("symbol", "title", "author"))
_UNDERSCORE = re.compile(r"_(\w)")
COMMIT_SCHEME = "codekin-commit"
"""Scheme of the URI of a commit: its path is the hash, its query the searched folder."""


def path_of(uri: str) -> Path | None:
    """Return the local file that a URI names, or None if it names no local file."""
    if not uri.startswith("file:") or "%00" in uri or "\0" in uri:
        return None
    try:
        path = uris.to_fs_path(uri)
        if path and "\ufffd" in path:  # a name that is not UTF-8, which keeps its exact bytes
            path = unquote(urlsplit(uri).path, errors="surrogateescape")
    except ValueError:  # not a valid URI, such as file://[
        return None
    return Path(path) if path else None


def commit_of(uri: str) -> tuple[Path, str, str] | None:
    """Return (folder, hash, path) of the URI of a commit, or None for any other URI.

    The path is "" unless the URI names a file at that commit. Editors may encode the query a second
    time.
    """
    scheme, _, rest = uri.partition(":")
    sha, _, root = rest.lstrip("/").partition("?")
    sha, _, path = sha.partition("/")
    return (Path(_unquoted(root)), sha, _unquoted(path)) if scheme == COMMIT_SCHEME and sha and root else None


def uri_of(root: str, path: str) -> str:
    """Return the file URI of a path below a root."""
    try:
        return uris.from_fs_path(str(Path(root) / path)) or ""
    except UnicodeEncodeError:  # a name that is not UTF-8
        return (Path(root) / path).as_uri()


def _unquoted(text: str) -> str:
    return unquote(text, errors="surrogateescape").replace("\0", "")


def result_uri(item: SearchResult) -> str:
    """Return the URI of a result: of a file, of a commit, or of a file at a commit."""
    if item.revision:
        return _commit_uri(item.root, f"{item.revision}/{quote(item.path, errors='surrogateescape')}")
    return _commit_uri(item.root, item.commit) if item.commit else uri_of(item.root, item.path)


def _commit_uri(root: str, sha: str) -> str:
    return f"{COMMIT_SCHEME}:/{sha}?{quote(root, errors='surrogateescape')}"


def line_range(start_line: int, end_line: int) -> Range:
    """Return the range of whole lines [start, end): column 0 in every position encoding."""
    return {"start": {"line": start_line, "character": 0}, "end": {"line": max(end_line, start_line), "character": 0}}


def answer(value: SearchResponse) -> Answer:
    """Return the answer of codekin/search and codekin/related."""
    shape = answer_shape(value, exact=True)
    results = [_result(*pair) for pair in zip(value.results, shape["results"], strict=True)]
    return _as(Answer, {**shape, "results": results})


def _result(item: SearchResult, shape: ResultShape) -> Result:
    own: dict[str, Any] = {"uri": result_uri(item), "range": line_range(item.start_line, item.end_line)}
    if item.focus:
        own["focus"] = {
            "start": {"line": item.focus.start_line, "character": item.focus.start_column},
            "end": {"line": item.focus.end_line, "character": item.focus.end_column},
        }
    if item.relation:
        own["reason"] = item.reason
    if item.symbol_kind:
        own["symbolKind"] = item.symbol_kind
    return _as(Result, {**_labelled(shape), **own})


def duplicates(value: searching.Duplicates, coverage: Coverage) -> Duplicates:
    """Return the answer of codekin/duplicates."""
    shape = duplicates_shape(value, coverage, exact=True)
    groups = [
        {**labelled, "places": [_result(*pair) for pair in zip(group.places, labelled["places"], strict=True)]}
        for group, labelled in zip(value.groups, shape["groups"], strict=True)
    ]
    return _as(Duplicates, {**shape, "groups": groups})


def explanation(value: searching.Explanation) -> Explanation:
    """Return the answer of codekin/explain."""
    return {
        "found": value.found,
        "range": line_range(value.start_line, value.end_line),
        "rank": value.rank,
        "score": value.score,
        "parts": value.parts,
        "reason": value.reason,
    }


def blamed(root: str, item: Blamed) -> BlamedLines:
    """Return consecutive lines of one commit, for codekin/blame."""
    own: dict[str, Any] = {"range": line_range(item.start_line, item.end_line)}
    if item.sha:
        own["uri"] = _commit_uri(root, item.sha)
    return _as(BlamedLines, {**_labelled(blamed_shape(item)), **own})


def filter_values(value: searching.Facets) -> FilterValues:
    """Return the answer of codekin/filters."""
    return _as(FilterValues, {name: dict(getattr(value, name)) for name in FilterValues.__annotations__})


def semantic_map(value: mapping.SemanticMap) -> SemanticMap:
    """Return the answer of codekin/map."""
    points = value.points
    columns: MapPoints = {
        "x": [point.x for point in points],
        "y": [point.y for point in points],
        "file": [point.file for point in points],
        "startLine": [point.start_line for point in points],
        "endLine": [point.end_line for point in points],
        "symbol": [visible(point.symbol) for point in points],
        "kind": [point.kind for point in points],
    }
    return {
        "revision": value.revision,
        "unchanged": False,
        "shown": len(points),
        "total": value.total,
        "groups": list(value.groups),
        "files": [{"uri": uri_of(at.root, at.path), "path": at.path, "group": at.group} for at in value.files],
        "points": columns,
    }


def unchanged_map(value: mapping.SemanticMap) -> UnchangedMap:
    """Return the answer of codekin/map for a client that already has this map."""
    return {"revision": value.revision, "unchanged": True, "shown": len(value.points), "total": value.total}


def status(value: engine.Status) -> Status:
    """Return the answer of codekin/status, which codekin/statusChanged sends as well."""
    shape = status_shape(value, exact=True)
    own = {
        "embedder": {"name": value.embedder_name, "dim": value.embedder_dim},
        "embedCalls": {"computed": value.computed, "reused": value.reused},
        "deep": _as(Deep, shape["deep"]),
        "metrics": _as(Metrics, shape["metrics"]),
        "estimate": _estimate(value.estimate) if value.estimate else None,
    }
    return _as(Status, {**shape, **own})


def _estimate(value: engine.Estimate) -> Estimate:
    return {
        "files": value.files,
        "sourceBytes": value.source_bytes,
        "seconds": value.seconds,
        "diskBytes": value.disk_bytes,
        "text": value.text,
    }


def without_engine(failure: str) -> Status:
    """Return the status while no engine is open.

    With a `failure`, the engine could not be opened; otherwise it is being opened.
    """
    state: State = "degraded" if failure else "starting"
    return {
        "state": state,
        "reasons": [failure] if failure else [],
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


def _as(kind: type[T], values: Mapping[str, Any]) -> T:
    """Return `values` under the protocol's names and in its order, without unknown keys."""
    named = {_camel(name): value for name, value in values.items()}
    return cast("T", {name: named[name] for name in kind.__annotations__ if name in named})


def _camel(name: str) -> str:
    return _UNDERSCORE.sub(lambda match: match[1].upper(), name)


def _labelled(shape: Mapping[str, Any]) -> dict[str, Any]:
    """Return the shape with invisible characters escaped in names, titles and authors."""
    return {name: visible(value) if name in _LABELS else value for name, value in shape.items()}
